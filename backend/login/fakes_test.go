package login_test

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// fakeProvider is DingTalk as a struct of functions. A nil function answers
// well and at once.
type fakeProvider struct {
	warm     func(ctx context.Context) error
	identify func(ctx context.Context, code string) (identity.Identity, error)

	mu     sync.Mutex
	warmed []time.Time // when Warm was called
	asked  []string    // every code that Identify was given, in order
}

var _ login.Provider = (*fakeProvider)(nil)

func (p *fakeProvider) AuthorizeURL(r login.AuthorizeRequest) string {
	return "https://login.test/?" + url.Values{
		"state": {r.State}, "redirect_uri": {r.RedirectURI}, "frame": {strconv.FormatBool(r.Frame)},
	}.Encode()
}

func (p *fakeProvider) Warm(ctx context.Context) error {
	p.mu.Lock()
	p.warmed = append(p.warmed, time.Now())
	p.mu.Unlock()
	if p.warm == nil {
		return nil
	}
	return p.warm(ctx)
}

func (p *fakeProvider) Identify(ctx context.Context, code secret.Text, _ login.Known) (identity.Identity, error) {
	p.mu.Lock()
	p.asked = append(p.asked, code.Reveal())
	p.mu.Unlock()
	if p.identify == nil {
		return personOf(code.Reveal()), nil
	}
	return p.identify(ctx, code.Reveal())
}

func (p *fakeProvider) warmups() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.warmed)
}

func (p *fakeProvider) codes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// personOf is the person that a well-answered code stands for.
func personOf(code string) identity.Identity {
	return identity.Identity{CorpID: "corp", UserID: "user of " + code, Name: "张三", Active: true}
}

// fakeStore keeps records in memory. A nil function succeeds at once; keep is
// asked before the record counts as kept.
type fakeStore struct {
	ready  func(ctx context.Context) error
	keep   func(ctx context.Context, rec identity.Record) error
	forget func(ctx context.Context) error

	mu       sync.Mutex
	current  *identity.Record
	acked    []identity.Record // what Keep returned nil for, in order
	events   []signlog.Entry   // what was noted
	facts    map[string]string
	unknown  error // what Current fails with, in place of NotSignedIn
	noRecall error // what Recall fails with
	noMemory error // what Remember fails with

	ids              map[string]string // union id → user id
	known            []identity.Record // what Record tells
	asked            []identity.Record // what Renew was told that DingTalk was asked about
	renewed, refused []identity.Record // in order
	unwritable       error             // what Renew and Refuse fail with
}

var _ login.Store = (*fakeStore)(nil)

func call(ctx context.Context, f func(context.Context) error) error {
	if f == nil {
		return nil
	}
	return f(ctx)
}

// sign makes somebody the current person, or nobody, as another process does.
func (s *fakeStore) sign(rec *identity.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = rec
}

func (s *fakeStore) Ready(ctx context.Context) error { return call(ctx, s.ready) }

func (s *fakeStore) Keep(ctx context.Context, rec identity.Record) error {
	if s.keep != nil {
		if err := s.keep(ctx, rec); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = &rec
	s.acked = append(s.acked, rec)
	return nil
}

func (s *fakeStore) Leave(context.Context, identity.Identity) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	return nil
}

func (s *fakeStore) Current(context.Context) (identity.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.unknown != nil:
		return identity.Record{}, s.unknown
	case s.current == nil:
		return identity.Record{}, &login.Error{Code: login.NotSignedIn}
	}
	return *s.current, nil
}

func (s *fakeStore) Forget(ctx context.Context, who identity.Identity) error {
	if err := call(ctx, s.forget); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.current.Identity.UserID == who.UserID {
		s.current = nil
	}
	return nil
}

func (s *fakeStore) Record(_ context.Context, corpID, userID string) (identity.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rec := range s.known {
		if rec.Identity.CorpID == corpID && rec.Identity.UserID == userID {
			return rec, nil
		}
	}
	return identity.Record{}, &login.Error{Code: login.NotSignedIn}
}

func (s *fakeStore) Renew(_ context.Context, asked, said identity.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, asked)
	if said.Refused != "" {
		s.refused = append(s.refused, said)
	} else {
		s.renewed = append(s.renewed, said)
	}
	return s.unwritable
}

func (s *fakeStore) Refuse(_ context.Context, who identity.Identity, reason identity.Reason) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append(s.refused, identity.Record{Identity: who, Refused: reason})
	return s.unwritable
}

// saidNo reports whether a refusal was written down.
func (s *fakeStore) saidNo() bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.refused) > 0
}

func (s *fakeStore) UserID(_ context.Context, _, unionID string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	userID, ok := s.ids[unionID]
	return userID, ok
}
func (s *fakeStore) Note(_ context.Context, e signlog.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
}

func (s *fakeStore) noted() []signlog.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

func (s *fakeStore) Remember(_ context.Context, key, value string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noMemory != nil {
		return s.noMemory
	}
	if s.facts == nil {
		s.facts = make(map[string]string)
	}
	s.facts[key] = value
	return nil
}

func (s *fakeStore) Recall(_ context.Context, key string) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.facts[key]
	return value, ok, s.noRecall
}

func (s *fakeStore) kept() []identity.Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.acked)
}

// redirectURI is what every service of these tests is given; byte for byte it
// must come back.
const redirectURI = "http://127.0.0.1:4711/callback"

// open makes a service on the fakes and closes it with the test.
func open(t *testing.T, p *fakeProvider, st *fakeStore, edits ...func(*login.Options)) *login.Service {
	t.Helper()
	opts := login.Options{Provider: p, Store: st, RedirectURI: redirectURI}
	for _, edit := range edits {
		edit(&opts)
	}
	s, err := login.New(t.Context(), opts)
	if err != nil {
		t.Fatal("make the service:", err)
	}
	t.Cleanup(s.Close)
	return s
}

// begin starts an attempt and returns its state, read where only DingTalk
// should see it: in the authorization request.
func begin(t *testing.T, s *login.Service) (state string) {
	t.Helper()
	if err := s.Begin(t.Context(), login.BeginOptions{}); err != nil {
		t.Fatal("begin:", err)
	}
	return stateOf(t, s)
}

// stateOf asks for the authorization request as it is shown already, which
// changes nothing.
func stateOf(t *testing.T, s *login.Service) string {
	t.Helper()
	link, ok := s.AuthorizeURL(s.Snapshot().Embed == login.Frame)
	if !ok {
		t.Fatalf("no authorization request in phase %s", s.Snapshot().Phase)
	}
	return query(t, link).Get("state")
}

func query(t *testing.T, link string) url.Values {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal("authorization request:", err)
	}
	return u.Query()
}

// answer is a good redirect.
func answer(state, code string) login.Callback {
	return login.Callback{State: state, Code: secret.New(code)}
}

// wantPhase checks the phase and, where the attempt failed, why.
func wantPhase(t *testing.T, s *login.Service, phase login.Phase, code login.Code) {
	t.Helper()
	snap := s.Snapshot()
	var got login.Code
	if snap.Err != nil {
		got = snap.Err.Code
	}
	if snap.Phase != phase || got != code {
		t.Fatalf("phase %s with code %q, want %s with %q", snap.Phase, got, phase, code)
	}
}

func wantKept(t *testing.T, st *fakeStore, want int) {
	t.Helper()
	if got := len(st.kept()); got != want {
		t.Fatalf("%d identities stored, want %d", got, want)
	}
}
