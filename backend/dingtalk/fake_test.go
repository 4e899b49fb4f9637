package dingtalk_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/secret"
)

// The paths of the five calls.
const (
	exchangePath = "/v1.0/oauth2/userAccessToken"
	mePath       = "/v1.0/contact/users/me"
	tokenPath    = "/v1.0/oauth2/accessToken"
	memberPath   = "/topapi/user/getbyunionid"
	userPath     = "/topapi/v2/user/get"
)

// What must never be seen in an error or a log.
const (
	appSecret    = "canary-app-secret"
	oneTimeCode  = "canary-one-time-code"
	userToken    = "canary-user-token"
	refreshToken = "canary-refresh-token"
	appToken     = "canary-app-token"
	mobile       = "13800138000"
)

// The answers of a good day.
const (
	goodExchange = `{"accessToken":"` + userToken + `","refreshToken":"` + refreshToken + `","expireIn":7200,"corpId":"ding0a1b"}`
	goodMe       = `{"nick":"阿明","avatarUrl":"https://static-legacy.dingtalk.com/media/me.jpg","mobile":"` + mobile + `","stateCode":"86","openId":"oAbC12","unionId":"uXyZ34iEiE","email":"a@example.com","visitor":false}`
	goodToken    = `{"accessToken":"` + appToken + `","expireIn":7200}`
	goodMember   = `{"errcode":0,"errmsg":"ok","result":{"contact_type":0,"userid":"zhang01"},"request_id":"r1"}`
	goodUser     = `{"errcode":0,"errmsg":"ok","request_id":"16ab","result":{"userid":"zhang01","unionid":"uXyZ34iEiE","name":"张三","avatar":"",
		"state_code":"86","mobile":"` + mobile + `","job_number":"A007","title":"工程师","email":"z@example.com","org_email":"z@corp.example",
		"dept_id_list":[1,88001],"dept_order_list":[{"dept_id":88001,"order":176200000000000001}],
		"leader_in_dept":[{"dept_id":88001,"leader":false}],"role_list":[{"id":1507,"name":"财务","group_name":"职务"}],
		"extension":"{\"爱好\":\"跑步\"}","active":true,"real_authed":true,"senior":false,"admin":false,"boss":true,"union_emp_ext":{}}}`
)

// seen is a request that the fake got.
type seen struct {
	method, path string
	query        url.Values
	header       http.Header
	body         string
}

// fake is DingTalk, scripted by path. It plays all hosts.
type fake struct {
	*httptest.Server // nil where it is asked without a socket, as a RoundTripper
	script           map[string]http.HandlerFunc

	mu   sync.Mutex
	seen []seen
}

// newFake starts a fake on a real socket, on which everything goes well but for
// what the script changes.
func newFake(t *testing.T, script map[string]http.HandlerFunc) *fake {
	t.Helper()
	f := scripted(script)
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func scripted(script map[string]http.HandlerFunc) *fake {
	f := &fake{script: map[string]http.HandlerFunc{
		exchangePath: says(200, goodExchange),
		mePath:       says(200, goodMe),
		tokenPath:    says(200, goodToken),
		memberPath:   says(200, goodMember),
		userPath:     says(200, goodUser),
	}}
	for path, handler := range script {
		f.script[path] = handler
	}
	return f
}

// RoundTrip asks without a socket, so that a bubble's clock goes on for who waits.
func (f *fake) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		if recover() != nil { // as drops does, and a server takes it
			err = io.ErrUnexpectedEOF
		}
	}()
	asked, answer := req.Clone(req.Context()), httptest.NewRecorder()
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	f.ServeHTTP(answer, asked)
	return answer.Result(), nil
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	f.mu.Lock()
	f.seen = append(f.seen, seen{r.Method, r.URL.Path, r.URL.Query(), r.Header.Clone(), string(body)})
	f.mu.Unlock()
	handler, ok := f.script[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	handler(w, r)
}

// requests are those for a path; all of them for "".
func (f *fake) requests(path string) []seen {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.seen), func(s seen) bool { return path != "" && s.path != path })
}

// client is a client of the fake's, with the plainest settings.
func (f *fake) client() *dingtalk.Client {
	return &dingtalk.Client{
		ClientID:     "dingabc123",
		ClientSecret: secret.New(appSecret),
		CorpID:       "ding0a1b",
		LoginURL:     f.URL,
		APIURL:       f.URL,
		OAPIURL:      f.URL,
	}
}

// says answers always the same.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// inTurn answers with one handler after the other, and then with the last.
func inTurn(handlers ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		handler := handlers[0]
		if len(handlers) > 1 {
			handlers = handlers[1:]
		}
		mu.Unlock()
		handler(w, r)
	}
}

// drops reads the request and closes the connection without an answer.
func drops(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// oldError is the older API's refusal, wrapped in 88 as the gateway does it.
func oldError(code int) http.HandlerFunc {
	return says(200, fmt.Sprintf(`{"errcode":88,"sub_code":"%d","sub_msg":"不合法","errmsg":"ding talk error[subcode=%d]","request_id":"r9"}`, code, code))
}

// newError is the newer API's refusal.
func newError(status int, code string) http.HandlerFunc {
	return says(status, fmt.Sprintf(`{"code":%q,"requestid":"R-9","message":"不合法"}`, code))
}

func object(t *testing.T, body string) map[string]any {
	t.Helper()
	var got map[string]any
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("request body %q: %v", body, err)
	}
	return got
}
