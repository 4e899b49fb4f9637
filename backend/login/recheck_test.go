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

// An answer of before must not refuse who has just come through DingTalk on the
// screen, nor bring back who has left. It is said all the same, of what was asked
// about, and whether that is still what is kept the store knows: a no that nobody
// waits for any more is one too.
func TestAnAnswerThatComesLateIsKeptAndShownOverNothingNewer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		meanwhile func(t *testing.T, s *login.Service)
		shown     bool
	}{
		"a new sign-in": {func(t *testing.T, s *login.Service) { s.Complete(answer(begin(t, s), "zhang")) }, false},
		"signing out":   {func(t *testing.T, s *login.Service) { _ = s.Forget(t.Context()) }, false},
		"a code is up":  {func(t *testing.T, s *login.Service) { begin(t, s) }, true},
	} {
		for _, err := range []error{nil, login.Fail(login.NotMember, nil)} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					p, st, late := &asked{}, &fakeStore{}, make(chan struct{})
					p.identify = func(context.Context, string) (identity.Identity, error) { return zhang, nil }
					p.recheck = func(_ context.Context, who identity.Identity) (identity.Identity, error) {
						<-late
						return who, err
					}
					s := rechecking(t, p, st)
					was := s.Snapshot().Record.VerifiedAt
					tc.meanwhile(t, s)
					synctest.Wait()
					before := s.Snapshot()
					close(late)
					synctest.Wait()
					after := s.Snapshot()
					if after.Phase != before.Phase || after.Seq != before.Seq || (after.Record != before.Record) != tc.shown {
						t.Errorf("%+v became %+v", before, after)
					}
					if tc.shown && after.Record.Refused != login.RefusalOf(err) {
						t.Errorf("shown as refused for %q", after.Record.Refused)
					}
					if len(st.refused)+len(st.renewed) != 1 || (len(st.refused) == 1) != (err != nil) || !st.asked[0].VerifiedAt.Equal(was) {
						t.Errorf("written down: %+v %+v of %+v", st.refused, st.renewed, st.asked)
					}
				})
			})
		}
	}
}

// An answer that is there when the app is closed is not lost with it.
func TestARefusalIsKeptAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, st := &asked{}, &fakeStore{}
		p.recheck = func(ctx context.Context, _ identity.Identity) (identity.Identity, error) {
			<-ctx.Done()
			return identity.Identity{}, login.Fail(login.NotMember, nil)
		}
		rechecking(t, p, st).Close()
		if len(st.refused) != 1 {
			t.Errorf("written down: %+v", st.refused)
		}
	})
}

// A refusal that a sign-in met must not be taken from the screen by an answer of
// before.
func TestAnAnswerOfBeforeTakesNoRefusalBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := make(chan struct{})
		st := &fakeStore{ids: map[string]string{zhang.UnionID: zhang.UserID}}
		s := rechecking(t, nil, st, func(o *login.Options) {
			o.Provider = lateYes{meets{zhang.UnionID, login.Fail(login.NotMember, nil)}, late}
		})
		s.Complete(answer(begin(t, s), "zhang"))
		synctest.Wait()
		close(late)
		synctest.Wait()
		if got := s.Snapshot().Record.Refused; got != identity.Gone {
			t.Errorf("shown as refused for %q", got)
		}
	})
}

// lateYes meets somebody, and says yes to a question of before.
type lateYes struct {
	meets
	late chan struct{}
}

func (p lateYes) Recheck(_ context.Context, who identity.Identity) (identity.Identity, error) {
	<-p.late
	return who, nil
}

// Another process has signed them in, or was told no, since they are shown here.
func TestItIsAskedAboutWhatIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		newer := identity.Record{Identity: zhang, VerifiedAt: time.Now().UTC().Add(-time.Minute)}
		p, st := &asked{}, &fakeStore{known: []identity.Record{newer}}
		p.recheck = func(context.Context, identity.Identity) (identity.Identity, error) {
			return identity.Identity{}, login.Fail(login.NotMember, nil)
		}
		rechecking(t, p, st)
		if len(st.asked) != 1 || !st.asked[0].VerifiedAt.Equal(newer.VerifiedAt) {
			t.Errorf("asked about %+v", st.asked)
		}

		newer.Refused = identity.Disabled
		p, st = &asked{}, &fakeStore{known: []identity.Record{newer}}
		s := rechecking(t, p, st)
		if got := s.Snapshot().Record.Refused; got != identity.Disabled || p.count() != 0 {
			t.Errorf("shown as refused for %q, asked %d times", got, p.count())
		}
	})
}

// Who came in on the cache's word has used that up, whatever DingTalk says later.
func TestAnAnswerLeavesThePersonsUsesCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		used := identity.Usage{Person: 3, Device: 7}
		st := &fakeStore{current: &identity.Record{Identity: zhang, VerifiedAt: time.Now().UTC().Add(-time.Hour), Used: used}}
		s := rechecking(t, &asked{}, st)
		if got := s.Snapshot().Record; got.Used != (identity.Usage{Person: 3}) || !got.VerifiedAt.Equal(time.Now()) {
			t.Errorf("shown is %+v", got)
		}
	})
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
				if noted := st.noted(); len(noted) != 1 || (noted[0].UserID == "zhang01") != (tc.union == "union") || noted[0].Code != string(tc.code) {
					t.Errorf("noted: %+v", noted)
				}
				if got := s.Snapshot().Record.Refused; (got != "") != (tc.want == 1) {
					t.Errorf("who is shown is refused for %q", got)
				}
			})
		})
	}
}

// One who is turned away takes nothing from a colleague who is on the screen.
func TestASignInThatIsRefusedIsSaidOfNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		li := identity.Identity{CorpID: zhang.CorpID, UserID: "li", Name: "李四", Active: true}
		st := &fakeStore{ids: map[string]string{"union": "zhang01"}, current: &identity.Record{Identity: li}}
		s := open(t, &fakeProvider{}, st, func(o *login.Options) {
			o.Provider = meets{"union", login.Fail(login.NotMember, nil)}
		})
		s.Complete(answer(begin(t, s), "code"))
		synctest.Wait()
		wantPhase(t, s, login.Failed, login.NotMember)
		if len(st.refused) != 1 {
			t.Errorf("written down: %+v", st.refused)
		}
		if got := s.Snapshot().Record; got == nil || got.Identity.UserID != "li" || got.Refused != "" {
			t.Errorf("who is shown is %+v", got)
		}
	})
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
