package sandbox_test

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// kit is a sandbox on a real socket with a clock that stands still, and a
// client that keeps cookies and follows no redirect.
type kit struct {
	*sandbox.Server
	t      *testing.T
	clock  *clock
	client *http.Client
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func start(t *testing.T, edits ...func(*sandbox.Options)) *kit {
	t.Helper()
	time := &clock{now: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	o := sandbox.Options{Now: time.Now, People: 20}
	for _, edit := range edits {
		edit(&o)
	}
	server, err := sandbox.Listen(context.WithoutCancel(t.Context()), "", o)
	if err != nil {
		t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &kit{server, t, time, &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// in is the kit for a subtest, whose failures are its own.
func (k *kit) in(t *testing.T) *kit {
	sub := *k
	sub.t = t
	return &sub
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatalf("reply %d is no JSON object: %v: %s", r.status, err, r.body)
	}
	return m
}

// do sends a request; target is a path, or absolute. Headers come as name,
// value, name, value.
func (k *kit) do(method, target, body string, headers ...string) reply {
	k.t.Helper()
	res, err := k.try(method, target, body, headers...)
	if err != nil {
		k.t.Fatal(err)
	}
	return res
}

func (k *kit) try(method, target, body string, headers ...string) (reply, error) {
	k.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = k.URL() + target
	}
	req, err := http.NewRequestWithContext(k.t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	res, err := k.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }() // reading told of any error
	text, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(text)}, err
}

const redirect = "http://127.0.0.1:18765/callback"

// query is a good authorization request, with some parameters replaced; ""
// leaves one out.
func (k *kit) query(pairs ...string) string {
	q := url.Values{
		"client_id": {k.App().ClientID}, "redirect_uri": {redirect}, "response_type": {"code"},
		"scope": {"openid corpid"}, "prompt": {"consent"}, "state": {"S+/ 1"},
	}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return "/oauth2/auth?" + q.Encode()
}

// shown is what a login page holds.
type shown struct{ scan, watch, proceed, target, page string }

func (k *kit) open(pairs ...string) shown {
	k.t.Helper()
	res := k.do(http.MethodGet, k.query(pairs...), "")
	if res.status != http.StatusOK {
		k.t.Fatalf("login page: %d %s", res.status, res.body)
	}
	return shown{data(res.body, "scan"), data(res.body, "watch"), data(res.body, "continue"), data(res.body, "target"), res.body}
}

func data(page, name string) string {
	found := regexp.MustCompile(`data-` + name + `="([^"]*)"`).FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return html.UnescapeString(found[1])
}

// phone sends what a script sends in place of a phone.
func (k *kit) phone(s shown, pairs ...string) reply {
	k.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return k.do(http.MethodPost, s.scan, form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json")
}

// watch asks once, as the page does.
func (k *kit) watch(s shown, seen string) map[string]any {
	k.t.Helper()
	return k.do(http.MethodGet, s.watch+"?wait=0&seen="+seen, "").json(k.t)
}

// landed is the redirect that a finished page goes to.
func (k *kit) landed(s shown) *url.URL {
	k.t.Helper()
	to, _ := k.watch(s, "waiting")["redirectUrl"].(string)
	u, err := url.Parse(to)
	if err != nil || to == "" {
		k.t.Fatalf("redirect %q: %v", to, err)
	}
	return u
}

// code signs a person in and returns the one-time code.
func (k *kit) code(userID string, pairs ...string) string {
	k.t.Helper()
	s := k.open(pairs...)
	if res := k.phone(s, "userid", userID, "action", "confirm"); res.status != http.StatusOK {
		k.t.Fatalf("phone: %d %s", res.status, res.body)
	}
	return k.landed(s).Query().Get("authCode")
}

// post sends a JSON object to the APIs.
func (k *kit) post(path string, body map[string]any, headers ...string) reply {
	k.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.do(http.MethodPost, path, string(text), append([]string{"Content-Type", "application/json"}, headers...)...)
}

func (k *kit) exchange(code string) reply {
	k.t.Helper()
	app := k.App()
	return k.post("/v1.0/oauth2/userAccessToken", map[string]any{
		"clientId": app.ClientID, "clientSecret": app.ClientSecret.Reveal(), "code": code, "grantType": "authorization_code",
	})
}

func (k *kit) userToken(userID string) string {
	k.t.Helper()
	token, _ := k.exchange(k.code(userID)).json(k.t)["accessToken"].(string)
	return token
}

func (k *kit) appToken() string {
	k.t.Helper()
	app := k.App()
	token, _ := k.post("/v1.0/oauth2/accessToken", map[string]any{
		"appKey": app.ClientID, "appSecret": app.ClientSecret.Reveal(),
	}).json(k.t)["accessToken"].(string)
	return token
}

func (k *kit) me(token string) reply {
	k.t.Helper()
	return k.do(http.MethodGet, "/v1.0/contact/users/me", "", "x-acs-dingtalk-access-token", token)
}

// top calls the old API with the token in the query.
func (k *kit) top(path, token string, body map[string]any) map[string]any {
	k.t.Helper()
	res := k.post(path+"?access_token="+token, body)
	if res.status != http.StatusOK {
		k.t.Fatalf("%s: HTTP %d; the old API answers 200", path, res.status)
	}
	return res.json(k.t)
}

func (k *kit) change(edit func(*sandbox.Settings)) {
	k.t.Helper()
	if err := k.Change(edit); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) fault(endpoint string, list ...sandbox.Fault) {
	k.t.Helper()
	if err := k.SetFault(endpoint, list...); err != nil {
		k.t.Fatal(err)
	}
}

func TestAWholeSignInTellsWhoThePersonIs(t *testing.T) {
	t.Parallel()
	k := start(t)

	grant := k.exchange(k.code("zhang01")).json(t)
	if grant["corpId"] != k.App().CorpID || grant["expireIn"] != 7200.0 {
		t.Fatalf("exchange: %v", grant)
	}
	token, _ := grant["accessToken"].(string)
	me := k.me(token).json(t)
	if me["nick"] != "阿明" || me["mobile"] != "13800000000" {
		t.Fatalf("me: %v", me)
	}
	app := k.appToken()
	member := k.top("/topapi/user/getbyunionid", app, map[string]any{"unionid": me["unionId"]})
	result, _ := member["result"].(map[string]any)
	if member["errcode"] != 0.0 || result["userid"] != "zhang01" || result["contact_type"] != 0.0 {
		t.Fatalf("getbyunionid: %v", member)
	}
	record := k.top("/topapi/v2/user/get", app, map[string]any{"userid": "zhang01", "language": "zh_CN"})
	result, _ = record["result"].(map[string]any)
	if result["name"] != "张三" || result["active"] != true || result["unionid"] != me["unionId"] {
		t.Fatalf("record: %v", record)
	}
}
