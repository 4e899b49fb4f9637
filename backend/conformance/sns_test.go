package conformance_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	byCodePath     = "/sns/getuserinfo_bycode"
	snsTokenPath   = "/sns/gettoken"
	persistentPath = "/sns/get_persistent_code"
	personalPath   = "/sns/get_sns_token"
	scannedPath    = "/sns/getuserinfo"
)

func (w *world) sns() *dingtalk.SNS { return &dingtalk.SNS{Client: w.client} }

// codeOf is the code that a redirect of the older scan carries.
func (w *world) codeOf(back screen) secret.Text {
	w.t.Helper()
	if back.to == nil {
		w.t.Fatalf("no redirect (%d):\n%s", back.status, back.body)
	}
	query := back.to.Query()
	if query.Get("code") == "" || query.Get("state") != request().State || len(query) != 2 {
		w.t.Errorf("redirected with %d parameters, state %q", len(query), query.Get("state"))
	}
	return w.hide(secret.New(query.Get("code")))
}

// The three pages of section 6 and the frame of 1.6, as ways to a code.
func byQR(w *world) secret.Text { return w.onPage(w.sns().AuthorizeURL(request())) }

func byAccount(w *world) secret.Text {
	return w.onPage(w.sns().AccountURL(request(), secret.Text{}))
}

func insideDingTalk(w *world) secret.Text { return w.onPage(w.sns().InsideURL(request())) }

func (w *world) onPage(address string) secret.Text {
	w.t.Helper()
	page := w.browse(address)
	page.answer("confirm", "zhang01")
	return w.codeOf(page.onward())
}

// byOldFrame is what ddLogin.js does: it frames the QR, hears the loginTmpCode
// and goes to the account page with it.
func byOldFrame(w *world) secret.Text {
	w.t.Helper()
	account := w.sns().AccountURL(request(), secret.Text{})
	page := w.browse(w.URL() + "/login/qrcode.htm?goto=" + url.QueryEscape(account))
	if page.data("target") != "*" {
		w.t.Errorf("the frame posts to %q", page.data("target"))
	}
	page.answer("confirm", "zhang01")
	return w.codeOf(w.browse(w.sns().AccountURL(request(), w.hide(secret.New(jsonText(w.t, page.posted(), "loginTmpCode"))))))
}

// whoScanned spends the code in one signed call; chained does it in four.
func whoScanned(w *world, code secret.Text) (any, error) {
	return w.sns().Profile(w.t.Context(), w.hide(code))
}

func chained(w *world, code secret.Text) (any, error) {
	sns := w.sns()
	sns.Chain = true
	return sns.Profile(w.t.Context(), w.hide(code))
}

func TestTheOlderScan(t *testing.T) {
	t.Parallel()
	me := func(w *world) any {
		p := w.who("zhang01")
		return dingtalk.Profile{UnionID: p.UnionID, OpenID: p.OpenID, Nick: p.Nick}
	}
	spent := func(path string) *failure { return plain(path, 40078, dingtalk.SignInAgain, login.CodeInvalid) }
	ahead := func(by time.Duration) func(*world) {
		return func(w *world) { w.client.Now = func() time.Time { return w.Now().Add(by) } }
	}
	once := func(spend func(*world, secret.Text) (any, error)) call {
		return func(w *world) (any, error) { return spend(w, byQR(w)) }
	}
	twice := func(spend func(*world, secret.Text) (any, error)) call {
		return func(w *world) (any, error) {
			code := byQR(w)
			if _, err := spend(w, code); err != nil {
				return nil, err
			}
			return spend(w, code)
		}
	}
	late := func(spend func(*world, secret.Text) (any, error)) call {
		return func(w *world) (any, error) {
			code := byQR(w)
			w.later("5m")
			return spend(w, code)
		}
	}
	otherApp := func(w *world) (any, error) {
		sns := &dingtalk.SNS{Client: w.client, AppID: "dingoanobodys", AppSecret: secret.New("s")}
		return sns.Profile(w.t.Context(), secret.New("c-9"))
	}
	run(t, []row{
		{name: "6 qrconnect", call: once(whoScanned), want: me},
		{name: "6 sns_authorize, snsapi_login", call: func(w *world) (any, error) { return whoScanned(w, byAccount(w)) }, want: me},
		{name: "6 sns_authorize, snsapi_auth", call: func(w *world) (any, error) { return whoScanned(w, insideDingTalk(w)) }, want: me},
		{name: "1.6 loginTmpCode", call: func(w *world) (any, error) { return whoScanned(w, byOldFrame(w)) }, want: me},
		{name: "6 gettoken, get_persistent_code, get_sns_token, getuserinfo", call: once(chained), want: me},
		{name: "6 and then the employee", call: func(w *world) (any, error) {
			who, err := w.sns().Identify(w.t.Context(), byQR(w), nil)
			return who.UserID, err
		}, want: value("zhang01")},

		{name: "6.1 40078 the code is unknown", call: func(w *world) (any, error) { return whoScanned(w, secret.New("c-9")) }, fails: spent(byCodePath)},
		{name: "6.1 40078 the code was used", call: twice(whoScanned), fails: spent(byCodePath)},
		{name: "6.1 40078 the code has expired", call: late(whoScanned), fails: spent(byCodePath)},
		{name: "6.1 40078 the code is from the newer scan", call: func(w *world) (any, error) { return whoScanned(w, w.scan("zhang01")) }, fails: spent(byCodePath)},
		{name: "6.1 41026 no code", call: func(w *world) (any, error) { return whoScanned(w, secret.New("")) },
			fails: plain(byCodePath, 41026, dingtalk.Bug, login.Internal)},
		{name: "6.1 853001 timestamp format", given: faulted(byCodePath, sandbox.Fault{ErrCode: 853001}), call: once(whoScanned),
			fails: plain(byCodePath, 853001, dingtalk.Bug, login.Internal)},
		{name: "6.1 a clock that is a minute off is good", given: ahead(55 * time.Second), call: once(whoScanned), want: me},
		{name: "6.1 853002 our clock is ahead", given: ahead(90 * time.Second), call: once(whoScanned),
			fails: plain(byCodePath, 853002, dingtalk.Settings, login.ClockWrong)},
		{name: "6.1 853002 our clock is behind", given: ahead(-90 * time.Second), call: once(whoScanned),
			fails: plain(byCodePath, 853002, dingtalk.Settings, login.ClockWrong)},
		{name: "6.1 853003 accessKey unknown", call: otherApp, fails: plain(byCodePath, 853003, dingtalk.Settings, login.AppMisconfigured)},
		{name: "6.1 853004 signature mismatch", given: func(w *world) { w.set("client_secret", "changed-in-the-console") }, call: once(whoScanned),
			fails: plain(byCodePath, 853004, dingtalk.Settings, login.AppMisconfigured)},
		{name: "6.1 60020 address not on the list", given: elsewhere, call: once(whoScanned),
			fails: plain(byCodePath, 60020, dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1")},

		{name: "6 gettoken: 40086 bad appid or secret", given: func(w *world) { w.set("client_secret", "changed-in-the-console") }, call: once(chained),
			fails: plain(snsTokenPath, 40086, dingtalk.Settings, login.AppMisconfigured)},
		{name: "6 gettoken: 60020 address not on the list", given: elsewhere, call: once(chained),
			fails: plain(snsTokenPath, 60020, dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1")},
		{name: "6 get_persistent_code: 40078 the code was used", call: twice(chained), fails: spent(persistentPath)},
		{name: "6 get_persistent_code: 40078 the code has expired", call: late(chained), fails: spent(persistentPath)},
		{name: "6 get_persistent_code: 40014 the token", given: faulted(persistentPath, sandbox.Fault{ErrCode: 40014}), call: once(chained),
			fails: plain(persistentPath, 40014, dingtalk.Token, login.ProviderAnswer)},
		{name: "6 get_sns_token: 40084 bad persistent code", given: faulted(personalPath, sandbox.Fault{ErrCode: 40084}), call: once(chained),
			fails: plain(personalPath, 40084, dingtalk.Settings, login.AppMisconfigured)},
		{name: "6 get_sns_token: 40073 no such openid", given: faulted(personalPath, sandbox.Fault{ErrCode: 40073}), call: once(chained),
			fails: plain(personalPath, 40073, dingtalk.Refuse, login.ProviderAnswer)},
		{name: "6 getuserinfo: 40014 the token", given: faulted(scannedPath, sandbox.Fault{ErrCode: 40014}), call: once(chained),
			fails: plain(scannedPath, 40014, dingtalk.Token, login.ProviderAnswer)},
		{name: "6 getuserinfo: 42001 the token has expired", given: faulted(scannedPath, sandbox.Fault{ErrCode: 42001}), call: once(chained),
			fails: plain(scannedPath, 42001, dingtalk.Token, login.ProviderAnswer)},
	})
}

// The older pages refuse like the newer one.
func TestTheOlderPagesRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, address := range []string{w.sns().AuthorizeURL(request()), w.sns().InsideURL(request())} {
		for _, tc := range []struct{ name, parameter, value, title string }{
			{"6 another appid", "appid", "dingoanobodys", "应用不存在"},
			{"6 another response_type", "response_type", "token", "参数错误"},
			{"6 another scope", "scope", "openid", "参数错误"},
			{"6 redirect_uri is not registered", "redirect_uri", "http://192.0.2.1/", "回调地址未注册"},
		} {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			query := u.Query()
			query.Set(tc.parameter, tc.value)
			u.RawQuery = query.Encode()
			if page := w.browse(u.String()); page.status != http.StatusBadRequest || page.title() != tc.title || page.to != nil {
				t.Errorf("%s %s: %d %q", u.Path, tc.name, page.status, page.title())
			}
		}
	}
	page := w.browse(w.sns().AuthorizeURL(request()))
	page.answer("refuse", "zhang01")
	if query := page.onward().to.Query(); query.Get("error") == "" || query.Get("state") != request().State {
		t.Errorf("6 a refusal redirects with %v", query)
	}
}
