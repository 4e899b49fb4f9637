package command_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Clients with a database connection each stand for processes: all of them
// together, and one that starts later, fetch one app token.
func TestOneDatabaseMeansOneAppToken(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	dingTalk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		_, _ = w.Write([]byte(`{"accessToken":"a-2","expireIn":7200}`))
	}))
	t.Cleanup(dingTalk.Close)
	dir := t.TempDir() + "/data"
	process := func() *dingtalk.Client {
		s, err := command.OpenSealed(t.Context(), dir, dir+".key")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // only read by now
		return &dingtalk.Client{ClientID: "dingabc123", ClientSecret: secret.New("s"), APIURL: dingTalk.URL, Keeper: s.Tokens()}
	}
	var all sync.WaitGroup
	for range 4 {
		client := process()
		for range 5 {
			all.Go(func() {
				if token, err := client.AppToken(t.Context()); err != nil || !strings.HasPrefix(token.Reveal(), "a-") {
					t.Errorf("err = %v", err)
				}
			})
		}
	}
	all.Wait()
	if _, err := process().AppToken(t.Context()); err != nil {
		t.Error(err)
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("%d token calls", n)
	}
}

// A keychain that is unlocked after the start begins to be of use.
func TestTokensAreSharedOnceThereIsAKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/data"
	locked := login.Fail(login.KeyUnavailable, errors.New("locked"))
	late, open, err := command.OpenLate(t.Context(), dir, dir+".key", locked)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = late.Close() }) // only read by now
	tokens := command.SharedTokens(late)
	if err := tokens.Save(t.Context(), "slot", secret.New("a-1")); err != nil {
		t.Errorf("without a key: %v", err)
	}
	if got, err := tokens.Load(t.Context(), "slot"); err != nil || !got.Empty() {
		t.Errorf("without a key there is a token, or %v", err)
	}
	open()
	if err := late.Unlock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := tokens.Save(t.Context(), "slot", secret.New("a-2")); err != nil {
		t.Fatal(err)
	}
	other, err := command.OpenSealed(t.Context(), dir, dir+".key")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() }) // only read by now
	if got, err := other.Tokens().Load(t.Context(), "slot"); err != nil || got.Reveal() != "a-2" {
		t.Errorf("another process has no token: %v", err)
	}
}
