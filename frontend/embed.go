// Package frontend holds the built interface, for the core to serve.
//
// «npm run build» in this folder writes it to dist. A clone without a build
// compiles all the same: dist then holds only its placeholder, and there is no
// index.html to be served.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Assets returns the built interface: index.html and the files under assets/,
// whose names change with their content.
func Assets() fs.FS {
	// The name is a constant that fs.ValidPath accepts: there is no other error.
	assets, _ := fs.Sub(dist, "dist")
	return assets
}
