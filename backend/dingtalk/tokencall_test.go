package dingtalk_test

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

func TestAnAppTokenCanBeHadInEachWay(t *testing.T) {
	t.Parallel()
	for way, tc := range map[dingtalk.TokenCall]struct {
		path, answer string
		method       string
		body         map[string]any
		query        string
	}{
		dingtalk.TokenByApp: {tokenPath, goodToken, http.MethodPost,
			map[string]any{"appKey": "dingabc123", "appSecret": appSecret}, ""},
		dingtalk.TokenByCorp: {"/v1.0/oauth2/ding0a1b/token", `{"access_token":"` + appToken + `","expires_in":7200}`, http.MethodPost,
			map[string]any{"client_id": "dingabc123", "client_secret": appSecret, "grant_type": "client_credentials"}, ""},
		dingtalk.TokenByQuery: {"/gettoken", `{"errcode":0,"errmsg":"ok","access_token":"` + appToken + `","expires_in":7200}`, http.MethodGet,
			nil, "appkey=dingabc123&appsecret=" + appSecret},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{tc.path: says(200, tc.answer)})
			now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
			c := f.client()
			c.TokenCall, c.Now = way, func() time.Time { return now }
			for _, age := range []time.Duration{0, 114 * time.Minute, 2 * time.Minute} {
				now = now.Add(age)
				if token, err := c.AppToken(t.Context()); err != nil || token.Reveal() != appToken {
					t.Fatalf("err = %v", err)
				}
			}
			asked := f.requests("")
			if len(asked) != 2 || asked[0].path != tc.path || asked[0].method != tc.method || asked[0].query.Encode() != tc.query {
				t.Fatalf("asked %+v", asked)
			}
			if tc.body != nil && !maps.Equal(object(t, asked[0].body), tc.body) {
				t.Errorf("body = %s", asked[0].body)
			}
		})
	}
}

func TestTheOtherTokenCallsRefusals(t *testing.T) {
	t.Parallel()
	const corpPath = "/v1.0/oauth2/ding0a1b/token"
	for name, tc := range map[string]struct {
		way    dingtalk.TokenCall
		path   string
		answer http.HandlerFunc
		code   login.Code
	}{
		"wrong key":           {dingtalk.TokenByQuery, "/gettoken", says(200, `{"errcode":40096,"errmsg":"不合法的appKey或appSecret"}`), login.AppMisconfigured},
		"wrong corpid secret": {dingtalk.TokenByQuery, "/gettoken", says(200, `{"errcode":40089}`), login.AppMisconfigured},
		"no key at all":       {dingtalk.TokenByQuery, "/gettoken", says(200, `{"errcode":40035}`), login.Internal},
		"no token":            {dingtalk.TokenByQuery, "/gettoken", says(200, `{"errcode":0}`), login.ProviderAnswer},
		"invalid.client":      {dingtalk.TokenByCorp, corpPath, newError(400, "invalid.client"), login.AppMisconfigured},
		"wrong grant type":    {dingtalk.TokenByCorp, corpPath, newError(400, "unsupported.grant.type"), login.AppMisconfigured},
		"unauthorized":        {dingtalk.TokenByCorp, corpPath, newError(401, "unauthorized.client"), login.AppMisconfigured},
		"server error":        {dingtalk.TokenByCorp, corpPath, newError(500, "server.error"), login.ProviderUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newFake(t, map[string]http.HandlerFunc{tc.path: tc.answer}).client()
			c.TokenCall = tc.way
			_, err := c.AppToken(t.Context())
			if login.CodeOf(err) != tc.code {
				t.Errorf("err = %v, want %s", err, tc.code)
			}
			cleanError(t, err)
		})
	}
}

func TestProcessesWithOneKeeperShareOneToken(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	keeper := newShelf()
	var all sync.WaitGroup
	for range 10 {
		c := f.client()
		c.Keeper = keeper
		for range 5 {
			all.Go(func() {
				if token, err := c.AppToken(t.Context()); err != nil || token.Reveal() != appToken {
					t.Errorf("err = %v", err)
				}
			})
		}
	}
	all.Wait()
	if n := len(f.requests(tokenPath)); n != 1 {
		t.Errorf("%d token calls", n)
	}
}

func TestASharedTokenThatIsRefusedIsFetchedOnceForAll(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{memberPath: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("access_token") != appToken {
			oldError(40014)(w, r)
			return
		}
		says(200, goodMember)(w, r)
	}, tokenPath: inTurn(says(200, `{"accessToken":"rotated-away","expireIn":7200}`), says(200, goodToken))})
	keeper := newShelf()
	var clients []*dingtalk.Client
	for range 5 { // all have the token that will be refused
		c := f.client()
		c.Keeper = keeper
		clients = append(clients, c)
		if _, err := c.AppToken(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for _, c := range clients {
		all.Go(func() {
			if _, err := c.UserIDByUnionID(t.Context(), "uXyZ34iEiE"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := len(f.requests(tokenPath)); n != 2 {
		t.Errorf("%d token calls, want the first and one more", n)
	}
}

func TestAKeeperThatFailsOrLiesCostsACallAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*shelf, string){
		"cannot write":         func(s *shelf, _ string) { s.fail(errors.New("the disk is full")) },
		"nonsense in the slot": func(s *shelf, slot string) { s.slots[slot] = secret.New("{") },
		"a token without end": func(s *shelf, slot string) {
			s.slots[slot] = secret.New(`{"token":"x","fetch":"f","renew":"2999-01-01T00:00:00Z"}`)
		},
		"a token long past": func(s *shelf, slot string) {
			s.slots[slot] = secret.New(`{"token":"x","fetch":"f","renew":"2020-01-01T00:00:00Z"}`)
		},
		"a token of no fetch": func(s *shelf, slot string) {
			s.slots[slot] = secret.New(`{"token":"x","renew":"2026-11-21T13:00:00Z"}`)
		},
		"another host's tokens": func(s *shelf, slot string) { s.slots[strings.Replace(slot, "http", "https", 1)] = s.slots[slot] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, keeper := newFake(t, nil), newShelf()
			prepare(keeper, "app token dingabc123 "+f.URL)
			c := f.client()
			c.Keeper = keeper
			c.Now = func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }
			if token, err := c.AppToken(t.Context()); err != nil || token.Reveal() != appToken {
				t.Errorf("err = %v", err)
			}
			if n := len(f.requests(tokenPath)); n != 1 {
				t.Errorf("%d token calls", n)
			}
		})
	}
}
