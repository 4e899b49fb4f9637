package conformance_test

import (
	"context"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

// asSuite makes the client that of a suite, which reads the sandbox's ticket.
func (d duo) asSuite(way dingtalk.TokenCall) duo {
	d.client.TokenCall = way
	d.client.SuiteTicket = func(context.Context) (secret.Text, error) { return d.App().SuiteTicket, nil }
	return d
}

// Contract 3.4 and 6.1.
func TestSuiteToken(t *testing.T) {
	t.Parallel()
	for way, path := range map[dingtalk.TokenCall]string{
		dingtalk.TokenBySuite:     "/v1.0/oauth2/corpAccessToken",
		dingtalk.TokenBySignature: "/service/get_corp_token",
	} {
		t.Run(path+": is taken by both APIs", func(t *testing.T) {
			t.Parallel()
			d := newDuo(t).asSuite(way)
			if _, err := d.client.User(t.Context(), "zhang01"); err != nil {
				t.Error(err)
			}
			if _, err := duoAll(d.client.SearchUsers(t.Context(), "张三", true)); err != nil {
				t.Error(err)
			}
			if n := d.Counts()["POST "+path]; n != 1 {
				t.Errorf("%d token calls", n)
			}
		})
		t.Run(path+": is new each time, and the older one stays good", func(t *testing.T) {
			t.Parallel()
			d := newDuo(t).asSuite(way)
			first, err := d.client.AppToken(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.client.Check(t.Context()); err != nil { // fetches another
				t.Fatal(err)
			}
			second, err := d.client.AppToken(t.Context())
			if err != nil || first.Reveal() == second.Reveal() {
				t.Errorf("the same again, or %v", err)
			}
		})
		t.Run(path+": is fetched once more after it was refused", func(t *testing.T) {
			t.Parallel()
			d := newDuo(t).asSuite(way)
			if _, err := d.client.AppToken(t.Context()); err != nil {
				t.Fatal(err)
			}
			d.RotateTokens()
			d.SetSuiteTicket(secret.New("the next ticket"))
			if _, err := d.client.User(t.Context(), "zhang01"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSuiteTokenRefusals(t *testing.T) {
	t.Parallel()
	old := func(context.Context) (secret.Text, error) { return secret.New("the ticket before"), nil }
	both := []dingtalk.TokenCall{dingtalk.TokenBySuite, dingtalk.TokenBySignature}
	for _, tc := range []struct {
		name  string
		ways  []dingtalk.TokenCall
		given func(d duo)
		class dingtalk.Class
		code  login.Code
	}{
		{"a ticket that was replaced", both, func(d duo) { d.client.SuiteTicket = old }, dingtalk.Settings, login.AppMisconfigured},
		{"a wrong secret", both, func(d duo) { d.client.ClientSecret = secret.New("guess") }, dingtalk.Settings, login.AppMisconfigured},
		{"an unknown suite", both, func(d duo) { d.client.ClientID = "suiteother" }, dingtalk.Settings, login.AppMisconfigured},
		{"a company that has not authorized it", both, func(d duo) { d.client.CorpID = sandbox.OtherCorpID }, dingtalk.Settings, login.AppMisconfigured},
		{"a company that nobody has, signed", both[1:], func(d duo) { d.client.CorpID = "dingnobody" }, dingtalk.Settings, login.AppMisconfigured},
		{"a company that nobody has", both[:1], func(d duo) { d.client.CorpID = "dingnobody" }, dingtalk.Retry, login.ProviderUnavailable},
		{"a clock that is two minutes off", both[1:], func(d duo) {
			d.client.Now = func() time.Time { return d.Now().Add(2 * time.Minute) }
		}, dingtalk.Settings, login.ClockWrong},
	} {
		for _, way := range tc.ways {
			t.Run(tc.name+" "+string(way), func(t *testing.T) {
				t.Parallel()
				d := newDuo(t).asSuite(way)
				tc.given(d)
				_, err := d.client.AppToken(t.Context())
				duoFails(t, err, tc.class, tc.code, "")
			})
		}
	}
	t.Run("an address that is not allowed", func(t *testing.T) {
		t.Parallel()
		for _, way := range both {
			d := newDuo(t).asSuite(way)
			if err := d.Change(func(s *sandbox.Settings) { s.AllowedIPs = []string{"192.0.2.1"} }); err != nil {
				t.Fatal(err)
			}
			_, err := d.client.AppToken(t.Context())
			duoFails(t, err, dingtalk.Settings, login.IPNotAllowed, "127.0.0.1")
		}
	})
}

// Contract 3.4: administrators from DingTalk's admin console.
func TestAdminConsole(t *testing.T) {
	t.Parallel()
	came := func(d duo, userID string) secret.Text {
		code, err := d.SSOCode(userID)
		if err != nil {
			t.Fatal(err)
		}
		return secret.New(code)
	}
	t.Run("an administrator, once", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		s := &dingtalk.SSO{Client: d.client, Secret: d.App().SSOSecret}
		code := came(d, "li02")
		got, err := s.User(t.Context(), code)
		if err != nil || got.UserID != "li02" || got.Name != "李思" || got.CorpID != d.App().CorpID || got.CorpName == "" || !got.Admin {
			t.Errorf("got %+v, %v", got, err)
		}
		_, err = s.User(t.Context(), code)
		duoFails(t, err, dingtalk.SignInAgain, login.CodeInvalid, "")
	})
	t.Run("nobody else has a code", func(t *testing.T) {
		t.Parallel()
		if _, err := newDuo(t).SSOCode("zhang01"); err == nil {
			t.Error("zhang01 is no administrator")
		}
	})
	t.Run("a code that is too old", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		code := came(d, "li02")
		d.ExpireCodes()
		_, err := (&dingtalk.SSO{Client: d.client, Secret: d.App().SSOSecret}).User(t.Context(), code)
		duoFails(t, err, dingtalk.SignInAgain, login.CodeInvalid, "")
	})
	t.Run("the app's secret is another", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		_, err := (&dingtalk.SSO{Client: d.client, Secret: d.App().ClientSecret}).User(t.Context(), came(d, "li02"))
		duoFails(t, err, dingtalk.Settings, login.AppMisconfigured, "")
	})
	t.Run("a token that is refused", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		d.spoil("/v1.0/oauth2/ssoAccessToken", sandbox.Fault{Body: `{"accessToken":"made up","expireIn":3600}`})
		_, err := (&dingtalk.SSO{Client: d.client, Secret: d.App().SSOSecret}).User(t.Context(), came(d, "li02"))
		duoFails(t, err, dingtalk.Token, login.ProviderAnswer, "")
	})
}
