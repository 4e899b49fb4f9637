package sandbox

import (
	"crypto/rand"
	"fmt"
	"net/http"
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
type topCall func(arguments) (any, *topError)

var (
	errNoMember = &topError{60121, "找不到该用户", false}
	errDisabled = &topError{60120, "用户已被禁用", false}
	errScope    = &topError{50002, "企业中的员工不在应用的通讯录权限范围内", false}
	errArgument = &topError{400002, "无效的参数", false}
)

// topapi wraps a call with what DingTalk's gateway does before it.
func (s *Sandbox) topapi(permission string, call topCall) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.gateway(r, http.MethodPost, permission); err != nil {
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
// An empty permission is one that every app has.
func (s *Sandbox) gateway(r *http.Request, method, permission string) *topError {
	ip, allowed := s.allowedIP(r)
	token := r.URL.Query().Get("access_token")
	switch {
	case r.Method != method && method == http.MethodPost:
		return &topError{43002, "需要POST请求", true}
	case r.Method != method:
		return &topError{43001, "需要GET请求", true}
	case token == "":
		return &topError{40000, "不合法的参数: access_token is blank", true}
	case s.mint.isAppToken(token) == expired:
		return &topError{42001, "access_token超时", true}
	case s.mint.isAppToken(token) == unknown:
		return &topError{40014, "不合法的access_token", true}
	case !allowed:
		return s.errIP(ip, true)
	case permission != "" && !s.Settings().permits(permission):
		return &topError{60011, "应用尚未开通所需的权限：[" + permission + "]", true}
	}
	return nil
}

func (s *Sandbox) errIP(ip string, gateway bool) *topError {
	return &topError{60020, fmt.Sprintf("访问ip不在白名单之中,request ip=%s appKey(%s)", ip, s.App().ClientID), gateway}
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
func (s *Sandbox) getByUnionID(in arguments) (any, *topError) {
	p, err := s.memberByUnionID(in)
	if err != nil {
		return nil, err
	}
	return map[string]any{"userid": p.UserID, "contact_type": p.contactType()}, nil
}

func (s *Sandbox) memberByUnionID(in arguments) (Person, *topError) {
	unionID, ok := in.text("unionid")
	if !ok || unionID == "" {
		return Person{}, errArgument
	}
	p, ok := s.people.byUnionID(unionID)
	if !ok || !s.member(p) {
		return Person{}, errNoMember
	}
	return p, nil
}

func (p Person) contactType() int {
	if p.External {
		return 1
	}
	return 0
}

func (s *Sandbox) member(p Person) bool {
	return !p.Left && slices.Contains(p.Corps, s.App().CorpID)
}

// inScope says whether the app's contact scope has one of the person's
// departments.
func (s *Sandbox) inScope(p Person) bool {
	return len(s.Settings().ContactScope) == 0 || slices.ContainsFunc(p.Departments, s.covers)
}
