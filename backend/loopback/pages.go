package loopback

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
)

// interfacePage answers GET /. Without the cookie there are two cases: a
// browser that was sent here by another site, which leaves SameSite=Strict
// cookies out for the whole chain of redirects, and someone else. A page that
// reloads itself once tells them apart: the second request is our own.
func (s *Server) interfacePage(w http.ResponseWriter, r *http.Request) {
	switch {
	case s.launch.launched(r):
		s.opts.Service.Refresh(r.Context())
		defer s.pages.returned()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(s.indexWithSnapshot(r.Context())) // the page is gone if this fails
	case r.URL.RawQuery == "":
		s.page(w, r, http.StatusOK, pageAgain)
	default:
		s.page(w, r, http.StatusForbidden, pageElsewhere)
	}
}

// bodyEnd is where the present snapshot goes into the interface's page.
var bodyEnd = []byte("</body>")

// indexWithSnapshot is the interface's page with the present snapshot in it, so
// that the first view needs no further question: the QR is up some tens of
// milliseconds sooner. It is data, not script; json.Marshal escapes what HTML
// would read.
func (s *Server) indexWithSnapshot(ctx context.Context) []byte {
	data, err := json.Marshal(s.view(ctx, s.opts.Service.Snapshot()))
	if err != nil {
		return s.index // the page asks for it anyway
	}
	block := slices.Concat([]byte(`<script type="application/json" id="snapshot">`), data, []byte("</script>"), bodyEnd)
	return bytes.Replace(s.index, bodyEnd, block, 1)
}

// asset answers GET /assets/….
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	// ServeFileFS would take no-store off its own error page, and list a folder.
	if info, err := fs.Stat(s.opts.Assets, name); err != nil || info.IsDir() {
		s.notFound(w, r)
		return
	}
	// The machine's own table may call JavaScript text/plain (Windows keeps it
	// in the registry), and with nosniff the page would stay empty.
	if kind, ok := assetTypes[path.Ext(r.URL.Path)]; ok {
		w.Header().Set("Content-Type", kind)
	} else if kind := mime.TypeByExtension(path.Ext(r.URL.Path)); kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	http.ServeFileFS(w, r, s.opts.Assets, name) //nolint:gosec // an fs.FS refuses every path that leads out of it
}

var assetTypes = map[string]string{
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// smallPage is one of the pages for those who are not in the interface.
type smallPage struct {
	zh, en string
	head   string // further elements of <head>
}

var (
	pageNotOurs = smallPage{
		zh: "这里没有可显示的内容。",
		en: "There is nothing to see here.",
	}
	pageStray = smallPage{
		zh: "这个地址不属于正在进行的登录。什么都没有改变，请回到登录窗口继续。",
		en: "This address belongs to no sign-in that is running. Nothing has changed; please go on in the sign-in window.",
	}
	pageElsewhere = smallPage{
		zh: "此页面只属于打开它的那个窗口，链接只能用一次。可以关闭此页面，回到 dingpass。",
		en: "This page belongs to the window that opened it first; its link works once. You can close it and go back to dingpass.",
	}
	pageAgain = smallPage{
		zh:   "请稍候…",
		en:   "One moment…",
		head: `<meta http-equiv="refresh" content="0;url=/?opened">`,
	}
)

const pageStyle = `html{color-scheme:light dark;font:1.25rem/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}` +
	`body{min-height:100vh;margin:0;display:grid;place-content:center;text-align:center;padding:1rem;box-sizing:border-box}` +
	`p{margin:.25rem 0;max-width:34rem}`

// pageStyleHash admits exactly that style under the content security policy.
var pageStyleHash = hashOf(pageStyle)

func hashOf(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// page writes a small page. Nothing of the request is in it. The empty icon
// keeps the browser from asking for /favicon.ico, which nobody has.
func (s *Server) page(w http.ResponseWriter, _ *http.Request, status int, p smallPage) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">`+
		`<meta name="viewport" content="width=device-width,initial-scale=1"><title>dingpass</title><link rel="icon" href="data:,">`+
		`%s<style>%s</style></head><body><p>%s</p><p lang="en">%s</p></body></html>`,
		p.head, pageStyle, p.zh, p.en) // the page is gone if this fails
}
