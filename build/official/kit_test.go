package official_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/build/official/phone"
)

// kit is a sandbox on a real socket, whose clock stands still.
type kit struct {
	*sandbox.Server
	t     *testing.T
	phone phone.Phone
}

func start(t *testing.T) *kit {
	t.Helper()
	began := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	server, err := sandbox.Listen(context.WithoutCancel(t.Context()), "", sandbox.Options{
		People: 20, Now: func() time.Time { return began },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return &kit{server, t, phone.Phone{URL: server.URL(), HTTP: phone.NewClient(&http.Transport{DisableKeepAlives: true})}}
}

// config is all that the SDK has to be told to speak to the sandbox: where it
// is, and that it has no TLS. The SDK would ask a proxy of the environment for
// a loopback address, too.
func (k *kit) config() *openapi.Config {
	host := strings.TrimPrefix(k.URL(), "http://")
	return &openapi.Config{Protocol: tea.String("http"), Endpoint: tea.String(host), NoProxy: tea.String(host)}
}

// change edits the sandbox's settings.
func (k *kit) change(edit func(*sandbox.Settings)) {
	k.t.Helper()
	if err := k.Change(edit); err != nil {
		k.t.Fatal(err)
	}
}

// forbid takes permissions from the app.
func (k *kit) forbid(permissions ...string) {
	k.t.Helper()
	k.change(func(s *sandbox.Settings) {
		s.Permissions = slices.DeleteFunc(s.Permissions, func(p string) bool { return slices.Contains(permissions, p) })
	})
}

// code has a person scan the QR and confirm, and returns the one-time code of
// the redirect.
func (k *kit) code(userID string) string {
	k.t.Helper()
	code, err := k.phone.Code(k.t.Context(), k.App().ClientID, userID)
	if err != nil {
		k.t.Fatal(err)
	}
	return code
}

// refusal is what the SDK made of an error answer.
func refusal(t *testing.T, err error) *tea.SDKError {
	t.Helper()
	var refused *tea.SDKError
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want the SDK's own error", err)
	}
	return refused
}

// isRefused checks a refusal's status and code, and that the request id was
// found: the SDK puts it into the message.
func isRefused(t *testing.T, err error, status int, code string) {
	t.Helper()
	refused := refusal(t, err)
	if tea.IntValue(refused.StatusCode) != status || tea.StringValue(refused.Code) != code {
		t.Errorf("got %d %s, want %d %s", tea.IntValue(refused.StatusCode), tea.StringValue(refused.Code), status, code)
	}
	if _, id, ok := strings.Cut(tea.StringValue(refused.Message), "request id: "); !ok || id == "" || id == "<nil>" {
		t.Errorf("the SDK found no request id: %s", tea.StringValue(refused.Message))
	}
}
