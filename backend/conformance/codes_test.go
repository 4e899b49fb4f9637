package conformance_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// listed are the error codes of the older API that section 7.10 of the contract
// has, in its order, the ranges written out.
const listed = `-1 0 22 88 33001 33012 40000 40035 400002 40001 40003 40009 40031 40032 40013 40014 40029 40068 40069
	40073 40078 40079 43007 40084 40086 40088 40089 40096 41001 40091 41007 41026 42001 42002 42003 42007 42008
	43001 43002 43003 50001 50002 50003 50004 50005 60003 60011 60019 60020 60111 60120 60121 70001
	71006 71007 71008 71009 71012 71013 853001 853002 853003 853004
	900001 900002 900003 900004 900005 900006 900007 900008 900009 900010
	90001 90002 90003 90004 90005 90006 90007 90008 90009 90010
	90011 90012 90013 90014 90015 90016 90017 90018 90019 90020`

// oldCode is a row of 7.10: the contract's words and class, and what the client
// makes of it.
type oldCode struct {
	codes   string
	meaning string
	asks    string // the contract's class
	class   dingtalk.Class
	login   login.Code
	mend    string // the case of the login.Code's words; "" for its own
	detail  string // where mend is ""
}

func oldCodes() []oldCode {
	return []oldCode{
		{"-1", "system busy", "retry", dingtalk.Retry, login.ProviderUnavailable, "", ""},
		{"22", "unknown method or path", "bug", dingtalk.Bug, login.Internal, "", ""},
		{"88", "a wrapper with nothing in it", "look at sub_code", dingtalk.Bug, login.ProviderAnswer, "", ""},
		{"33001", "invalid corp id", "config", dingtalk.Settings, login.AppMisconfigured, "corp_id", ""},
		{"33012 40003", "invalid userid", "input", dingtalk.Refuse, login.ProviderAnswer, "not_found", ""},
		{"40000 40035 400002", "bad or missing parameter", "bug", dingtalk.Bug, login.Internal, "", ""},
		{"40001 40014 42001", "invalid or expired access_token", "token", dingtalk.Token, login.ProviderAnswer, "token", ""},
		{"40009", "bad department id", "input", dingtalk.Refuse, login.ProviderAnswer, "not_found", ""},
		{"40031 40032", "bad userid list, or its length", "input", dingtalk.Refuse, login.ProviderAnswer, "not_found", ""},
		{"40013", "bad corpid", "config", dingtalk.Settings, login.AppMisconfigured, "corp_id", ""},
		{"40029", "bad oauth code", "login retry", dingtalk.SignInAgain, login.CodeInvalid, "", ""},
		{"40068 40069", "bad cursor or size", "bug", dingtalk.Bug, login.Internal, "", ""},
		{"40073", "no such openid", "input", dingtalk.Refuse, login.ProviderAnswer, "not_found", ""},
		{"40078", "code unknown, used, expired or of the wrong kind", "login retry", dingtalk.SignInAgain, login.CodeInvalid, "", ""},
		{"40079", "no such authorization", "config", dingtalk.Settings, login.AppMisconfigured, "authorization", ""},
		{"43007", "insufficient permission", "config", dingtalk.Settings, login.PermissionMissing, "", sandbox.PermitBase},
		{"40084", "bad persistent code", "config", dingtalk.Settings, login.AppMisconfigured, "authorization", ""},
		{"40086 40088", "bad third-party appid, bad suite key or secret", "config", dingtalk.Settings, login.AppMisconfigured, "", ""},
		{"40089", "bad corpid or corpsecret", "config", dingtalk.Settings, login.AppMisconfigured, "", ""},
		{"40096", "bad appkey or appsecret", "config", dingtalk.Settings, login.AppMisconfigured, "", ""},
		{"41001", "access_token missing", "bug", dingtalk.Bug, login.Internal, "", ""},
		{"40091", "user must authorize again", "login retry", dingtalk.SignInAgain, login.CodeInvalid, "", ""},
		{"41007 41026", "bad ssocode, tmp_auth_code missing", "bug", dingtalk.Bug, login.Internal, "", ""},
		{"42002 42003", "refresh_token expired, oauth code expired", "login retry", dingtalk.SignInAgain, login.CodeInvalid, "", ""},
		{"42007 42008", "pre-auth or temporary code invalid", "login retry", dingtalk.SignInAgain, login.CodeInvalid, "", ""},
		{"43001 43002 43003", "need GET, POST, HTTPS", "bug", dingtalk.Bug, login.Internal, "", ""},
		{"50001", "redirect_uri not registered", "config", dingtalk.Settings, login.RedirectMisconfigured, "", ""},
		{"50002", "employee outside the contact scope", "config", dingtalk.Settings, login.PermissionMissing, "", scopeWords},
		{"50003", "app disabled", "config", dingtalk.Settings, login.AppMisconfigured, "app_disabled", ""},
		{"50004", "department outside the contact scope", "config", dingtalk.Settings, login.PermissionMissing, "", scopeWords},
		{"50005", "corp disabled", "config", dingtalk.Settings, login.AppMisconfigured, "company", ""},
		{"60003", "department not found", "input", dingtalk.Refuse, login.ProviderAnswer, "not_found", ""},
		{"60011", "app lacks the API permission", "config", dingtalk.Settings, login.PermissionMissing, "", sandbox.PermitBase},
		{"60019", "reading the department's people failed", "input", dingtalk.Refuse, login.ProviderAnswer, "not_found", ""},
		{"60020", "address not on the list, which the message names", "config", dingtalk.Settings, login.IPNotAllowed, "", "203.0.113.7"},
		{"60111", "userid not found", "input", dingtalk.Refuse, login.NotMember, "", ""},
		{"60120", "user disabled", "deny", dingtalk.Refuse, login.Disabled, "", ""},
		{"60121", "user not found in the org", "deny", dingtalk.Refuse, login.NotMember, "", ""},
		{"70001", "corp gone or unauthorized", "config", dingtalk.Settings, login.AppMisconfigured, "company", ""},
		{"71006 71007 71008", "callback URL exists, is missing, has a bad tag", "config", dingtalk.Settings, login.AppMisconfigured, "callback", ""},
		{"71009", "callback reply was not success", "config", dingtalk.Settings, login.AppMisconfigured, "callback_answer", ""},
		{"71012 71013", "callback URL unreachable or redirects, blocked", "config", dingtalk.Settings, login.AppMisconfigured, "callback_address", ""},
		{"853001", "signature: timestamp format", "config/clock", dingtalk.Bug, login.Internal, "", ""}, // we make the timestamp
		{"853002", "signature: clock differs", "config/clock", dingtalk.Settings, login.ClockWrong, "", ""},
		{"853003 853004", "signature: accessKey unknown, mismatch", "config/clock", dingtalk.Settings, login.AppMisconfigured, "", ""},
		{"900001 900002 900003 900004 900005 900006 900007 900008 900009 900010", "callback crypto", "crypto", dingtalk.Settings, login.AppMisconfigured, "callback_answer", ""},
		{"90001 90002 90003 90004 90005 90006 90007 90008 90009 90010 90011 90012 90013 90014 90015 90016 90017 90018 90019",
			"rate limits", "back off", dingtalk.Retry, login.RateLimited, "", ""},
		{"90020", "the month's quota", "back off", dingtalk.Retry, login.RateLimited, "quota", ""},
	}
}

// answeredWith puts an errcode in the place of the visitor call's answer, which
// is asked for once: alone, or inside 88.
func answeredWith(errcode int, inside bool) func(*world) {
	message := planted
	if errcode == 60020 {
		message = planted + ",request ip=203.0.113.7 appKey(dingabc123)"
	}
	body := fmt.Sprintf(`{"errcode":%d,"errmsg":%q,"request_id":"16ab7x2m9k1q"}`, errcode, message)
	if inside {
		body = fmt.Sprintf(`{"errcode":88,"sub_code":"%d","sub_msg":%q,"errmsg":"ding talk error[subcode=%[1]d,submsg=%[2]s]","request_id":"16ab7x2m9k1q"}`, errcode, message)
	}
	return faulted(visitorPath, sandbox.Fault{Body: body})
}

// Every code comes out the same whether it stands alone or inside 88.
func TestOldCodes(t *testing.T) {
	t.Parallel()
	rows := []row{{name: "7.10 0 ok", call: visitOf("zhang01"), want: func(w *world) any {
		p := w.who("zhang01")
		return dingtalk.Visitor{UserID: p.UserID, UnionID: p.UnionID, Name: p.Name}
	}}}
	for _, c := range oldCodes() {
		for code := range strings.FieldsSeq(c.codes) {
			errcode, err := strconv.Atoi(code)
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("7.10 %s %s: %s", code, c.meaning, c.asks)
			alone := plain(visitorPath, errcode, c.class, c.login).saying(c.says(code))
			rows = append(rows, row{name: name, given: answeredWith(errcode, false), call: visitOf("zhang01"), fails: alone})
			if errcode != 88 {
				inside := wrapped(visitorPath, errcode, c.class, c.login).saying(c.says(code))
				rows = append(rows, row{name: name + ", inside 88", given: answeredWith(errcode, true), call: visitOf("zhang01"), fails: inside})
			}
		}
	}
	run(t, rows)
}

func TestEveryListedCodeHasARow(t *testing.T) {
	t.Parallel()
	have := []string{"0"} // TestOldCodes' first row
	for _, c := range oldCodes() {
		have = append(have, strings.Fields(c.codes)...)
	}
	want := strings.Fields(listed)
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("rows     %v\ncontract %v", have, want)
	}
}

// What a code is to a program follows from the contract's class.
func TestEveryCodeHasItsClass(t *testing.T) {
	t.Parallel()
	classes := map[string]dingtalk.Class{
		"retry": dingtalk.Retry, "back off": dingtalk.Retry, "bug": dingtalk.Bug, "look at sub_code": dingtalk.Bug,
		"config": dingtalk.Settings, "config/clock": dingtalk.Settings, "crypto": dingtalk.Settings,
		"input": dingtalk.Refuse, "deny": dingtalk.Refuse, "token": dingtalk.Token, "login retry": dingtalk.SignInAgain,
	}
	for _, c := range oldCodes() {
		if c.class != classes[c.asks] && c.codes != "853001" {
			t.Errorf("%s: class %q, and the contract says %q", c.codes, c.class, c.asks)
		}
	}
}
