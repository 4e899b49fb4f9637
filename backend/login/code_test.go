package login_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
)

func TestCodesAreTheClosedListOfTheContract(t *testing.T) {
	t.Parallel()
	const contract = `state_mismatch denied expired cancelled code_invalid not_member external_contact inactive disabled
		wrong_corp permission_missing app_misconfigured redirect_misconfigured ip_not_allowed rate_limited network
		provider_unavailable provider_answer clock_wrong store_unavailable key_unavailable not_signed_in needs_online internal`
	var want []login.Code
	for word := range strings.FieldsSeq(contract) {
		want = append(want, login.Code(word))
	}
	if got := login.Codes(); !slices.Equal(got, want) {
		t.Errorf("codes\n%q, design 3.4 says\n%q", got, want)
	}
}

func TestCodeAndDetailAreFoundInAnError(t *testing.T) {
	t.Parallel()
	coded := &login.Error{Code: login.PermissionMissing, Detail: "Contact.User.Read", Err: io.EOF}
	tests := []struct {
		name   string
		err    error
		code   login.Code
		detail string
	}{
		{"no error has no code", nil, "", ""},
		{"an error without a code is internal", io.EOF, login.Internal, ""},
		{"a coded error says its code", coded, login.PermissionMissing, "Contact.User.Read"},
		{"a wrapped one says it too", fmt.Errorf("ask: %w", coded), login.PermissionMissing, "Contact.User.Read"},
		{"Fail is a code and a cause", login.Fail(login.Network, io.EOF), login.Network, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := login.CodeOf(test.err); got != test.code {
				t.Errorf("code %q, want %q", got, test.code)
			}
			if got := login.DetailOf(test.err); got != test.detail {
				t.Errorf("detail %q, want %q", got, test.detail)
			}
		})
	}
	if !errors.Is(coded, io.EOF) {
		t.Error("the cause cannot be reached")
	}
}

func TestErrorTextIsCodeDetailAndCause(t *testing.T) {
	t.Parallel()
	tests := map[string]*login.Error{
		"denied":                        {Code: login.Denied},
		"ip_not_allowed (10.0.0.1)":     {Code: login.IPNotAllowed, Detail: "10.0.0.1"},
		"network: EOF":                  {Code: login.Network, Err: io.EOF},
		"redirect_misconfigured (9): x": {Code: login.RedirectMisconfigured, Detail: "9", Err: errors.New("x")},
	}
	for want, err := range tests {
		if err.Error() != want {
			t.Errorf("text %q, want %q", err.Error(), want)
		}
	}
}
