package official_test

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// kit is a sandbox on a real socket, whose clock stands still.
type kit struct {
	*sandbox.Server
	t *testing.T
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
	return &kit{server, t}
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

// The page says in its attributes where the QR leads, and where a program
// without JavaScript waits for the outcome.
var (
	scanAttribute     = regexp.MustCompile(`data-scan="[^"]*(/scan/[^"]+)"`)
	continueAttribute = regexp.MustCompile(`data-continue="([^"]+)"`)
)

// code has a person scan the QR and confirm, and returns the one-time code of
// the redirect.
func (k *kit) code(userID string) string {
	k.t.Helper()
	query := url.Values{
		"client_id": {k.App().ClientID}, "redirect_uri": {"http://127.0.0.1:18765/callback"}, "response_type": {"code"},
		"scope": {"openid corpid"}, "prompt": {"consent"}, "state": {"s"},
	}
	page, _ := k.visit(http.MethodGet, "/oauth2/auth?"+query.Encode(), nil)
	scan, follow := scanAttribute.FindStringSubmatch(page), continueAttribute.FindStringSubmatch(page)
	if scan == nil || follow == nil {
		k.t.Fatal("the login page shows no QR")
	}
	k.visit(http.MethodPost, scan[1], url.Values{"action": {"confirm"}, "userid": {userID}})
	_, location := k.visit(http.MethodGet, html.UnescapeString(follow[1]), nil)
	redirect, err := url.Parse(location)
	if err != nil || redirect.Query().Get("authCode") == "" {
		k.t.Fatalf("the redirect has no code (%v)", err)
	}
	return redirect.Query().Get("authCode")
}

// visit makes one request as a browser would, and follows nothing.
func (k *kit) visit(method, path string, form url.Values) (body, location string) {
	k.t.Helper()
	req, err := http.NewRequestWithContext(k.t.Context(), method, k.URL()+path, strings.NewReader(form.Encode()))
	if err != nil {
		k.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	browser := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := browser.Do(req)
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusBadRequest {
		k.t.Fatalf("%s %s: status %d (%v)", method, req.URL.Path, resp.StatusCode, err)
	}
	return string(text), resp.Header.Get("Location")
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
