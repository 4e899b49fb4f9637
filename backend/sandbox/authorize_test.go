package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

func TestWhatDingTalkRefusesEndsOnItsOwnPage(t *testing.T) {
	t.Parallel()
	k := start(t)
	for name, c := range map[string]struct{ key, value, says string }{
		"prompt is missing":                  {"prompt", "", "参数错误"},
		"prompt is another":                  {"prompt", "login", "参数错误"},
		"response_type is missing":           {"response_type", "", "参数错误"},
		"response_type is token":             {"response_type", "token", "参数错误"},
		"scope is missing":                   {"scope", "", "参数错误"},
		"scope has another word":             {"scope", "openid profile", "参数错误"},
		"scope is in another order":          {"scope", "corpid openid", "参数错误"},
		"scope has a literal plus":           {"scope", "openid+corpid", "参数错误"},
		"client_id is missing":               {"client_id", "", "应用不存在"},
		"client_id is unknown":               {"client_id", "dingother", "应用不存在"},
		"redirect_uri is missing":            {"redirect_uri", "", "参数错误"},
		"redirect_uri has a fragment":        {"redirect_uri", redirect + "#x", "参数错误"},
		"redirect_uri is no http":            {"redirect_uri", "javascript://127.0.0.1/x", "参数错误"},
		"redirect_uri is spelt localhost":    {"redirect_uri", "http://localhost:18765/callback", "回调地址未注册"},
		"redirect_uri is https":              {"redirect_uri", "https://127.0.0.1:18765/callback", "回调地址未注册"},
		"redirect_uri is IPv6":               {"redirect_uri", "http://[::1]:18765/callback", "回调地址未注册"},
		"redirect_uri only begins like ours": {"redirect_uri", "http://127.0.0.1.example/callback", "回调地址未注册"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			res := k.do(http.MethodGet, k.query(c.key, c.value), "")
			if res.status != http.StatusBadRequest || !strings.Contains(res.body, c.says) || data(res.body, "scan") != "" {
				t.Errorf("got %d without %q: %s", res.status, c.says, res.body)
			}
		})
	}
	t.Run("a parameter is there twice", func(t *testing.T) {
		t.Parallel()
		k := k.in(t)
		if res := k.do(http.MethodGet, k.query()+"&state=other", ""); res.status != http.StatusBadRequest {
			t.Errorf("got %d", res.status)
		}
	})
}

func TestRegisteredRedirectsBehaveLikePrefixes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		registered, redirect string
		ok                   bool
	}{
		"127.0.0.1 without a port allows any port and path": {"http://127.0.0.1", "http://127.0.0.1:40000/any/path", true},
		"a port is compared": {"http://127.0.0.1:8080", "http://127.0.0.1:8081/cb", false},
		"an origin allows any path (jeecgboot issue 4309)": {"http://127.0.0.1:8080", "http://127.0.0.1:8080/cb", true},
		"a path allows no other (jeecgboot issue 4309)":    {"http://127.0.0.1:8080/dinglogin", "http://127.0.0.1:8080/cb", false},
		"a path allows what is below it":                   {"http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a/b", true},
		"a path allows no longer word":                     {"http://127.0.0.1:8080/a", "http://127.0.0.1:8080/ab", false},
		"localhost without a port is port 80":              {"http://localhost", "http://localhost:8080/cb", false},
		"localhost with the port":                          {"http://localhost:8080", "http://localhost:8080/cb", true},
		"a host of the web, default port":                  {"https://example.com", "https://example.com:443/cb", true},
		"the second of two":                                {"https://login.dingtalk.com,http://127.0.0.1", "http://127.0.0.1:1/cb", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t, func(o *sandbox.Options) { o.RegisteredRedirects = strings.Split(c.registered, ",") })
			res := k.do(http.MethodGet, k.query("redirect_uri", c.redirect), "")
			if got := res.status == http.StatusOK; got != c.ok {
				t.Errorf("allowed: %v, want %v", got, c.ok)
			}
		})
	}
}

func TestConfirmingGoesBackWithTheCodeTwiceAndTheStateUnchanged(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open("redirect_uri", redirect+"?keep=1")
	k.phone(s, "userid", "zhang01", "action", "confirm")
	to := k.landed(s)
	q := to.Query()
	if q.Get("authCode") == "" || q.Get("authCode") != q.Get("code") || q.Get("state") != "S+/ 1" || q.Get("keep") != "1" {
		t.Errorf("landed at %v", to)
	}
	if to.Host != "127.0.0.1:18765" || to.Path != "/callback" {
		t.Errorf("landed at %v", to)
	}
}

func TestNoStateIsNotMadeUp(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open("state", "")
	k.phone(s, "userid", "zhang01", "action", "confirm")
	if k.landed(s).Query().Has("state") {
		t.Error("a state came back that was never sent")
	}
}

func TestAProgramWithoutJavaScriptFollowsThePage(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open()
	k.phone(s, "userid", "zhang01", "action", "confirm")
	res := k.do(http.MethodGet, s.proceed, "")
	if res.status != http.StatusFound || res.header.Get("Location") != k.landed(s).String() {
		t.Errorf("got %d %q", res.status, res.header.Get("Location"))
	}
}

func TestAFramedCodeIsForTheRedirectsOriginOnly(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) {
		o.RegisteredRedirects = []string{"http://127.0.0.1", "https://example.com"}
	})
	s := k.open("iframe", "true")
	if s.target != "http://127.0.0.1:18765" {
		t.Errorf("the frame talks to %q", s.target)
	}
	if s.proceed != "" || strings.Contains(s.page, "/oauth2/continue/") {
		t.Error("the frame offers to navigate")
	}
	if got := k.open("iframe", "true", "redirect_uri", "https://example.com:443/cb").target; got != "https://example.com" {
		t.Errorf("default port: the frame talks to %q", got)
	}
	framed := k.do(http.MethodGet, k.query("iframe", "true"), "").header.Get("Content-Security-Policy")
	full := k.do(http.MethodGet, k.query(), "").header.Get("Content-Security-Policy")
	if strings.Contains(framed, "frame-ancestors") || !strings.Contains(full, "frame-ancestors 'none'") {
		t.Errorf("framing: framed page %q, full page %q", framed, full)
	}
}

func TestAFrameThatNeedsItsCookieIsDeafWithoutIt(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) { o.FrameNeedsCookie = true })
	s := k.open("iframe", "true")
	k.phone(s, "userid", "zhang01", "action", "confirm")
	if got := k.watch(s, "waiting"); got["stage"] != "confirmed" {
		t.Errorf("with the cookie: %v", got)
	}
	k.client.Jar = nil
	if got := k.watch(s, "waiting"); got["stage"] != "waiting" || got["redirectUrl"] != nil {
		t.Errorf("without the cookie: %v", got)
	}
	full := k.open()
	k.phone(full, "userid", "zhang01", "action", "confirm")
	if got := k.watch(full, "waiting"); got["stage"] != "confirmed" {
		t.Errorf("the full page needs no cookie: %v", got)
	}
}

func TestTheQRNamesTheSandboxAsItListens(t *testing.T) {
	t.Parallel()
	k := start(t)
	asked := strings.Replace(k.URL(), "127.0.0.1", "localhost", 1)
	page := k.do(http.MethodGet, k.query(), "", "Host", strings.TrimPrefix(asked, "http://")).body
	if scan := data(page, "scan"); !strings.HasPrefix(scan, k.URL()+"/scan/") {
		t.Errorf("scan address %q", scan)
	}
	if !strings.Contains(page, "<svg class=\"qr\"") {
		t.Error("no QR on the page")
	}
}

func TestTheQRDoesNotGiveAwayWhatThePageKnows(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open()
	id := s.scan[strings.LastIndex(s.scan, "/")+1:]
	if res := k.do(http.MethodGet, "/oauth2/watch/"+id+"?wait=0", ""); res.status != http.StatusNotFound {
		t.Errorf("who saw the QR can follow it: %d", res.status)
	}
}

func TestACodeExpiresOnTheScreenAndOnThePhone(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) { o.CodeLifetime = time.Minute })
	s := k.open()
	k.clock.pass(time.Minute - time.Second)
	if got := k.watch(s, "waiting"); got["stage"] != "waiting" {
		t.Fatalf("before its time: %v", got)
	}
	k.clock.pass(time.Second)
	if got := k.watch(s, "waiting"); got["stage"] != "expired" || got["redirectUrl"] != nil {
		t.Errorf("on the screen: %v", got)
	}
	if res := k.phone(s, "userid", "zhang01", "action", "confirm"); res.status != http.StatusGone || !strings.Contains(res.body, "expired") {
		t.Errorf("on the phone: %d %s", res.status, res.body)
	}
	if res := k.do(http.MethodGet, s.proceed, ""); res.status != http.StatusGone {
		t.Errorf("without JavaScript: %d", res.status)
	}
}

func TestAWaitingPageHearsOfTheScanAtOnce(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open()
	heard := make(chan reply, 1)
	go func() {
		res, err := k.try(http.MethodGet, s.watch+"?wait=20&seen=waiting", "")
		if err != nil {
			t.Error(err)
		}
		heard <- res
	}()
	k.do(http.MethodGet, s.scan, "")
	if got := (<-heard).json(t); got["stage"] != "scanned" {
		t.Errorf("heard %v", got)
	}
}

func TestEveryPageSaysThatItIsASandbox(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open()
	for _, target := range []string{"/", "/nothing", k.query(), k.query("iframe", "true"), k.query("prompt", ""), s.scan, s.scan + "?as=zheng09", "/scan/none"} {
		res := k.do(http.MethodGet, target, "")
		if !strings.Contains(res.body, "沙盒 / SANDBOX") {
			t.Errorf("%s does not say so", target)
		}
		if !strings.HasPrefix(res.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has no policy", target)
		}
	}
}
