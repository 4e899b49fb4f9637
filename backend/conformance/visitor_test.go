package conformance_test

import (
	"errors"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

// enter tells who opened a page inside DingTalk, by the code it got there.
func enter(w *world, code secret.Text) (any, error) {
	visitor, err := w.client.VisitorByCode(w.t.Context(), w.hide(code))
	if err == nil && visitor.DeviceID == "" {
		err = errors.New("no device id")
	}
	visitor.DeviceID, visitor.AssociatedUnion = "", "" // invented by the sandbox
	return visitor, err
}

func visitOf(userID string) call {
	return func(w *world) (any, error) { return enter(w, w.visit(userID)) }
}

func TestVisitor(t *testing.T) {
	t.Parallel()
	visitor := func(userID string, admin bool, level dingtalk.AdminLevel, union bool) func(*world) any {
		return func(w *world) any {
			p := w.who(userID)
			want := dingtalk.Visitor{UserID: userID, Name: p.Name, SystemAdmin: admin, Level: level}
			if union {
				want.UnionID = p.UnionID
			}
			return want
		}
	}
	rows := []row{
		{name: "5.2 an employee", call: visitOf("zhang01"), want: visitor("zhang01", false, dingtalk.NoAdmin, true)},
		{name: "5.2 sys_level 1", call: visitOf("li02"), want: visitor("li02", true, dingtalk.MainAdmin, true)},
		{name: "5.2 sys_level 100", given: boss, call: visitOf("zhang01"), want: visitor("zhang01", true, dingtalk.BossAdmin, true)},
		{name: "5.2 legacy, an employee", call: frozen(visitOf("zhang01")), want: visitor("zhang01", false, dingtalk.NoAdmin, false)},
		{name: "5.2 legacy, sys_level 1", call: frozen(visitOf("li02")), want: visitor("li02", true, dingtalk.MainAdmin, false)},
		{name: "5.2 60011 without qyapi_base", given: lacking(sandbox.PermitBase), call: visitOf("zhang01"),
			fails: wrapped(visitorPath, 60011, dingtalk.Settings, login.PermissionMissing).saying("qyapi_base")},
		{name: "5.2 legacy 60011 without qyapi_base", given: lacking(sandbox.PermitBase), call: frozen(visitOf("zhang01")),
			fails: plain(oldVisitorPath, 60011, dingtalk.Settings, login.PermissionMissing).saying("qyapi_base")},
		{name: "5.2 88+40014 while the code is unspent: a new token, and the code is good", call: afterRotation, want: visitor("zhang01", false, dingtalk.NoAdmin, true)},
	}
	for path, how := range map[string]func(call) call{visitorPath: func(c call) call { return c }, oldVisitorPath: frozen} {
		rows = append(rows,
			refusedCode("40078 the code is unknown", path, 40078, how(func(w *world) (any, error) { return enter(w, secret.New("no-such-code")) })),
			refusedCode("40078 the code was used", path, 40078, how(enterTwice)),
			refusedCode("40078 the code has expired", path, 40078, how(enterLate)),
			refusedCode("40078 the code is from a scan", path, 40078, how(func(w *world) (any, error) { return enter(w, w.scan("zhang01")) })),
			spoiltCode("40029 bad oauth code", path, 40029, dingtalk.SignInAgain, login.CodeInvalid, how),
			spoiltCode("40079 no such authorization", path, 40079, dingtalk.Settings, login.AppMisconfigured, how),
			spoiltCode("40091 authorize again", path, 40091, dingtalk.SignInAgain, login.CodeInvalid, how),
			spoiltCode("41007 bad ssocode", path, 41007, dingtalk.Bug, login.Internal, how),
			row{name: "5.2 " + path + ": 41026 tmp_auth_code missing", call: how(func(w *world) (any, error) { return enter(w, secret.New("")) }),
				fails: plain(path, 41026, dingtalk.Bug, login.Internal)},
		)
	}
	run(t, rows)
}

func boss(w *world) {
	p := w.who("zhang01")
	p.Boss = true
	w.control("people", p)
}

func refusedCode(name, path string, code int, ask call) row {
	return row{name: "5.2 " + path + ": " + name, call: ask, fails: plain(path, code, dingtalk.SignInAgain, login.CodeInvalid)}
}

func spoiltCode(name, path string, errcode int, class dingtalk.Class, code login.Code, how func(call) call) row {
	return row{
		name:  "5.2 " + path + ": " + name,
		given: faulted(path, sandbox.Fault{ErrCode: errcode}),
		call:  how(visitOf("zhang01")),
		fails: plain(path, errcode, class, code),
	}
}

func enterTwice(w *world) (any, error) {
	code := w.visit("zhang01")
	if _, err := enter(w, code); err != nil {
		return nil, err
	}
	return enter(w, code)
}

func enterLate(w *world) (any, error) {
	code := w.visit("zhang01")
	w.later("5m")
	return enter(w, code)
}

func afterRotation(w *world) (any, error) {
	w.appToken()
	w.tokens("rotate")
	return visitOf("zhang01")(w)
}
