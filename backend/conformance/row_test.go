package conformance_test

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

// row is one line of the contract: in a situation, a call has a result.
type row struct {
	name  string
	given func(*world) // what is not as usual; nil: nothing
	call  call
	want  func(*world) any // the value; nil where the call fails
	fails *failure
}

// call makes one of the client's calls.
type call func(*world) (any, error)

// run holds each row against a world of its own.
func run(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if r.given != nil {
				r.given(w)
			}
			got, err := r.call(w)
			if r.fails != nil {
				r.fails.check(t, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want := r.want(w); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// value is a want that does not depend on the world.
func value(want any) func(*world) any { return func(*world) any { return want } }

// failure is what a refused call is to programs and to people.
type failure struct {
	endpoint  string
	status    int
	code, sub string
	class     dingtalk.Class
	login     login.Code
	detail    string // "": mendOf's
	cause     string // of the connection or the answer's form
	banned    bool   // by the guard against floods
	anonymous bool   // the answer has a code and no request id
}

// plain is a refusal of the older API's calls outside /topapi/.
func plain(endpoint string, errcode int, class dingtalk.Class, code login.Code) *failure {
	return &failure{endpoint: endpoint, status: 200, code: strconv.Itoa(errcode), class: class, login: code}
}

// wrapped is a refusal of the gateway before /topapi/.
func wrapped(endpoint string, subCode int, class dingtalk.Class, code login.Code) *failure {
	return &failure{endpoint: endpoint, status: 200, code: "88", sub: strconv.Itoa(subCode), class: class, login: code}
}

// named is a refusal of the newer API.
func named(endpoint string, status int, name string, class dingtalk.Class, code login.Code) *failure {
	return &failure{endpoint: endpoint, status: status, code: name, class: class, login: code}
}

// formless is an answer, or none, that is not in the API's form.
func formless(endpoint string, status int, cause string, class dingtalk.Class, code login.Code) *failure {
	return &failure{endpoint: endpoint, status: status, cause: cause, class: class, login: code}
}

// saying adds what an administrator is told.
func (f *failure) saying(detail string) *failure {
	f.detail = detail
	return f
}

// requestIDs are those of the two envelopes.
var requestIDs = regexp.MustCompile(`^([0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}|[a-z0-9]{12})$`)

// check wants this failure and nothing else: its text is made of the fields
// above and the request id, so that there is no room in it for a body, a
// message, a token, a secret or a code.
func (f failure) check(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*dingtalk.Error](err)
	if !ok {
		t.Fatalf("%v: there is no *dingtalk.Error inside", err)
	}
	if f.detail == "" {
		f.detail = mendOf(e)
	}
	got := failure{e.Endpoint, e.Status, e.Code, e.SubCode, e.Class(), login.CodeOf(err), login.DetailOf(err), "", e.Banned, f.anonymous}
	if e.Err != nil {
		got.cause = e.Err.Error()
	}
	if got != f {
		t.Errorf("got  %+v\nwant %+v", got, f)
	}
	if f.login == login.IPNotAllowed && e.Address != f.detail {
		t.Errorf("address %q, want %q", e.Address, f.detail)
	}
	if strings.HasSuffix(f.code, "AccessTokenPermissionDenied") && !slices.Equal(e.RequiredScopes, []string{f.detail}) {
		t.Errorf("scopes %q, want %q", e.RequiredScopes, f.detail)
	}
	if named := f.code != "" && !f.anonymous; named != requestIDs.MatchString(e.RequestID) || !named && e.RequestID != "" {
		t.Errorf("request id %q", e.RequestID)
	}
	if text := f.text(e.RequestID); err.Error() != text {
		t.Errorf("text %q\nwant %q", err, text)
	}
}

// text is the whole of what the error may say.
func (f failure) text(requestID string) string {
	text := string(f.login)
	if f.detail != "" {
		text += " (" + f.detail + ")"
	}
	text += ": " + f.endpoint
	if f.status != 0 {
		text += ": HTTP " + strconv.Itoa(f.status)
	}
	banned := ""
	if f.banned {
		banned = "banned"
	}
	for _, part := range [][2]string{{", code ", f.code}, {", sub-code ", f.sub}, {", address ", banned}, {", request ", requestID}, {": ", f.cause}} {
		if part[1] != "" {
			text += part[0] + part[1]
		}
	}
	return text
}
