package conformance_test

import (
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

func TestAppToken(t *testing.T) {
	t.Parallel()
	by := func(way dingtalk.TokenCall, more ...func(*world)) func(*world) {
		return func(w *world) {
			w.client.TokenCall = way
			for _, change := range more {
				change(w)
			}
		}
	}
	rekeyed := func(w *world) { w.set("client_secret", "changed-in-the-console") }
	ofCompany := func(corpID string) func(*world) { return func(w *world) { w.client.CorpID = corpID } }
	corpPath := "/v1.0/oauth2/" + sandbox.DefaultCorpID + "/token"
	good := value(dingtalk.Member{UserID: "zhang01"})
	run(t, []row{
		{name: "3.1 gettoken", given: by(dingtalk.TokenByQuery), call: fetch, want: good},
		{
			name:  "3.1 gettoken: 40035 no appkey",
			given: by(dingtalk.TokenByQuery, func(w *world) { w.client.ClientID = "" }), call: fetch,
			fails: plain(queryTokenPath, 40035, dingtalk.Bug, login.Internal),
		},
		{
			name:  "3.1 gettoken: 40096 bad pair",
			given: by(dingtalk.TokenByQuery, rekeyed), call: fetch,
			fails: plain(queryTokenPath, 40096, dingtalk.Settings, login.AppMisconfigured),
		},
		{
			name:  "3.1 gettoken: 40089 bad pair of the older form",
			given: by(dingtalk.TokenByQuery, faulted(queryTokenPath, sandbox.Fault{ErrCode: 40089})), call: fetch,
			fails: plain(queryTokenPath, 40089, dingtalk.Settings, login.AppMisconfigured),
		},
		{
			name:  "3.1 gettoken: 60020 address not on the list",
			given: by(dingtalk.TokenByQuery, elsewhere), call: fetch,
			fails: plain(queryTokenPath, 60020, dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1"),
		},
		{name: "3.2 accessToken, which oapi takes too", call: fetch, want: good},
		{
			name:  "3.2 accessToken: invalidClientIdOrSecret",
			given: rekeyed, call: fetch,
			fails: named(appTokenPath, 400, "invalidClientIdOrSecret", dingtalk.Settings, login.AppMisconfigured),
		},
		{
			name:  "3.2 accessToken: address not on the list",
			given: elsewhere, call: fetch,
			fails: named(appTokenPath, 403, "Forbidden.AccessDenied.IpNotInWhiteList", dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1"),
		},
		{name: "3.3 {corpId}/token, in snake case", given: by(dingtalk.TokenByCorp), call: fetch, want: good},
		{
			name:  "3.3 {corpId}/token: invalid.client",
			given: by(dingtalk.TokenByCorp, rekeyed), call: fetch,
			fails: named(corpPath, 400, "invalid.client", dingtalk.Settings, login.AppMisconfigured),
		},
		{
			name:  "3.3 {corpId}/token: unsupported.grant.type",
			given: by(dingtalk.TokenByCorp, faulted(corpPath, sandbox.Fault{Code: "unsupported.grant.type"})), call: fetch,
			fails: named(corpPath, 400, "unsupported.grant.type", dingtalk.Settings, login.AppMisconfigured),
		},
		{
			name:  "3.3 {corpId}/token: unauthorized.client",
			given: by(dingtalk.TokenByCorp, ofCompany(sandbox.OtherCorpID)), call: fetch,
			fails: named("/v1.0/oauth2/"+sandbox.OtherCorpID+"/token", 401, "unauthorized.client", dingtalk.Settings, login.AppMisconfigured),
		},
		{
			name:  "3.3 {corpId}/token: server.error",
			given: by(dingtalk.TokenByCorp, faulted(corpPath, sandbox.Fault{Status: 500, Code: "server.error"})), call: fetch,
			fails: named(corpPath, 500, "server.error", dingtalk.Retry, login.ProviderUnavailable),
		},
		{
			name:  "3.3 {corpId}/token: unknownError for an invented corpId",
			given: by(dingtalk.TokenByCorp, ofCompany("dingnobodys0001")), call: fetch,
			fails: named("/v1.0/oauth2/dingnobodys0001/token", 500, "unknownError", dingtalk.Retry, login.ProviderUnavailable),
		},
	})
}

// A token that DingTalk no longer takes is fetched anew once; one that it
// never takes is an error.
func TestARefusedAppTokenIsFetchedOnceMore(t *testing.T) {
	t.Parallel()
	const fetches = "POST " + appTokenPath
	for _, tc := range []struct {
		name, action string
		call         call
		path         string
		wrapped      bool
		code         int
	}{
		{"3.4 88+40014", "rotate", member("zhang01"), memberPath, true, 40014},
		{"3.4 88+42001", "expire", member("zhang01"), memberPath, true, 42001},
		{"3.4 40014", "rotate", frozen(member("zhang01")), oldMemberPath, false, 40014},
		{"3.4 42001", "expire", frozen(member("zhang01")), oldMemberPath, false, 42001},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.appToken()
			w.tokens(tc.action)
			got, err := tc.call(w)
			if err != nil || got != any(dingtalk.Member{UserID: "zhang01"}) || w.calls(fetches) != 2 {
				t.Errorf("got %v, %v after %d fetches", got, err, w.calls(fetches))
			}
			always, want := sandbox.Fault{ErrCode: tc.code}, plain(tc.path, tc.code, dingtalk.Token, login.ProviderAnswer)
			if tc.wrapped {
				always, want = sandbox.Fault{SubCode: tc.code}, wrapped(tc.path, tc.code, dingtalk.Token, login.ProviderAnswer)
			}
			w.fault(tc.path, always)
			_, err = tc.call(w)
			want.check(t, err)
			if n := w.calls(fetches); n != 3 {
				t.Errorf("%d fetches, want one more", n)
			}
		})
	}
}

func TestAnAppTokenIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.appToken().Reveal()
	w.later("1h54m")
	if w.appToken().Reveal() != first || w.calls("POST "+appTokenPath) != 1 {
		t.Error("3.4 it is asked for although it is good")
	}
	w.later("1m")
	if w.appToken().Reveal() != first || w.calls("POST "+appTokenPath) != 2 {
		t.Error("3.4 five minutes early, and the same again within its validity")
	}
	w.later("1h54m")
	if w.appToken().Reveal() != first || w.calls("POST "+appTokenPath) != 2 {
		t.Error("3.4 asking again has extended it")
	}
}
