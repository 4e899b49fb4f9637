package conformance_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// The page of 1.1 is shown for every request that the client can be set to
// make, and what the person then confirms comes back with it.
func TestTheSignInPageTakesWhatTheClientSends(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		page   dingtalk.SignInPage
		person string
		corp   string // of the grant
	}{
		{"1.1 scope openid corpid, corpId", dingtalk.SignInPage{}, "zhang01", "dingcorpsandbox0001"},
		{"1.1 scope openid corpid, a person of two companies gets the one asked for", dingtalk.SignInPage{}, "zheng09", "dingcorpsandbox0001"},
		{"1.1 scope openid", dingtalk.SignInPage{WithoutCompany: true}, "zhang01", ""},
		{"1.1 org_type management", dingtalk.SignInPage{Managed: true}, "li02", "dingcorpsandbox0001"},
		{"1.1 exclusiveLogin, an enterprise account", dingtalk.SignInPage{Enterprise: true}, "qian05", "dingcorpsandbox0001"},
		{"1.1 exclusiveLogin, exclusiveCorpId, an account of that company", dingtalk.SignInPage{Enterprise: true, EnterpriseCorpID: "dingcorpsandbox0001"}, "qian05", "dingcorpsandbox0001"},
		{"1.1 challenge.htm", dingtalk.SignInPage{Challenge: true}, "zhang01", "dingcorpsandbox0001"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.client.Page = tc.page
			if grant := w.grant(tc.person); grant.CorpID != tc.corp {
				t.Errorf("corpId %q, want %q", grant.CorpID, tc.corp)
			}
		})
	}
}

// A page that asks for enterprise accounts lets nobody else in.
func TestTheSignInPageIsForEnterpriseAccounts(t *testing.T) {
	t.Parallel()
	const own, other = sandbox.DefaultCorpID, sandbox.OtherCorpID
	for _, tc := range []struct {
		name    string
		page    dingtalk.SignInPage
		account string // of the person; "": an ordinary one
		frame   bool
		in      bool
	}{
		{"1.1 exclusiveLogin, an ordinary account", dingtalk.SignInPage{Enterprise: true}, "", false, false},
		{"1.1 exclusiveLogin, another company's account", dingtalk.SignInPage{Enterprise: true}, other, false, true},
		{"1.1 exclusiveCorpId, an ordinary account", dingtalk.SignInPage{Enterprise: true, EnterpriseCorpID: own}, "", false, false},
		{"1.1 exclusiveCorpId, another company's account", dingtalk.SignInPage{Enterprise: true, EnterpriseCorpID: own}, other, false, false},
		{"1.1 exclusiveCorpId, that company's account", dingtalk.SignInPage{Enterprise: true, EnterpriseCorpID: other}, other, false, true},
		{"1.5 exclusiveCorpId in a frame, an ordinary account", dingtalk.SignInPage{Enterprise: true, EnterpriseCorpID: own}, "", true, false},
		{"1.5 exclusiveCorpId in a frame, that company's account", dingtalk.SignInPage{Enterprise: true, EnterpriseCorpID: own}, own, true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.who("zheng09") // who belongs to both
			p.Enterprise = tc.account
			w.control("people", p)
			w.client.Page = tc.page
			r := request()
			r.Frame = tc.frame
			phone := w.browse(w.client.AuthorizeURL(r)).phone("confirm", "zheng09")
			if in := phone.status == http.StatusOK; in != tc.in || !in && phone.status != http.StatusBadRequest {
				t.Fatalf("the phone says %d %q", phone.status, phone.title())
			}
			if !tc.in || tc.frame {
				return
			}
			if grant := w.grant("zheng09"); grant.CorpID != tc.account {
				t.Errorf("corpId %q, want %q", grant.CorpID, tc.account)
			}
		})
	}
}

// What the client sends always, it sends for a reason.
func TestTheSignInPageRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		spoil func(url.Values)
		title string
	}{
		{"1.1 no redirect_uri", func(q url.Values) { q.Del("redirect_uri") }, "参数错误"},
		{"1.1 redirect_uri with a fragment", func(q url.Values) { q.Set("redirect_uri", redirectURI+"#x") }, "参数错误"},
		{"1.1 no response_type", func(q url.Values) { q.Del("response_type") }, "参数错误"},
		{"1.1 another response_type", func(q url.Values) { q.Set("response_type", "token") }, "参数错误"},
		{"1.1 no client_id", func(q url.Values) { q.Del("client_id") }, "应用不存在"},
		{"1.1 another client_id", func(q url.Values) { q.Set("client_id", "dingnobodys0001") }, "应用不存在"},
		{"1.1 another scope", func(q url.Values) { q.Set("scope", "corpid") }, "参数错误"},
		{"1.1 scope with a plus sign in it (%2B)", func(q url.Values) { q.Set("scope", "openid+corpid") }, "参数错误"},
		{"1.1 no prompt (jeecgboot)", func(q url.Values) { q.Del("prompt") }, "参数错误"},
		{"1.5 exclusiveLogin in a frame without exclusiveCorpId", func(q url.Values) { q.Set("iframe", "true"); q.Set("exclusiveLogin", "true") }, "参数错误"},
		{"1.2 redirect_uri is not registered", func(q url.Values) { q.Set("redirect_uri", "http://192.0.2.1/callback") }, "回调地址未注册"},
		{"1.3 localhost is not 127.0.0.1", func(q url.Values) { q.Set("redirect_uri", "http://localhost:9/callback") }, "回调地址未注册"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			address, err := url.Parse(w.client.AuthorizeURL(request()))
			if err != nil {
				t.Fatal(err)
			}
			query := address.Query()
			tc.spoil(query)
			address.RawQuery = query.Encode()
			if page := w.browse(address.String()); page.status != http.StatusBadRequest || page.title() != tc.title || page.to != nil {
				t.Errorf("the page says %d %q and goes to %v, want %q", page.status, page.title(), page.to, tc.title)
			}
		})
	}
}

func TestRegisteredRedirectsAreMatched(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, registered, sent string
		shown                  bool
	}{
		{"1.3 127.0.0.1 without a port takes any port and path", "http://127.0.0.1", "http://127.0.0.1:43817/callback", true},
		{"1.3 a port, another path (jeecgboot issue 4309)", "http://127.0.0.1:8080", "http://127.0.0.1:8080/callback", true},
		{"1.3 a path, another path (jeecgboot issue 4309)", "http://127.0.0.1:8080/dinglogin", "http://127.0.0.1:8080/callback", false},
		{"1.3 another port", "http://127.0.0.1:8080", "http://127.0.0.1:8081/callback", false},
		{"1.3 exactly", "http://localhost:5173/cb", "http://localhost:5173/cb", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.set("registered_redirects", []string{tc.registered, "https://login.dingtalk.com"})
			page := w.browse(w.client.AuthorizeURL(login.AuthorizeRequest{State: "s", RedirectURI: tc.sent}))
			if shown := page.data("scan") != ""; shown != tc.shown {
				t.Errorf("shown: %t (%d %s)", shown, page.status, page.title())
			}
		})
	}
}

// redirectOf is what one answer on the phone sends the browser back with.
func redirectOf(t *testing.T, w *world, action string) *url.URL {
	t.Helper()
	page := w.browse(w.client.AuthorizeURL(request()))
	page.answer(action, "zhang01")
	back := page.onward()
	if back.status != http.StatusFound || back.to == nil {
		t.Fatalf("no redirect: %d", back.status)
	}
	return back.to
}

func TestTheRedirectCarriesTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	t.Run("1.2 success has the code twice, and the state unchanged", func(t *testing.T) {
		query := redirectOf(t, w, "confirm").Query()
		if query.Get("authCode") == "" || query.Get("authCode") != query.Get("code") || query.Get("state") != request().State || len(query) != 3 {
			t.Errorf("%d parameters, state %q", len(query), query.Get("state"))
		}
	})
	t.Run("1.2 a refusal has error and state", func(t *testing.T) {
		query := redirectOf(t, w, "refuse").Query()
		if query.Get("error") == "" || query.Get("state") != request().State || len(query) != 2 {
			t.Errorf("redirected with %v", query)
		}
	})
	t.Run("1.2 who leaves the page is never heard of", func(t *testing.T) {
		page := w.browse(w.client.AuthorizeURL(request()))
		w.later("5m")
		if back := page.onward(); back.to != nil || back.status != http.StatusGone {
			t.Errorf("%d, to %v", back.status, back.to)
		}
	})
}

// The framed QR does not navigate; its page posts what it was told.
func TestTheFramedPagePosts(t *testing.T) {
	t.Parallel()
	framed := func(w *world) screen {
		r := request()
		r.Frame = true
		return w.browse(w.client.AuthorizeURL(r))
	}
	for _, tc := range []struct {
		name, refusal, action string
		posts                 []string
	}{
		{"1.5 success posts the redirect", "redirect", "confirm", []string{`"stage":"confirmed"`, `"redirectUrl":"` + redirectURI + "?authCode="}},
		{"1.5 a refusal posts the redirect", "redirect", "refuse", []string{`"stage":"refused"`, `"redirectUrl":"` + redirectURI + "?error="}},
		{"1.5 a refusal posts errorMsg", "message", "refuse", []string{`"stage":"refused"`, `"errorMsg":"access_denied"`}},
		{"1.5 a refusal posts nothing", "none", "refuse", []string{`{"stage":"refused"}`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.set("refusal", tc.refusal)
			page := framed(w)
			if target := page.data("target"); target != "http://127.0.0.1:9" {
				t.Errorf("it posts to %q, which is not the redirect's origin", target)
			}
			page.answer(tc.action, "zhang01")
			posted := page.posted()
			if slices.ContainsFunc(tc.posts, func(text string) bool { return !strings.Contains(posted, text) }) {
				t.Errorf("posted %s, want %q", posted, tc.posts)
			}
		})
	}
}
