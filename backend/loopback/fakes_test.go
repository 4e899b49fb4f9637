package loopback_test

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"sync"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// What the tests plant, and then look for where it must not be.
const (
	genuineCode = "genuine-code-7f3a"
	forgedCode  = "forged-code-66e1"
	mobile      = "+86-13812345678"
	unionID     = "union-id-canary"
)

// providerOrigin is where the fake provider's login page is said to be.
const providerOrigin = "https://login.provider.test"

// fakeProvider is DingTalk as a struct of functions. A nil function answers
// well and at once: whoever brings a code is signed in by it, an attacker too.
type fakeProvider struct {
	identify func(ctx context.Context, code string) error

	mu        sync.Mutex
	exchanged []string                 // every code, in order
	requests  []login.AuthorizeRequest // every authorization request, in order
}

var _ login.Provider = (*fakeProvider)(nil)

func (p *fakeProvider) AuthorizeURL(r login.AuthorizeRequest) string {
	p.mu.Lock()
	p.requests = append(p.requests, r)
	p.mu.Unlock()
	query := url.Values{"state": {r.State}, "redirect_uri": {r.RedirectURI}, "response_type": {"code"}, "scope": {"openid corpid"}}
	if r.Frame {
		query.Set("iframe", "true")
	}
	return providerOrigin + "/oauth2/auth?" + query.Encode()
}

func (p *fakeProvider) Warm(context.Context) error { return nil }

func (p *fakeProvider) Identify(ctx context.Context, code secret.Text, _ login.Known) (identity.Identity, error) {
	p.mu.Lock()
	p.exchanged = append(p.exchanged, code.Reveal())
	p.mu.Unlock()
	if p.identify != nil {
		if err := p.identify(ctx, code.Reveal()); err != nil {
			return identity.Identity{}, err
		}
	}
	return identity.Identity{
		CorpID: "corp", UserID: "owner of " + code.Reveal(), UnionID: unionID,
		Name: "张三", Title: "工程师", JobNo: "A007", Mobile: mobile, Active: true,
	}, nil
}

func (p *fakeProvider) codes() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.exchanged)
}

func (p *fakeProvider) asked() []login.AuthorizeRequest {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// fakeStore keeps one record in memory. A nil function succeeds at once.
type fakeStore struct {
	keep func(ctx context.Context) error

	mu      sync.Mutex
	current *identity.Record
	stored  []string // every user id that was kept, in order
}

var _ login.Store = (*fakeStore)(nil)

func (s *fakeStore) Ready(context.Context) error { return nil }

func (s *fakeStore) Keep(ctx context.Context, rec identity.Record) error {
	if s.keep != nil {
		if err := s.keep(ctx); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = &rec
	s.stored = append(s.stored, rec.Identity.UserID)
	return nil
}

func (s *fakeStore) Enter(_ context.Context, who identity.Identity, _ signlog.Entry) (identity.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := identity.Record{Identity: who}
	s.current = &rec
	return rec, nil
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
	if s.current == nil {
		return identity.Record{}, &login.Error{Code: login.NotSignedIn}
	}
	return *s.current, nil
}

func (s *fakeStore) Forget(context.Context, identity.Identity) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	return nil
}

func (s *fakeStore) Record(context.Context, string, string) (identity.Record, error) {
	return identity.Record{}, &login.Error{Code: login.NotSignedIn}
}

func (s *fakeStore) Renew(context.Context, identity.Record, identity.Record) error { return nil }

func (s *fakeStore) Refuse(context.Context, identity.Identity, identity.Reason) error { return nil }
func (s *fakeStore) Note(context.Context, signlog.Entry)                              {}

func (s *fakeStore) UserID(context.Context, string, string) (string, bool) { return "", false }

func (s *fakeStore) Remember(context.Context, string, string) error { return nil }

func (s *fakeStore) Recall(context.Context, string) (string, bool, error) { return "", false, nil }

func (s *fakeStore) kept() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.stored)
}

// lockedBuffer collects what several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
