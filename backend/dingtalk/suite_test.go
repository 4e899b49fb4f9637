package dingtalk_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	suitePath   = "/v1.0/oauth2/corpAccessToken"
	signedPath  = "/service/get_corp_token"
	suiteTicket = "canary-suite-ticket"
	goodSigned  = `{"errcode":0,"errmsg":"ok","access_token":"` + appToken + `","expires_in":7200}`
)

// ticketed is a source of one ticket.
func ticketed(ticket string) func(context.Context) (secret.Text, error) {
	return func(context.Context) (secret.Text, error) { return secret.New(ticket), nil }
}

func TestASuiteGetsACompanysTokenWithItsTicket(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{suitePath: says(200, goodToken)})
	c := f.client()
	c.TokenCall, c.SuiteTicket = dingtalk.TokenBySuite, ticketed(suiteTicket)
	for range 3 { // each call would give another token: one is enough
		if token, err := c.AppToken(t.Context()); err != nil || token.Reveal() != appToken {
			t.Fatalf("err = %v", err)
		}
	}
	asked := f.requests("")
	want := map[string]any{"suiteKey": "dingabc123", "suiteSecret": appSecret, "authCorpId": "ding0a1b", "suiteTicket": suiteTicket}
	if len(asked) != 1 || asked[0].path != suitePath || asked[0].method != http.MethodPost || !maps.Equal(object(t, asked[0].body), want) {
		t.Errorf("asked %+v", asked)
	}
}

// Contract 6.1: timestamp, newline, ticket.
func TestASuitesSignatureIsThatOfTheVector(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{signedPath: says(200, goodSigned)})
	c := f.client()
	c.TokenCall, c.SuiteTicket, c.ClientSecret = dingtalk.TokenBySignature, ticketed("ticket"), secret.New("secret")
	c.Now = func() time.Time { return time.UnixMilli(1636725918388) }
	if token, err := c.AppToken(t.Context()); err != nil || token.Reveal() != appToken {
		t.Fatalf("err = %v", err)
	}
	asked := f.requests("")[0]
	for name, want := range map[string]string{
		"accessKey": "dingabc123", "timestamp": "1636725918388", "suiteTicket": "ticket",
		"signature": "LOZmXJzlQYpIu5emP6/1OF4hE3qlMzY/6y4FbDjXPbU=",
	} {
		if got := asked.query.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if len(asked.query) != 4 || asked.method != http.MethodPost || asked.body != `{"auth_corpid":"ding0a1b"}` {
		t.Errorf("asked %+v", asked)
	}
}

func TestASuitesTokenNeedsItsSettings(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*dingtalk.Client)
		code   login.Code
	}{
		"no source of tickets": {func(c *dingtalk.Client) { c.SuiteTicket = nil }, login.AppMisconfigured},
		"no ticket yet":        {func(c *dingtalk.Client) { c.SuiteTicket = ticketed("") }, login.AppMisconfigured},
		"no company":           {func(c *dingtalk.Client) { c.CorpID = "" }, login.AppMisconfigured},
		"a source that fails": {func(c *dingtalk.Client) {
			c.SuiteTicket = func(context.Context) (secret.Text, error) { return secret.Text{}, errors.New("disk full") }
		}, login.StoreUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, nil)
			c := f.client()
			c.TokenCall, c.SuiteTicket = dingtalk.TokenBySuite, ticketed(suiteTicket)
			tc.change(c)
			if _, err := c.AppToken(t.Context()); login.CodeOf(err) != tc.code {
				t.Errorf("token: %v", err)
			}
			if _, err := c.Check(t.Context()); login.CodeOf(err) != tc.code {
				t.Errorf("check: %v", err)
			}
			if asked := f.requests(""); len(asked) != 0 {
				t.Errorf("asked %+v", asked)
			}
		})
	}
}

func TestTheSuitesRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		way    dingtalk.TokenCall
		path   string
		answer http.HandlerFunc
		code   login.Code
	}{
		"a wrong suite secret":     {dingtalk.TokenBySuite, suitePath, newError(400, "invalidClientIdOrSecret"), login.AppMisconfigured},
		"no token":                 {dingtalk.TokenBySuite, suitePath, says(200, `{}`), login.ProviderAnswer},
		"a company gone":           {dingtalk.TokenBySignature, signedPath, says(200, `{"errcode":70001}`), login.AppMisconfigured},
		"a bad suite key":          {dingtalk.TokenBySignature, signedPath, says(200, `{"errcode":40088}`), login.AppMisconfigured},
		"our clock":                {dingtalk.TokenBySignature, signedPath, says(200, `{"errcode":853002}`), login.ClockWrong},
		"a wrong secret or ticket": {dingtalk.TokenBySignature, signedPath, says(200, `{"errcode":853004}`), login.AppMisconfigured},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newFake(t, map[string]http.HandlerFunc{tc.path: tc.answer}).client()
			c.TokenCall, c.SuiteTicket = tc.way, ticketed(suiteTicket)
			_, err := c.AppToken(t.Context())
			if login.CodeOf(err) != tc.code {
				t.Errorf("err = %v, want %s", err, tc.code)
			}
			cleanError(t, err)
		})
	}
}

// A suite has a token for each company, and one Keeper may hold them all.
func TestTwoCompaniesOfASuiteDoNotShareAToken(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{suitePath: inTurn(says(200, `{"accessToken":"first"}`), says(200, `{"accessToken":"second"}`))})
	keeper := newShelf()
	for _, company := range []struct{ corp, token string }{{"ding0a1b", "first"}, {"ding0c2d", "second"}, {"ding0a1b", "first"}} {
		c := f.client()
		c.TokenCall, c.SuiteTicket, c.CorpID, c.Keeper = dingtalk.TokenBySuite, ticketed(suiteTicket), company.corp, keeper
		if token, err := c.AppToken(t.Context()); err != nil || token.Reveal() != company.token {
			t.Errorf("%s has another's token, or %v", company.corp, err)
		}
	}
}
