package loopback_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/loopback"
)

func TestALaunchLinkWorksOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link := strings.TrimPrefix(s.server.Link(), s.origin)
	first, second := s.get(link), s.get(link)
	for i, got := range []answer{first, second} {
		if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
			t.Errorf("use %d: %d to %q, want 303 to /", i+1, got.status, got.header.Get("Location"))
		}
	}
	if got := second.cookies(); len(got) > 0 {
		t.Errorf("the second use set %d cookies", len(got))
	}
	cookies := first.cookies()
	if len(cookies) != 1 {
		t.Fatalf("the first use set %d cookies, want one", len(cookies))
	}
	c := cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("cookie %q: want HttpOnly, SameSite=Strict, Path=/ and no Domain", c.Raw)
	}
	if c.MaxAge != 0 || !c.Expires.IsZero() {
		t.Error("the cookie outlives the browser's session")
	}
	if len(c.Value) < 43 {
		t.Errorf("the cookie has %d characters, want 256 bits", len(c.Value))
	}
}

func TestOnlyTheNewestLaunchLinksStayOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var links []string
	for range loopback.MaxLinks + 1 {
		links = append(links, strings.TrimPrefix(s.server.Link(), s.origin))
	}
	for i, link := range links {
		if got, want := len(s.get(link).cookies()), min(i, 1); got != want {
			t.Errorf("link %d of %d set %d cookies, want %d", i+1, len(links), got, want)
		}
	}
}

func TestALaunchLinkTellsWhenItWasOpened(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	link, other := s.server.Link(), s.server.Link()
	opened, untouched := s.server.Opened(link), s.server.Opened(other)
	isClosed := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	s.get("/open/" + strings.Repeat("a", 43))
	if isClosed(opened) {
		t.Error("the link counts as opened before anybody opened it")
	}
	s.get(strings.TrimPrefix(link, s.origin))
	if !isClosed(opened) || !isClosed(s.server.Opened(link)) {
		t.Error("the link was opened, and does not tell")
	}
	if isClosed(untouched) {
		t.Error("another link than the one that was opened tells of it")
	}
}

// Cookies do not tell ports apart: a browser sends both servers' cookies to
// both.
func TestTwoServersOnOneHostKeepTheirOwnCookies(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	status := func(s *site, target string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close() // only the status counts
		return resp.StatusCode
	}
	a, b := newSite(t), newSite(t)
	status(a, a.server.Link())
	if got := status(b, b.origin+"/api/snapshot"); got != http.StatusForbidden {
		t.Errorf("one server's cookie opens the other: %d, want 403", got)
	}
	status(b, b.server.Link())
	for _, s := range []*site{a, b} {
		if got := status(s, s.origin+"/api/snapshot"); got != http.StatusOK {
			t.Errorf("snapshot of %s: %d, want 200", s.origin, got)
		}
	}
	u, _ := url.Parse(a.origin)
	if got := len(jar.Cookies(u)); got != 2 {
		t.Errorf("%d cookies in the browser, want both servers'", got)
	}
}

// A page on another port can set a cookie of our name for a longer path, which
// the browser then sends first.
func TestACookieThatWasTossedInDoesNotHideOurs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	got := s.get("/api/snapshot", "Cookie: dingpass_{port}=tossed; {cookie}")
	if got.status != http.StatusOK {
		t.Errorf("status %d, want 200", got.status)
	}
}

// DingTalk's redirect comes from another site, and so does what follows it: a
// SameSite=Strict cookie stays behind until a page of ours asks by itself.
func TestABrowserThatCameFromAnotherSiteGetsBackIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	first := s.get("/", "Sec-Fetch-Site: cross-site")
	const again = `<meta http-equiv="refresh" content="0;url=/?opened">`
	if first.status != http.StatusOK || !strings.Contains(first.body, again) {
		t.Fatalf("without the cookie: %d, want a page that asks again:\n%s", first.status, first.body)
	}
	if got := s.get("/?opened", "Cookie: {cookie}", "Sec-Fetch-Site: same-origin"); got.status != http.StatusOK || !strings.Contains(got.body, "the interface") {
		t.Errorf("with the cookie: %d, want the interface", got.status)
	}
	elsewhere := s.get("/?opened")
	if elsewhere.status != http.StatusForbidden || strings.Contains(elsewhere.body, "refresh") {
		t.Errorf("a browser that is not ours: %d, want 403 and no further reload", elsewhere.status)
	}
	if strings.Contains(first.body+elsewhere.body, "the interface") {
		t.Error("the interface is shown to whoever asks")
	}
}
