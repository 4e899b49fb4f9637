package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// restError is an error of the new API (contract 0.1).
type restError struct {
	Status  int
	Code    string
	Message string
	Scopes  []string // the permissions that are missing
}

// restCall answers a call of the new API with a bare JSON body.
type restCall func(*http.Request) (any, *restError)

var (
	errMissingToken = &restError{http.StatusBadRequest, "AuthenticationFailed.MissingParameter", "缺少请求头 x-acs-dingtalk-access-token", nil}
	errBadToken     = &restError{http.StatusBadRequest, "InvalidAuthentication", "不合法的access_token", nil}
	errExpiredToken = &restError{http.StatusBadRequest, "accesstoken.expired", "access_token已过期", nil}
	errCredentials  = &restError{http.StatusBadRequest, "invalidClientIdOrSecret", "无效的clientId或者clientSecret", nil}
	errCode         = &restError{http.StatusBadRequest, "invalidParameter.authCode.notFound", "不合法的临时授权码", nil}
	errBody         = &restError{http.StatusBadRequest, "invalidParameter.body", "the body is not a JSON object sent as application/json", nil}
	errNoUser       = &restError{http.StatusNotFound, "invalidParameter.user.notFound", "用户不存在", nil}
)

// denied is also the answer to an app token where a user token is needed.
func denied(permission string) *restError {
	return &restError{
		http.StatusForbidden, "Forbidden.AccessDenied.AccessTokenPermissionDenied",
		"没有调用该接口的权限，应用缺少权限 [" + permission + "]", []string{permission},
	}
}

// missing is for a body field that is not there. The exact names that DingTalk
// uses are not documented.
func missing(field string) *restError {
	return &restError{http.StatusBadRequest, "Missing" + field, field + " is mandatory for this action.", nil}
}

// rest wraps a call with what DingTalk's gateway does before it.
func (s *Sandbox) rest(method string, call restCall) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			writeRestError(w, &restError{http.StatusNotFound, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.", nil})
			return
		}
		if ip, ok := s.allowedIP(r); !ok {
			writeRestError(w, &restError{http.StatusForbidden, "Forbidden.AccessDenied.IpNotInWhiteList", "访问ip不在白名单之中, request ip=" + ip, nil})
			return
		}
		answer, err := call(r)
		if err != nil {
			writeRestError(w, err)
			return
		}
		writeJSON(w, http.StatusOK, answer)
	})
}

// noSuchURI is what the new API says of an unknown path: HTTP 200, a trap that
// the live service was seen to set.
func (s *Sandbox) noSuchURI(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]any{"errcode": 404, "errmsg": "请求的URI地址不存在"})
}

func (s *Sandbox) allowedIP(r *http.Request) (string, bool) {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	allowed := s.Settings().AllowedIPs
	return ip, len(allowed) == 0 || slices.Contains(allowed, ip)
}

// writeRestError keeps the wire's letter case: requestid is all lower case, and
// what carries the missing permissions is taken to be, too.
func writeRestError(w http.ResponseWriter, e *restError) {
	body := map[string]any{"code": e.Code, "message": e.Message, "requestid": restRequestID()}
	if len(e.Scopes) > 0 {
		body["accessdenieddetail"] = map[string]any{"requiredScopes": e.Scopes}
	}
	writeJSON(w, e.Status, body)
}

func restRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	h := strings.ToUpper(hex.EncodeToString(b[:]))
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone: nobody to tell
}

// maxBody is more than any call here needs.
const maxBody = 1 << 20

// readJSON reads a JSON object of strings that was sent as such. Names are
// compared exactly: encoding/json would take "clientid" for clientId, DingTalk
// would not.
func readJSON(r *http.Request) (url.Values, bool) {
	body, ok := sentJSON(r)
	if !ok {
		return nil, false
	}
	return stringsOf(body)
}

// sentJSON is a body that was sent as JSON. The new API takes no other.
func sentJSON(r *http.Request) ([]byte, bool) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	return body, err == nil
}

// stringsOf reads a JSON object that holds strings; no call here takes more.
func stringsOf(body []byte) (url.Values, bool) {
	var fields map[string]any
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return nil, false
	}
	in := url.Values{}
	for name, value := range fields {
		text, ok := value.(string)
		if !ok {
			return nil, false
		}
		in.Set(name, text)
	}
	return in, true
}
