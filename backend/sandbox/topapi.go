package sandbox

import (
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/dingpass/dingpass/backend/secret"
)

// topError is an error of the old API. It is always sent with HTTP 200; those
// of the gateway before /topapi/ are wrapped in errcode 88 (contract 0.1).
type topError struct {
	Code    int
	Message string
	Gateway bool
}

// topCall answers a call of /topapi/ with what goes into "result".
type topCall func(in url.Values) (any, *topError)

var (
	errNoMember = &topError{60121, "找不到该用户", false}
	errDisabled = &topError{60120, "用户已被禁用", false}
	errScope    = &topError{50002, "企业中的员工不在应用的通讯录权限范围内", false}
	errArgument = &topError{400002, "无效的参数", false}
)

// topapi wraps a call with what DingTalk's gateway does before it.
func (s *Sandbox) topapi(permission string, call topCall) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.gateway(r, permission); err != nil {
			writeTopError(w, err)
			return
		}
		in, ok := readArguments(r)
		if !ok {
			writeTopError(w, errArgument)
			return
		}
		result, err := call(in)
		if err != nil {
			writeTopError(w, err)
			return
		}
		writeJSON(w, http.StatusOK, map[string]any{"errcode": 0, "errmsg": "ok", "result": result, "request_id": topRequestID()})
	})
}

// gateway looks at the query only: a token in a header does not exist for it.
func (s *Sandbox) gateway(r *http.Request, permission string) *topError {
	ip, allowed := s.allowedIP(r)
	token := r.URL.Query().Get("access_token")
	switch {
	case r.Method != http.MethodPost:
		return &topError{43002, "需要POST请求", true}
	case token == "":
		return &topError{40000, "不合法的参数: access_token is blank", true}
	case s.mint.isAppToken(token) == expired:
		return &topError{42001, "access_token超时", true}
	case s.mint.isAppToken(token) == unknown:
		return &topError{40014, "不合法的access_token", true}
	case !allowed:
		return s.errIP(ip, true)
	case !s.Settings().permits(permission):
		return &topError{60011, "应用尚未开通所需的权限：[" + permission + "]", true}
	}
	return nil
}

func (s *Sandbox) errIP(ip string, gateway bool) *topError {
	return &topError{60020, fmt.Sprintf("访问ip不在白名单之中,request ip=%s appKey(%s)", ip, s.App().ClientID), gateway}
}

// readArguments reads a JSON object, or a form, which the old API takes too.
func readArguments(r *http.Request) (url.Values, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, false
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "application/x-www-form-urlencoded" {
		in, err := url.ParseQuery(string(body))
		return in, err == nil
	}
	return stringsOf(body)
}

func writeTopError(w http.ResponseWriter, e *topError) {
	body := map[string]any{"errcode": e.Code, "errmsg": e.Message, "request_id": topRequestID()}
	if e.Gateway {
		body["errcode"], body["sub_code"], body["sub_msg"] = 88, strconv.Itoa(e.Code), e.Message
		body["errmsg"] = fmt.Sprintf("ding talk error[subcode=%d,submsg=%s]", e.Code, e.Message)
	}
	writeJSON(w, http.StatusOK, body)
}

func topRequestID() string { return strings.ToLower(rand.Text()[:12]) }

// noSuchMethod is what the old API says of an unknown path.
func (s *Sandbox) noSuchMethod(w http.ResponseWriter, _ *http.Request) {
	writeTopError(w, &topError{22, "不合法的API路径", true})
}

// legacy wraps a call outside /topapi/: its errors carry their code directly.
func (s *Sandbox) legacy(call func(*http.Request) (map[string]any, *topError)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := call(r)
		if err != nil {
			writeTopError(w, err)
			return
		}
		answer["errcode"], answer["errmsg"] = 0, "ok"
		writeJSON(w, http.StatusOK, answer)
	})
}

// getToken is the app token of the old API (contract 3.1). It reads the query
// only.
func (s *Sandbox) getToken(r *http.Request) (map[string]any, *topError) {
	q := r.URL.Query()
	ip, allowed := s.allowedIP(r)
	switch {
	case r.Method == http.MethodPost && q.Has("appkey"):
		return nil, &topError{43001, "需要GET请求", false}
	case q.Get("appkey") == "" || q.Get("appsecret") == "":
		return nil, &topError{40035, "缺少参数 corpid or appkey", false}
	case !s.rightApp(q.Get("appkey"), secret.New(q.Get("appsecret"))):
		return nil, &topError{40096, "不合法的appKey或appSecret", false}
	case !allowed:
		return nil, s.errIP(ip, false)
	}
	token, seconds := s.appToken()
	return map[string]any{"access_token": token, "expires_in": seconds}, nil
}

// getByUnionID is the membership gate (contract 4.1). An external contact has a
// userid too.
func (s *Sandbox) getByUnionID(in url.Values) (any, *topError) {
	if in.Get("unionid") == "" {
		return nil, errArgument
	}
	p, ok := s.people.byUnionID(in.Get("unionid"))
	if !ok || !s.member(p) {
		return nil, errNoMember
	}
	kind := 0
	if p.External {
		kind = 1
	}
	return map[string]any{"userid": p.UserID, "contact_type": kind}, nil
}

func (s *Sandbox) member(p Person) bool {
	return !p.Left && slices.Contains(p.Corps, s.App().CorpID)
}

// inScope says whether the app's contact scope (通讯录权限范围) has one of the
// person's departments.
func (s Settings) inScope(p Person) bool {
	return len(s.ContactScope) == 0 || slices.ContainsFunc(p.Departments, func(id int64) bool {
		return slices.Contains(s.ContactScope, id)
	})
}
