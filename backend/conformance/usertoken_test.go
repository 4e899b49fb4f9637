package conformance_test

import (
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

const badCode = "invalidParameter.authCode.notFound"

func TestUserToken(t *testing.T) {
	t.Parallel()
	scanned := func(w *world) (any, error) { return exchange(w, w.scan("zhang01")) }
	whole := func(w *world) any { return granted{true, true, 2 * time.Hour, w.App().CorpID} }
	spent := named(grantPath, 400, badCode, dingtalk.SignInAgain, login.CodeInvalid)
	busy := func(status int, name string) row {
		return row{
			name:  "2.1 " + name,
			given: func(w *world) { w.fault(grantPath, sandbox.Fault{Status: status, Code: name}) },
			call:  scanned,
			fails: named(grantPath, status, name, dingtalk.Retry, login.ProviderUnavailable),
		}
	}
	run(t, []row{
		{name: "2.1 exchange with openid corpid", call: scanned, want: whole},
		{
			name:  "2.1 exchange with openid alone names no company",
			given: func(w *world) { w.client.Page.WithoutCompany = true },
			call:  scanned,
			want:  value(granted{true, true, 2 * time.Hour, ""}),
		},
		{
			name:  "2.1 expireIn is in seconds",
			given: func(w *world) { w.set("token_lifetime", "90s") },
			call:  scanned,
			want:  func(w *world) any { return granted{true, true, 90 * time.Second, w.App().CorpID} },
		},
		{
			name: "2.1 refresh",
			call: func(w *world) (any, error) { return refresh(w, w.grant("zhang01").RefreshToken) },
			want: whole,
		},
		{
			name: "2.1 refresh gives a new refresh token, which is good",
			call: func(w *world) (any, error) {
				next, err := w.client.Refresh(w.t.Context(), w.grant("zhang01").RefreshToken)
				if err != nil {
					return nil, err
				}
				return refresh(w, next.RefreshToken)
			},
			want: whole,
		},
		{name: "2.1 " + badCode + ": the code is unknown", call: func(w *world) (any, error) { return exchange(w, secret.New("no-such-code")) }, fails: spent},
		{
			name: "2.1 " + badCode + ": the code was used",
			call: func(w *world) (any, error) {
				code := w.scan("zhang01")
				if _, err := exchange(w, code); err != nil {
					return nil, err
				}
				return exchange(w, code)
			},
			fails: spent,
		},
		{
			name: "2.1 " + badCode + ": the code has expired",
			call: func(w *world) (any, error) {
				code := w.scan("zhang01")
				w.later("5m")
				return exchange(w, code)
			},
			fails: spent,
		},
		{
			name:  "2.1 " + badCode + ": the code is of another kind",
			call:  func(w *world) (any, error) { return exchange(w, w.visit("zhang01")) },
			fails: spent,
		},
		{
			name: "2.1 " + badCode + ": the refresh token was used",
			call: func(w *world) (any, error) {
				stale := w.grant("zhang01").RefreshToken
				if _, err := refresh(w, stale); err != nil {
					return nil, err
				}
				return refresh(w, stale)
			},
			fails: spent,
		},
		{
			name: "2.1 " + badCode + ": the refresh token is older than 30 days",
			call: func(w *world) (any, error) {
				old := w.grant("zhang01").RefreshToken
				w.later("720h")
				return refresh(w, old)
			},
			fails: spent,
		},
		{
			name:  "2.1 invalidClientIdOrSecret: another secret",
			given: func(w *world) { w.set("client_secret", "changed-in-the-console") },
			call:  scanned,
			fails: named(grantPath, 400, "invalidClientIdOrSecret", dingtalk.Settings, login.AppMisconfigured),
		},
		{
			name:  "2.1 invalidClientIdOrSecret: another client id",
			given: func(w *world) { w.client.ClientID = "dingnobodys0001" },
			call:  func(w *world) (any, error) { return exchange(w, secret.New("any-code")) },
			fails: named(grantPath, 400, "invalidClientIdOrSecret", dingtalk.Settings, login.AppMisconfigured),
		},
		{
			name:  "2.1 Missing…: a field of the body is not there",
			call:  func(w *world) (any, error) { return exchange(w, secret.New("")) },
			fails: named(grantPath, 400, "Missingcode", dingtalk.Bug, login.ProviderAnswer),
		},
		{
			name:  "2.1 invalidParameter.…: a field of the body is wrong",
			given: func(w *world) { w.fault(grantPath, sandbox.Fault{Code: "invalidParameter.grantType"}) },
			call:  scanned,
			fails: named(grantPath, 400, "invalidParameter.grantType", dingtalk.Bug, login.ProviderAnswer),
		},
		{
			name:  "2.1 Forbidden.AccessDenied.IpNotInWhiteList",
			given: func(w *world) { w.set("allowed_ips", []string{"192.0.2.1"}) },
			call:  scanned,
			fails: named(grantPath, 403, "Forbidden.AccessDenied.IpNotInWhiteList", dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1"),
		},
		{
			name:  "2.1 Forbidden.AccessDenied.QpsLimit…",
			given: func(w *world) { w.fault(grantPath, sandbox.Fault{Kind: sandbox.FaultRateLimited}) },
			call:  scanned,
			fails: named(grantPath, 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", dingtalk.Retry, login.RateLimited),
		},
		busy(500, "system.error"),
		busy(500, "unknownError"),
		busy(503, "ServiceUnavailable"),
	})
}

// After an answer that tells nothing of the code, nobody knows whether it is
// spent: asking again could only say that the person never confirmed.
func TestACodeIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"2.1 the answer is lost":                 {Kind: sandbox.FaultDrop, Times: 1},
		"2.1 the answer is cut":                  {Kind: sandbox.FaultCut, Times: 1},
		"2.1 the answer is an error, afterwards": {Code: "system.error", Status: 500, After: true, Times: 1},
		"2.1 too many calls":                     {Kind: sandbox.FaultRateLimited, Times: 1},
		"2.1 HTML":                               {Kind: sandbox.FaultHTML, Times: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.fault(grantPath, fault)
			if got, err := exchange(w, w.scan("zhang01")); err == nil {
				t.Errorf("got %+v", got)
			}
			if n := w.calls("POST " + grantPath); n != 1 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestMe(t *testing.T) {
	t.Parallel()
	mine := func(w *world) (any, error) { return me(w, w.grant("zhang01").AccessToken) }
	profile := func(userID string, change func(*dingtalk.Profile)) func(*world) any {
		return func(w *world) any {
			p := w.who(userID)
			want := dingtalk.Profile{UnionID: p.UnionID, OpenID: p.OpenID, Nick: p.Nick, Avatar: p.Avatar, Mobile: p.Mobile, State: p.StateCode, Email: p.Email}
			change(&want)
			return want
		}
	}
	asIs := func(*dingtalk.Profile) {}
	refused := func() *failure {
		return named(mePath, 403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", dingtalk.Settings, login.PermissionMissing).saying("Contact.User.Read")
	}
	run(t, []row{
		{name: "2.2 everything", call: mine, want: profile("zhang01", asIs)},
		{
			name: "2.2 nothing that is optional",
			call: func(w *world) (any, error) { return me(w, w.grant("aygul10").AccessToken) },
			want: profile("aygul10", asIs),
		},
		{
			name:  "2.2 no mobile without Contact.User.mobile",
			given: func(w *world) { w.without(sandbox.PermitReadMobile) },
			call:  mine,
			want:  profile("zhang01", func(p *dingtalk.Profile) { p.Mobile, p.State = "", "" }),
		},
		{
			name:  "2.2 InvalidAuthentication: unknown",
			call:  func(w *world) (any, error) { return me(w, secret.New("no-such-token")) },
			fails: named(mePath, 400, "InvalidAuthentication", dingtalk.Token, login.ProviderAnswer),
		},
		{
			name: "2.2 InvalidAuthentication: rotated",
			call: func(w *world) (any, error) {
				token := w.grant("zhang01").AccessToken
				w.tokens("rotate")
				return me(w, token)
			},
			fails: named(mePath, 400, "InvalidAuthentication", dingtalk.Token, login.ProviderAnswer),
		},
		{
			name: "2.2 accesstoken.expired: two hours later",
			call: func(w *world) (any, error) {
				token := w.grant("zhang01").AccessToken
				w.later("2h")
				return me(w, token)
			},
			fails: named(mePath, 400, "accesstoken.expired", dingtalk.Token, login.ProviderAnswer),
		},
		{
			name:  "2.2 AuthenticationFailed.MissingParameter",
			call:  func(w *world) (any, error) { return me(w, secret.Text{}) },
			fails: named(mePath, 400, "AuthenticationFailed.MissingParameter", dingtalk.Bug, login.Internal),
		},
		{
			name:  "2.2 Forbidden.AccessDenied.AccessTokenPermissionDenied: no Contact.User.Read",
			given: func(w *world) { w.without(sandbox.PermitReadSelf) },
			call:  mine,
			fails: refused(),
		},
		{
			name:  "2.2 Forbidden.AccessDenied.AccessTokenPermissionDenied: an app token",
			call:  func(w *world) (any, error) { return me(w, w.appToken()) },
			fails: refused(),
		},
		{
			name:  "2.2 Forbidden.AccessDenied.AccessTokenPermissionDenied: consented before it was given",
			given: func(w *world) { w.without(sandbox.PermitReadSelf) },
			call: func(w *world) (any, error) {
				token := w.grant("zhang01").AccessToken
				w.set("permissions", []string{sandbox.PermitReadSelf})
				return me(w, token)
			},
			fails: refused(),
		},
		{
			name: "2.2 invalidParameter.user.notFound",
			call: func(w *world) (any, error) {
				token := w.grant("zhang01").AccessToken
				if err := w.Remove("zhang01"); err != nil {
					return nil, err
				}
				return me(w, token)
			},
			fails: named(mePath, 404, "invalidParameter.user.notFound", dingtalk.Refuse, login.NotMember),
		},
	})
}
