package login_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// record collects everything that a service shows or writes.
type record struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all.Write(b)
}

// show writes a value in every form in which it could be printed, encoded or
// logged further out.
func (r *record) show(t *testing.T, value any) {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Error("encode:", err)
	}
	_, _ = fmt.Fprintf(r, "%v\n%+v\n%#v\n%s\n", value, value, value, encoded) // a buffer
}

func (r *record) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all.String()
}

const (
	plantedCode   = "code-7f3aPLANTED"
	plantedMobile = "13900001111"
	plantedForged = "forged-9c1dPLANTED"
)

// dws PR #799 (T41): the error text printed the state.
func TestNoStateOrCodeIsShownOrLoggedByAnyPath(t *testing.T) {
	t.Parallel()
	paths := map[string]struct {
		identify error
		keep     error
		act      func(t *testing.T, s *login.Service, out *record, state string)
		want     login.Phase
	}{
		"a sign-in":            {act: answered, want: login.SignedIn},
		"a refusal by us":      {identify: &login.Error{Code: login.NotMember, Detail: "corp"}, act: answered, want: login.Failed},
		"an unknown failure":   {identify: errors.New("not a coded one"), act: answered, want: login.Failed},
		"a store that is full": {keep: login.Fail(login.StoreUnavailable, errors.New("full")), act: answered, want: login.Failed},
		"a refusal by the person": {want: login.Failed, act: func(_ *testing.T, s *login.Service, _ *record, state string) {
			s.Complete(login.Callback{State: state, Denied: true})
		}},
		"cancelling": {want: login.Abandoned, act: func(_ *testing.T, s *login.Service, _ *record, _ string) { s.Cancel() }},
		"expiry":     {want: login.TimedOut, act: func(*testing.T, *login.Service, *record, string) { after(login.DefaultLifetime) }},
		"a forged answer": {want: login.Waiting, act: func(_ *testing.T, s *login.Service, _ *record, _ string) {
			s.Complete(answer(plantedForged, plantedCode))
		}},
		"use after close": {want: login.Abandoned, act: func(t *testing.T, s *login.Service, out *record, _ string) {
			s.Close()
			for _, err := range []error{s.Begin(t.Context(), login.BeginOptions{}), s.Forget(t.Context())} {
				_, _ = fmt.Fprintln(out, err) // a buffer
			}
		}},
	}
	for name, path := range paths {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out record
				p := &fakeProvider{identify: func(context.Context, string) (identity.Identity, error) {
					return identity.Identity{UserID: "u1", Active: true}, path.identify
				}}
				st := &fakeStore{keep: func(context.Context, identity.Record) error { return path.keep }}
				s := open(t, p, st, func(o *login.Options) {
					o.Log = slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
				})
				follow(t, s, func(snap login.Snapshot) {
					out.show(t, snap)
					if snap.Err != nil {
						out.show(t, snap.Err)
						_, _ = fmt.Fprintln(&out, snap.Err.Error()) // a buffer
					}
				})
				state := begin(t, s)
				path.act(t, s, &out, state)
				synctest.Wait()
				if got := s.Snapshot().Phase; got != path.want {
					t.Fatalf("phase %s, want %s", got, path.want)
				}
				_, _ = fmt.Fprintf(&out, "%v %+v %#v", s, s, s.Snapshot()) // somebody prints the service itself
				wantAbsent(t, out.text(), state, plantedCode, plantedForged)
			})
		})
	}
}

func answered(_ *testing.T, s *login.Service, _ *record, state string) {
	s.Complete(answer(state, plantedCode))
}

func wantAbsent(t *testing.T, text string, planted ...string) {
	t.Helper()
	if len(text) < 100 {
		t.Fatalf("nothing was recorded: %q", text)
	}
	for _, secret := range planted {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%q is shown: …%s…", secret, text[max(0, at-80):min(len(text), at+80)])
		}
	}
}

func TestNothingPersonalIsLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out record
		person := identity.Identity{
			CorpID: "corp", UserID: "planted-user", UnionID: "planted-union", OpenID: "planted-open", Name: "planted-name",
			Mobile: plantedMobile, Email: "planted@example.com", Active: true,
		}
		p := &fakeProvider{identify: func(context.Context, string) (identity.Identity, error) { return person, nil }}
		st := &fakeStore{noMemory: errors.New("disk is full")}
		s := open(t, p, st, func(o *login.Options) {
			o.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		s.Complete(answer(begin(t, s), plantedCode))
		after(time.Second)
		wantPhase(t, s, login.SignedIn, "")
		begin(t, s)
		s.Cancel()
		if err := s.Forget(t.Context()); err != nil {
			t.Error("forget:", err)
		}
		wantAbsent(t, out.text(), "planted", plantedMobile, plantedCode)
	})
}
