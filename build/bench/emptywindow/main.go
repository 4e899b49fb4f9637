//go:build desktop

// Emptywindow is the least that a Wails window can do: one static page from the
// binary. build/bench compares the product's start with it. Size and web view
// settings are those of app.go; what app.go sets through the environment is set
// by the caller, for both.
package main

import (
	"embed"
	"fmt"
	"io/fs"
	"os"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
)

//go:embed page/index.html
var files embed.FS

func main() {
	page, _ := fs.Sub(files, "page") // a constant that fs.ValidPath accepts: no other error
	err := wails.Run(&options.App{
		Title:              "empty",
		Width:              960,
		Height:             720,
		MinWidth:           400,
		MinHeight:          480,
		BackgroundColour:   options.NewRGB(0xf5, 0xf6, 0xf8),
		AssetServer:        &assetserver.Options{Assets: page},
		LogLevelProduction: logger.ERROR,
		DragAndDrop:        &options.DragAndDrop{DisableWebViewDrop: true},
		Linux:              &linux.Options{ProgramName: "emptywindow", WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
	})
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "emptywindow:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}
