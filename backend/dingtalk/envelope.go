package dingtalk

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"strconv"
	"strings"
)

// envelope is what DingTalk's two APIs put around an answer, in one struct,
// because each has been seen to answer in the other's words.
//
// The newer API answers a failure with an HTTP status and code, requestid,
// message and accessdenieddetail; keys are matched whatever their case, which
// encoding/json does. The older one answers HTTP 200 with errcode; 88 is a
// wrapper, and what happened stands in sub_code. The guard against floods
// answers {"status":1111,"punish":"deny","wait":5,…}, or with a page.
type envelope struct {
	Code      text `json:"code"`
	RequestID text `json:"requestid"`
	Denied    list[struct {
		RequiredScopes list[text] `json:"requiredscopes"`
	}] `json:"accessdenieddetail"` // one object; a list only so that another shape does no harm
	Message text `json:"message"`

	ErrCode      code `json:"errcode"`
	SubCode      code `json:"sub_code"`
	OldRequestID text `json:"request_id"`
	ErrMsg       text `json:"errmsg"`
	SubMsg       text `json:"sub_msg"`

	Status text `json:"status"`
	Punish text `json:"punish"`
	Wait   text `json:"wait"`
}

// judge reads an answer's envelope: nil when DingTalk did what was asked for.
// The result has no Endpoint yet.
func judge(status int, body []byte) *Error {
	e := &Error{Status: status}
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		e.Err = errNotJSON
		return e
	}
	e.RequestID = cmp.Or(label(string(env.RequestID)), label(string(env.OldRequestID)))
	if e.Banned = env.Status == "1111" && env.Punish != ""; e.Banned {
		e.RetryAfter = punishment(env.Wait)
	}
	ok := status >= 200 && status <= 299
	switch {
	case env.ErrCode != "" && env.ErrCode != "0":
		e.Code, e.SubCode = label(string(env.ErrCode)), label(string(env.SubCode))
	case !ok:
		e.Code = label(string(env.Code))
	case !e.Banned:
		return nil
	}
	for _, denied := range env.Denied {
		for _, scope := range denied.RequiredScopes {
			if scope := label(string(scope)); scope != "" && len(e.RequiredScopes) < 10 {
				e.RequiredScopes = append(e.RequiredScopes, scope)
			}
		}
	}
	if e.refusesAddress() {
		e.Address = findAddress(string(env.Message), string(env.SubMsg), string(env.ErrMsg))
	}
	return e
}

// code is an errcode or sub_code: a number, a number in a string, or a name.
// null is none. Anything else is not an envelope, and must not pass for a
// success.
type code string

func (c *code) UnmarshalJSON(raw []byte) error {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return errNotJSON
	}
	switch value := value.(type) {
	case nil:
		*c = ""
	case string:
		*c = code(value)
	case json.Number:
		*c = code(value)
	default:
		return errNotJSON
	}
	// " 040014" and 40014 are the same.
	if n, err := strconv.Atoi(strings.TrimSpace(string(*c))); err == nil {
		*c = code(strconv.Itoa(n))
	}
	return nil
}

// label lets an identifier through and nothing else: what a server put where a
// code belongs ends in logs and on an administrator's screen.
func label(s string) string {
	if len(s) > 100 {
		return ""
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._:-", r):
		default:
			return ""
		}
	}
	return s
}

// findAddress picks the address out of an address refusal. It is the one place
// where a message is read: the code has already said what happened, and the
// address stands nowhere else.
func findAddress(messages ...string) string {
	apart := func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF.:", r) }
	for _, message := range messages {
		for _, word := range strings.FieldsFunc(message, apart) {
			for _, candidate := range []string{word, strings.Trim(word, ".:")} {
				if ip, err := netip.ParseAddr(candidate); err == nil && !ip.IsUnspecified() {
					return ip.String()
				}
			}
		}
	}
	return ""
}
