package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func (k *kit) control(method, path, body string) reply {
	k.t.Helper()
	return k.do(method, "/_control/"+path, body, "Content-Type", "application/json")
}

func TestAWebPageCannotUseTheControl(t *testing.T) {
	t.Parallel()
	k := start(t)
	host := strings.TrimPrefix(k.URL(), "http://")
	for name, c := range map[string]struct {
		method  string
		headers []string
		want    int
	}{
		"a foreign origin writes":              {http.MethodPost, []string{"Origin", "http://evil.example"}, 403},
		"a foreign origin reads":               {http.MethodGet, []string{"Origin", "http://evil.example"}, 403},
		"an opaque origin":                     {http.MethodPost, []string{"Origin", "null"}, 403},
		"another port is another origin":       {http.MethodPost, []string{"Origin", "http://127.0.0.1:1"}, 403},
		"a picture of another site":            {http.MethodGet, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a page on another port":               {http.MethodGet, []string{"Sec-Fetch-Site", "same-site"}, 403},
		"a name that points here":              {http.MethodGet, []string{"Host", "evil.example"}, 403},
		"a name that looks like an address":    {http.MethodGet, []string{"Host", "127.0.0.1.evil.example"}, 403},
		"a form":                               {http.MethodPost, []string{"Content-Type", "text/plain"}, 415},
		"a form, deleting":                     {http.MethodDelete, []string{"Content-Type", "text/plain"}, 415},
		"its own origin":                       {http.MethodPost, []string{"Origin", "http://" + host}, 204},
		"no browser":                           {http.MethodPost, nil, 204},
		"someone who types the address":        {http.MethodGet, []string{"Sec-Fetch-Site", "none"}, 200},
		"localhost is this machine":            {http.MethodGet, []string{"Host", "localhost:1234"}, 200},
		"a preflight gets no leave to go on":   {http.MethodOptions, []string{"Origin", "http://evil.example"}, 403},
		"nothing at that path, for a stranger": {http.MethodPut, []string{"Origin", "http://evil.example"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			path := "/_control/faults"
			if c.method == http.MethodGet {
				path = "/_control/state"
			}
			res := k.do(c.method, path, `{"endpoint":"/gettoken","faults":[]}`, append([]string{"Content-Type", "application/json"}, c.headers...)...)
			if res.status != c.want {
				t.Errorf("got %d %s, want %d", res.status, res.body, c.want)
			}
			if res.header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("it invites other origins")
			}
		})
	}
}

func TestTheControlChangesPeople(t *testing.T) {
	t.Parallel()
	k := start(t)
	app := k.appToken()
	name := func(userID string) any {
		result, _ := k.top(userPath, app, map[string]any{"userid": userID})["result"].(map[string]any)
		return result["name"]
	}
	if res := k.control(http.MethodPost, "people", `{"userid":"new1","name":"新人"}`); res.status != http.StatusOK {
		t.Fatalf("add: %d %s", res.status, res.body)
	}
	if name("new1") != "新人" || k.code("new1") == "" {
		t.Error("the new person is not there")
	}
	for _, userID := range []string{"new1", "zhang01", "user000003"} {
		before, err := k.Person(userID)
		if err != nil {
			t.Fatal(err)
		}
		if res := k.control(http.MethodPut, "people/"+userID, `{"name":"改名"}`); res.status != http.StatusOK {
			t.Fatalf("change: %d %s", res.status, res.body)
		}
		after, err := k.Person(userID)
		if err != nil || after.Name != "改名" || after.UnionID != before.UnionID || after.JobNumber != before.JobNumber || name(userID) != "改名" {
			t.Errorf("%s: %+v, was %+v", userID, after, before)
		}
		if res := k.control(http.MethodDelete, "people/"+userID, ""); res.status != http.StatusNoContent {
			t.Fatalf("remove: %d %s", res.status, res.body)
		}
		isTopError(t, k.top(userPath, app, map[string]any{"userid": userID}), 60121, "")
		isTopError(t, k.top(unionPath, app, map[string]any{"unionid": before.UnionID}), 60121, "")
		if res := k.control(http.MethodGet, "people/"+userID, ""); res.status != http.StatusNotFound {
			t.Errorf("read: %d", res.status)
		}
	}
	list := k.control(http.MethodGet, "people?q=A00&offset=1&limit=2", "").json(t)
	if people, _ := list["people"].([]any); len(people) != 2 || list["total"] != 29.0 {
		t.Errorf("list: %v", list)
	}
	for name, c := range map[string]struct{ method, path, body string }{
		"an unknown field":       {http.MethodPost, "people", `{"userid":"x","fullname":"y"}`},
		"no userid":              {http.MethodPost, "people", `{"name":"y"}`},
		"someone else's unionid": {http.MethodPut, "people/li02", `{"unionid":"` + k.unionID("wu08") + `"}`},
	} {
		if res := k.control(c.method, c.path, c.body); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, res.status)
		}
	}
}

func (k *kit) unionID(userID string) string {
	k.t.Helper()
	p, err := k.Person(userID)
	if err != nil {
		k.t.Fatal(err)
	}
	return p.UnionID
}

func TestTheControlSetsFaults(t *testing.T) {
	t.Parallel()
	k := start(t)
	body := `{"endpoint":"/gettoken","faults":[{"status":503,"times":1,"latency":"1ms"},{"kind":"html"}]}`
	if res := k.control(http.MethodPost, "faults", body); res.status != http.StatusNoContent {
		t.Fatalf("set: %d %s", res.status, res.body)
	}
	if res := k.do(http.MethodGet, "/gettoken", ""); res.status != http.StatusServiceUnavailable {
		t.Errorf("first: %d", res.status)
	}
	if res := k.do(http.MethodGet, "/gettoken", ""); !strings.HasPrefix(res.body, "<!doctype") {
		t.Errorf("second: %s", res.body)
	}
	if res := k.control(http.MethodDelete, "faults?endpoint=/gettoken", ""); res.status != http.StatusNoContent {
		t.Errorf("clear: %d", res.status)
	}
	if res := k.do(http.MethodGet, "/gettoken", ""); res.json(t)["errcode"] != 40035.0 {
		t.Errorf("healed: %s", res.body)
	}
	for _, bad := range []string{`{"endpoint":"*","faults":[{"kind":"fire"}]}`, `{"endpoint":"*","faults":[{"statsu":503}]}`, `{"endpoint":"*","faults":[{"latency":"long"}]}`, `[`} {
		if res := k.control(http.MethodPost, "faults", bad); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, res.status)
		}
	}
}

func TestTheControlChangesSettings(t *testing.T) {
	t.Parallel()
	k := start(t)
	before := k.Settings()
	res := k.control(http.MethodPost, "settings", `{"frame_needs_cookie":true,"code_lifetime":"30s","clock_skew":"-1h","client_secret":"brandnew"}`)
	if res.status != http.StatusOK || strings.Contains(res.body, "brandnew") {
		t.Fatalf("got %d %s", res.status, res.body)
	}
	after := k.Settings()
	if !after.FrameNeedsCookie || after.CodeLifetime != 30*time.Second || after.ClockSkew != -time.Hour {
		t.Errorf("got %+v", after)
	}
	if after.AuthCodeLifetime != before.AuthCodeLifetime || len(after.Permissions) != len(before.Permissions) {
		t.Errorf("what was not sent changed: %+v", after)
	}
	if k.App().ClientSecret.Reveal() != "brandnew" {
		t.Error("the secret did not change")
	}
	for _, bad := range []string{`{"refusal":"maybe"}`, `{"code_lifetime":"0s"}`, `{"registered_redirects":["callback"]}`, `{"nothing":1}`, `{"client_secret":""}`} {
		if res := k.control(http.MethodPost, "settings", bad); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, res.status)
		}
	}
	if got := k.Settings(); got.Refusal != before.Refusal || len(got.RegisteredRedirects) != 1 {
		t.Errorf("a refused change changed something: %+v", got)
	}
}

func TestTheControlSpoilsTokensAndCodes(t *testing.T) {
	t.Parallel()
	k := start(t)
	token, code, s := k.appToken(), k.code("zhang01"), k.open()
	for path, body := range map[string]string{"tokens": `{"action":"rotate"}`, "codes": `{"action":"expire"}`} {
		if res := k.control(http.MethodPost, path, body); res.status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", path, res.status, res.body)
		}
		if res := k.control(http.MethodPost, path, `{"action":"dance"}`); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d", path, res.status)
		}
	}
	isTopError(t, k.top(userPath, token, map[string]any{"userid": "zhang01"}), 88, "40014")
	isRestError(t, k.exchange(code), http.StatusBadRequest, "invalidParameter.authCode.notFound")
	if got := k.watch(s, "waiting"); got["stage"] != "expired" {
		t.Errorf("the code on the screen: %v", got)
	}
}

func TestTheStateTellsWhatHappenedAndNoSecret(t *testing.T) {
	t.Parallel()
	k := start(t)
	code := k.code("zhang01")
	token, _ := k.exchange(code).json(t)["accessToken"].(string)
	k.me(token)
	s := k.open()
	res := k.control(http.MethodGet, "state", "")
	state := res.json(t)
	calls, _ := state["calls"].(map[string]any)
	if calls["POST "+exchangePath] != 1.0 || calls["GET /v1.0/contact/users/{unionId}"] != 1.0 || state["people"] != 31.0 {
		t.Errorf("state: %v", state)
	}
	if !strings.Contains(res.body, s.scan[len(k.URL()):]) {
		t.Error("the code on the screen is not listed")
	}
	for _, hidden := range []string{code, token, k.App().ClientSecret.Reveal(), s.watch} {
		if strings.Contains(res.body, hidden) {
			t.Errorf("it holds %q", hidden)
		}
	}
}
