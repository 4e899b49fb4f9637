package login_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// asked is a provider that can be asked about a person without them.
type asked struct {
	fakeProvider
	recheck func(ctx context.Context, who identity.Identity) (identity.Identity, error)

	mu    sync.Mutex
	times []time.Time
}

var _ login.Rechecker = (*asked)(nil)

func (p *asked) Recheck(ctx context.Context, who identity.Identity) (identity.Identity, error) {
	p.mu.Lock()
	p.times = append(p.times, time.Now())
	p.mu.Unlock()
	if p.recheck == nil {
		return who, nil
	}
	return p.recheck(ctx, who)
}

func (p *asked) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.times)
}

// reach is a network that a test changes.
type reach struct {
	mu      sync.Mutex
	now     login.Reach
	changed chan struct{}
	retried int
}

func newReach(state login.ReachState, trouble login.Trouble) *reach {
	return &reach{now: login.Reach{State: state, Trouble: trouble}, changed: make(chan struct{})}
}

func (r *reach) set(state login.ReachState, trouble login.Trouble) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = login.Reach{State: state, Trouble: trouble}
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *reach) Reach() login.Reach       { r.mu.Lock(); defer r.mu.Unlock(); return r.now }
func (r *reach) Changed() <-chan struct{} { r.mu.Lock(); defer r.mu.Unlock(); return r.changed }
func (r *reach) Retry()                   { r.mu.Lock(); defer r.mu.Unlock(); r.retried++ }

const refreshEvery = 12 * time.Hour

// rechecking is a service that shows zhang, confirmed an hour ago.
func rechecking(t *testing.T, p *asked, st *fakeStore, edits ...func(*login.Options)) *login.Service {
	t.Helper()
	if st.current == nil {
		st.current = &identity.Record{Identity: zhang, VerifiedAt: time.Now().UTC().Add(-time.Hour)}
	}
	opts := login.Options{Provider: p, Store: st, RedirectURI: redirectURI, Refresh: refreshEvery}
	for _, edit := range edits {
		edit(&opts)
	}
	s, err := login.New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	synctest.Wait()
	return s
}

var zhang = identity.Identity{CorpID: "corp", UserID: "zhang01", UnionID: "union", Name: "张三", Active: true}

func over(n *reach) func(*login.Options) { return func(o *login.Options) { o.Network = n } }

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestWhoIsShownIsAskedAboutAtTheStartAndThenAsOftenAsSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, st := &asked{}, &fakeStore{}
		p.recheck = func(_ context.Context, who identity.Identity) (identity.Identity, error) {
			who.Title = "掌门"
			return who, nil
		}
		s := rechecking(t, p, st)
		if p.count() != 1 || len(st.renewed) != 1 {
			t.Fatalf("asked %d times, renewed %+v", p.count(), st.renewed)
		}
		snap := s.Snapshot()
		if got := snap.Record; got.Identity.Title != "掌门" || !got.VerifiedAt.Equal(time.Now().Truncate(time.Second)) {
			t.Errorf("shown is %+v", got)
		}
		if snap.Phase != login.SignedIn || snap.Source != login.FromCache {
			t.Errorf("%s from %s: nobody has signed in", snap.Phase, snap.Source)
		}
		pass(25 * time.Hour)
		if n := p.count(); n != 3 {
			t.Errorf("asked %d times in a day, want 3", n)
		}
		if len(st.kept()) != 0 {
			t.Error("somebody was signed in")
		}
	})
}

func TestARefusalIsWrittenDownAndShownAndNotAskedForAgain(t *testing.T) {
	t.Parallel()
	for code, want := range map[login.Code]identity.Reason{
		login.NotMember: identity.Gone, login.ExternalContact: identity.External,
		login.Disabled: identity.Disabled, login.InactiveAccount: identity.Inactive,
	} {
		for name, unwritable := range map[string]error{"": nil, ", on a disk that is full": errors.New("full")} {
			t.Run(string(code)+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, st := &asked{}, &fakeStore{unwritable: unwritable}
					p.recheck = func(context.Context, identity.Identity) (identity.Identity, error) {
						return identity.Identity{}, login.Fail(code, nil)
					}
					s := rechecking(t, p, st)
					if got := s.Snapshot().Record.Refused; got != want {
						t.Errorf("shown as refused for %q, want %q", got, want)
					}
					if len(st.refused) != 1 || st.refused[0].Refused != want || st.refused[0].Identity.UserID != "zhang01" {
						t.Errorf("written down: %+v", st.refused)
					}
					pass(24 * time.Hour)
					if p.count() != 1 {
						t.Errorf("asked %d times", p.count())
					}
				})
			})
		}
	}
}

func TestWhatCannotBeToldChangesNothing(t *testing.T) {
	t.Parallel()
	for _, code := range login.Codes() {
		if login.RefusalOf(login.Fail(code, nil)) != "" {
			continue
		}
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, st := &asked{}, &fakeStore{}
				p.recheck = func(context.Context, identity.Identity) (identity.Identity, error) {
					return identity.Identity{}, login.Fail(code, nil)
				}
				s := rechecking(t, p, st)
				before := s.Snapshot()
				pass(time.Hour)
				if after := s.Snapshot(); after.Seq != before.Seq || after.Record.Refused != "" {
					t.Errorf("%+v became %+v", before, after)
				}
				if len(st.refused)+len(st.renewed) != 0 {
					t.Errorf("written down: %+v %+v", st.refused, st.renewed)
				}
				if n := p.count(); n < 5 || n > 15 {
					t.Errorf("asked %d times in an hour", n)
				}
			})
		})
	}
}

func TestNobodyIsAskedAboutWhileDingTalkIsOutOfReach(t *testing.T) {
	t.Parallel()
	for _, state := range []login.ReachState{login.ReachUnknown, login.Offline} {
		synctest.Test(t, func(t *testing.T) {
			p, n := &asked{}, newReach(state, login.TroubleDNS)
			rechecking(t, p, &fakeStore{}, over(n))
			pass(48 * time.Hour)
			if p.count() != 0 {
				t.Fatalf("%s: asked %d times", state, p.count())
			}
			n.set(login.Online, login.NoTrouble)
			synctest.Wait()
			if p.count() != 1 {
				t.Errorf("back online: asked %d times", p.count())
			}
		})
	}
}

func TestWithoutAnIntervalOrAPersonNobodyIsAskedAbout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		never := &asked{}
		rechecking(t, never, &fakeStore{}, func(o *login.Options) { o.Refresh = 0 })
		refused, nobody := &asked{}, &asked{}
		rechecking(t, refused, &fakeStore{current: &identity.Record{Identity: zhang, Refused: identity.Gone}})
		st := &fakeStore{current: &identity.Record{Identity: zhang}}
		s := rechecking(t, nobody, st)
		if err := s.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		asked := nobody.count()
		pass(48 * time.Hour)
		if never.count() != 0 || refused.count() != 0 || nobody.count() != asked {
			t.Errorf("asked %d, %d and %d times", never.count(), refused.count(), nobody.count()-asked)
		}
	})
}

// An answer of before must not refuse who has just come through DingTalk, nor
// bring back who has left.
func TestAnAnswerThatComesLateChangesNothing(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(t *testing.T, s *login.Service){
		"a new sign-in": func(t *testing.T, s *login.Service) { s.Complete(answer(begin(t, s), "zhang")) },
		"signing out":   func(t *testing.T, s *login.Service) { _ = s.Forget(t.Context()) },
		"a code is up":  func(t *testing.T, s *login.Service) { begin(t, s) },
	} {
		for _, err := range []error{nil, login.Fail(login.NotMember, nil)} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, st, late := &asked{}, &fakeStore{}, make(chan struct{})
					p.recheck = func(_ context.Context, who identity.Identity) (identity.Identity, error) {
						<-late
						return who, err
					}
					s := rechecking(t, p, st)
					meanwhile(t, s)
					synctest.Wait()
					before := s.Snapshot()
					close(late)
					synctest.Wait()
					if after := s.Snapshot(); after.Seq != before.Seq || after.Record != before.Record {
						t.Errorf("%+v became %+v", before, after)
					}
					if len(st.refused)+len(st.renewed) != 0 {
						t.Errorf("written down: %+v %+v", st.refused, st.renewed)
					}
				})
			})
		}
	}
}

func TestClosingDoesNotWaitForARecheck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &asked{}
		p.recheck = func(ctx context.Context, _ identity.Identity) (identity.Identity, error) {
			<-ctx.Done()
			return identity.Identity{}, login.Fail(login.Cancelled, ctx.Err())
		}
		s := rechecking(t, p, &fakeStore{})
		before := time.Now()
		s.Close()
		if took := time.Since(before); took != 0 {
			t.Errorf("it took %v", took)
		}
	})
}

// What a sign-in finds out about somebody we know holds offline as well.
func TestASignInThatIsRefusedIsWrittenDown(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		code  login.Code
		union string
		want  int
	}{
		"somebody we know has left":   {login.NotMember, "union", 1},
		"somebody we know is off":     {login.Disabled, "union", 1},
		"a stranger":                  {login.NotMember, "union of another", 0},
		"DingTalk is not well":        {login.ProviderUnavailable, "union", 0},
		"they chose another company":  {login.WrongCorp, "union", 0},
		"the app lacks a permission":  {login.PermissionMissing, "union", 0},
		"the connection breaks there": {login.Network, "union", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				st := &fakeStore{ids: map[string]string{"union": "zhang01"}, current: &identity.Record{Identity: zhang}}
				s := open(t, &fakeProvider{}, st, func(o *login.Options) {
					o.Provider = meets{tc.union, login.Fail(tc.code, nil)}
				})
				s.Complete(answer(begin(t, s), "code"))
				synctest.Wait()
				wantPhase(t, s, login.Failed, tc.code)
				if len(st.refused) != tc.want {
					t.Errorf("written down: %+v", st.refused)
				}
				if got := s.Snapshot().Record.Refused; (got != "") != (tc.want == 1) {
					t.Errorf("who is shown is refused for %q", got)
				}
			})
		})
	}
}

// meets is a DingTalk that names somebody, and then fails.
type meets struct {
	union string
	err   error
}

func (meets) AuthorizeURL(r login.AuthorizeRequest) string {
	return (&fakeProvider{}).AuthorizeURL(r)
}
func (meets) Warm(context.Context) error { return nil }
func (m meets) Identify(ctx context.Context, _ secret.Text, known login.Known) (identity.Identity, error) {
	_, _ = known(ctx, "corp", m.union)
	return identity.Identity{}, m.err
}

func TestTrustedTimeIsWhatCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st, trusted := &fakeStore{}, time.Date(2026, 11, 21, 12, 0, 0, 500, time.UTC)
		s := open(t, &fakeProvider{}, st, func(o *login.Options) {
			o.Clock = func() identity.Moment { return identity.Moment{Now: trusted} }
		})
		s.Complete(answer(begin(t, s), "code"))
		synctest.Wait()
		if got := s.Snapshot().Record.VerifiedAt; !got.Equal(trusted.Truncate(time.Second)) {
			t.Errorf("verified at %s", got)
		}
	})
}
