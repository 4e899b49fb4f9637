package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// fetch asks the handler for a path.
func fetch(h http.Handler, path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "http://wails.localhost"+path, nil))
	return answer
}

func TestBootScriptGivesTheLinkOnce(t *testing.T) {
	t.Parallel()
	page := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte("page")) })
	h := (&boot{link: `http://127.0.0.1:1/open/x?a=1&b="</script>`, home: "http://127.0.0.1:1/"}).wrap(page)

	if got := fetch(h, "/").Body.String(); got != "page" {
		t.Errorf("/ = %q, want the page", got)
	}
	first := fetch(h, "/boot.js")
	if got, want := first.Body.String(), `location.replace("http://127.0.0.1:1/open/x?a=1\u0026b=\"\u003c/script\u003e")`+"\n"; got != want {
		t.Errorf("first /boot.js = %q, want %q", got, want)
	}
	for name, want := range map[string]string{"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-store"} {
		if got := first.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got, want := fetch(h, "/boot.js").Body.String(), `location.replace("http://127.0.0.1:1/")`+"\n"; got != want {
		t.Errorf("second /boot.js = %q, want %q", got, want)
	}
}

func TestBootScriptIsEmptyWhereTheWindowTookTheLink(t *testing.T) {
	t.Parallel()
	h := (&boot{link: "http://127.0.0.1:1/open/x", home: "http://127.0.0.1:1/", led: func() bool { return true }}).wrap(http.NotFoundHandler())
	if got := fetch(h, "/boot.js"); got.Code != http.StatusOK || got.Body.Len() > 0 {
		t.Errorf("/boot.js = %d %q, want nothing in the way of the window's own load", got.Code, got.Body)
	}
}
