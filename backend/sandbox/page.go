package sandbox

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"unicode/utf8"
)

var (
	//go:embed pages
	pages embed.FS
	//go:embed assets
	assets embed.FS
)

// page is what every page shows.
type page struct {
	Words          words
	frameAncestors string // of the CSP; "": anyone may frame the page
}

func newPage(r *http.Request) page { return page{Words: wordsFor(r.Header.Get("Accept-Language"))} }

func (p page) ancestors() string { return p.frameAncestors }

type errorPage struct {
	page
	Title, Detail string
}

// templates parses the pages. They are embedded: a mistake in them is found by
// the first test.
func templates() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"department": departmentName,
		"company":    companyName,
		"initial":    initial,
	}).ParseFS(pages, "pages/*.html"))
}

// initial is the last character of a name, as Chinese applications draw it in
// place of a picture.
func initial(name string) string {
	_, size := utf8.DecodeLastRuneInString(name)
	return name[len(name)-size:]
}

func companyName(corpID string) string {
	if corpID == OtherCorpID {
		return "别家公司（沙盒）"
	}
	return departmentName(1)
}

// show renders a page with the headers that all of them have.
func (s *Sandbox) show(w http.ResponseWriter, r *http.Request, status int, name string, data interface{ ancestors() string }) {
	var body bytes.Buffer
	if err := s.pages.ExecuteTemplate(&body, name, data); err != nil {
		http.Error(w, "page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
	if who := data.ancestors(); who != "" {
		policy += "; frame-ancestors " + who
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes()) // the browser has gone: nobody to tell
	}
}

// serveAssets serves the style and the script of the pages.
func serveAssets() http.Handler {
	serve := http.StripPrefix("/oauth2/", http.FileServerFS(assets))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		serve.ServeHTTP(w, r)
	})
}

// frontPage lists what can be scanned, for whoever opens the sandbox's address.
type frontPage struct {
	page
	Showing []QR
}

// front answers the bare address, which clients also use to warm a connection.
func (s *Sandbox) front(w http.ResponseWriter, r *http.Request) {
	shown := newPage(r)
	shown.frameAncestors = "'none'"
	s.show(w, r, http.StatusOK, "front.html", frontPage{shown, s.Showing()})
}

func (s *Sandbox) notFound(w http.ResponseWriter, r *http.Request) {
	shown := newPage(r)
	shown.frameAncestors = "'none'"
	s.show(w, r, http.StatusNotFound, "error.html", errorPage{shown, shown.Words.NotFound, ""})
}
