package login_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// fakeGate lets in whoever knows the word; the rest is what a test says.
type fakeGate struct {
	decision login.Decision // for every other word

	noEntry  error          // what Enter fails with
	overruns login.Decision // what Enter decides in place of letting in, where that is something

	store   *fakeStore // whom it has refused does not enter; may be nil
	unclear error      // what MayReturn and Drop fail with

	mu       sync.Mutex
	grants   int
	enrolled bool
}

const word = "482915"

func (g *fakeGate) ByPIN(_ context.Context, jobNumber string, pin secret.Text) (login.Decision, error) {
	switch pin.Reveal() {
	case word:
		return login.Decision{Pass: personOf(jobNumber), Person: personOf(jobNumber)}, nil
	case "broken":
		return login.Decision{}, login.Fail(login.KeyUnavailable, nil)
	}
	return g.decision, nil
}

func (g *fakeGate) ByBadge(ctx context.Context, badge secret.Text) (login.Decision, error) {
	return g.ByPIN(ctx, "badge", badge)
}

func (g *fakeGate) Enter(_ context.Context, by login.Pass) (login.Decision, error) {
	who, _ := by.(identity.Identity)
	if g.store.saidNo() {
		return login.Decision{Refused: "gone", Person: who, Events: []signlog.Event{signlog.Refused}}, nil
	}
	if g.noEntry != nil || g.overruns.Refused != "" || who.UserID == "user of nobody" {
		return g.overruns, g.noEntry
	}
	return login.Decision{Entered: &identity.Record{Identity: who, Used: identity.Usage{Person: 3}}}, nil
}

func (g *fakeGate) Granted(rec identity.Record) login.Grant {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.grants++
	return rec.Identity.UserID
}

func (g *fakeGate) CanEnrol(by login.Grant) bool { return by != nil }

func (g *fakeGate) Enrol(_ context.Context, by login.Grant, _ secret.Text) (string, error) {
	if by == nil {
		return "not_now", nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.enrolled = true
	return "", nil
}

func (g *fakeGate) Drop(context.Context, identity.Identity) (had bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.unclear != nil {
		return false, g.unclear
	}
	had, g.enrolled = g.enrolled, false
	return had, nil
}

func (g *fakeGate) MayReturn(context.Context, identity.Identity) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.enrolled && g.unclear == nil, g.unclear
}

func (g *fakeGate) Standing(_ context.Context, shown *identity.Record) (state login.OfflineState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if shown != nil && g.enrolled {
		state.Enrolled = []signlog.Method{signlog.ByPIN}
	}
	return state
}

func gated(g *fakeGate) func(*login.Options) { return func(o *login.Options) { o.Offline = g } }

func eventsOf(entries []signlog.Entry) (all []signlog.Event) {
	for _, e := range entries {
		all = append(all, e.Event)
	}
	return all
}

// Whoever follows the attempt hears of the person, and never that it was
// cancelled; the code on the screen is worth nothing from then on.
func TestAPINEndsTheCodeThatIsUp(t *testing.T) {
	t.Parallel()
	provider, st := &fakeProvider{}, &fakeStore{}
	s := open(t, provider, st, gated(&fakeGate{}))
	state := begin(t, s)
	if d, err := s.ByPIN(t.Context(), "A001", secret.New(word)); d.Refused != "" || err != nil {
		t.Fatalf("%+v, %v", d, err)
	}
	wantPhase(t, s, login.SignedIn, "")
	snap := s.Snapshot()
	if snap.Source != login.FromCache || !snap.Entered || snap.Record.Identity.UserID != "user of A001" || snap.Record.Used.Person != 3 {
		t.Errorf("shown: %+v", snap)
	}
	if got := s.Complete(answer(state, "late")); got != login.Ignored {
		t.Errorf("the code's answer is %v", got)
	}
	if _, ok := s.AuthorizeURL(true); ok || len(provider.codes()) != 0 {
		t.Error("the code still leads somewhere")
	}
	if noted := st.noted(); len(noted) != 0 { // the gate has, in the step that let them in
		t.Errorf("noted: %+v", noted)
	}
}

// The answer that DingTalk is being asked for belongs to nobody any more.
func TestABadgeOvertakesACodeThatIsBeingSpent(t *testing.T) {
	t.Parallel()
	asked, ended := make(chan struct{}), make(chan struct{})
	provider := &fakeProvider{identify: func(ctx context.Context, code string) (identity.Identity, error) {
		close(asked)
		<-ctx.Done()
		close(ended)
		return personOf(code), nil // too late
	}}
	st := &fakeStore{}
	s := open(t, provider, st, gated(&fakeGate{}))
	s.Complete(answer(begin(t, s), "slow"))
	<-asked
	if _, err := s.ByBadge(t.Context(), secret.New(word)); err != nil {
		t.Fatal(err)
	}
	<-ended
	s.Close()
	wantPhase(t, s, login.SignedIn, "")
	wantKept(t, st, 0)
	if who := s.Snapshot().Record.Identity.UserID; who != "user of badge" {
		t.Errorf("shown: %s", who)
	}
}

func TestWhoIsRefusedChangesNothingButTheLog(t *testing.T) {
	t.Parallel()
	st := &fakeStore{}
	s := open(t, &fakeProvider{}, st, gated(&fakeGate{decision: login.Decision{
		Refused: "wrong_pin", Left: 7, Person: personOf("A001"), Events: []signlog.Event{signlog.PINFailed, signlog.Locked},
	}}))
	begin(t, s)
	before := s.Snapshot()
	if d, err := s.ByPIN(t.Context(), "A001", secret.New("other")); d.Refused != "wrong_pin" || d.Left != 7 || err != nil {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := s.ByPIN(t.Context(), "A001", secret.New("broken")); login.CodeOf(err) != login.KeyUnavailable {
		t.Errorf("a key that is missing: %v", err)
	}
	if s.Snapshot() != before {
		t.Errorf("%+v became %+v", before, s.Snapshot())
	}
	if got := eventsOf(st.noted()); !slices.Equal(got, []signlog.Event{signlog.PINFailed, signlog.Locked}) {
		t.Errorf("noted: %v", got)
	}
	if e := st.noted()[0]; e.UserID != "user of A001" || e.Reason != "wrong_pin" || e.Method != signlog.ByPIN {
		t.Errorf("noted: %+v", e)
	}
}

// Who could not be let in after all is not shown, and the code is still up.
func TestWhoDoesNotEnterIsNotShown(t *testing.T) {
	t.Parallel()
	refused := login.Decision{Refused: "gone", Person: personOf("A001"), Events: []signlog.Event{signlog.Refused}}
	for name, c := range map[string]struct {
		gate   *fakeGate
		number string
		code   login.Code
		noted  int
	}{
		"it cannot be written": {&fakeGate{noEntry: login.Fail(login.StoreUnavailable, errors.New("disk is full"))}, "A001", login.StoreUnavailable, 0},
		"refused meanwhile":    {&fakeGate{overruns: refused}, "A001", "", 1},
		"nothing was said":     {&fakeGate{}, "nobody", login.Internal, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := &fakeStore{}
			s := open(t, &fakeProvider{}, st, gated(c.gate))
			begin(t, s)
			d, err := s.ByPIN(t.Context(), c.number, secret.New(word))
			if login.CodeOf(err) != c.code || d.Refused != c.gate.overruns.Refused || d.Entered != nil {
				t.Errorf("%+v, %v", d, err)
			}
			wantPhase(t, s, login.Waiting, "")
			if s.Snapshot().Record != nil || len(st.noted()) != c.noted {
				t.Errorf("shown: %+v, noted: %+v", s.Snapshot(), st.noted())
			}
		})
	}
}

// design 5: online, every sign-in re-checks membership with DingTalk, and only
// «cannot tell» falls to the cache.
func TestWhoComesByPINIsAskedAboutWhileDingTalkAnswers(t *testing.T) {
	t.Parallel()
	gone := login.Fail(login.NotMember, nil)
	for name, tc := range map[string]struct {
		state   login.ReachState
		after   time.Duration // DingTalk's answer
		err     error
		asked   int
		refused string
		waits   time.Duration
		later   identity.Reason // what is shown in the end
	}{
		"still there":              {login.Online, 0, nil, 1, "", 0, ""},
		"gone":                     {login.Online, 0, gone, 1, "gone", 0, ""},
		"gone, on a shaky network": {login.Shaky, time.Second, gone, 1, "gone", time.Second, ""},
		"it cannot be told":        {login.Online, 0, login.Fail(login.ProviderUnavailable, nil), 1, "", 0, ""},
		"a slow yes":               {login.Online, 5 * time.Second, nil, 1, "", 2 * time.Second, ""},
		"a slow no":                {login.Online, 5 * time.Second, gone, 1, "", 2 * time.Second, identity.Gone},
		"out of reach":             {login.Offline, 0, gone, 0, "", 0, ""},
		"nothing is known yet":     {login.ReachUnknown, 0, gone, 0, "", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				p, st := &asked{}, &fakeStore{known: []identity.Record{recordOf("A001", began.Add(-time.Hour))}}
				p.recheck = func(_ context.Context, who identity.Identity) (identity.Identity, error) {
					<-time.After(tc.after)
					return who, tc.err
				}
				s := open(t, nil, st, gated(&fakeGate{store: st}), over(newReach(tc.state, login.NoTrouble)),
					func(o *login.Options) { o.Provider = p })
				d, err := s.ByPIN(t.Context(), "A001", secret.New(word))
				if waited := time.Since(began); d.Refused != tc.refused || err != nil || waited != tc.waits || p.count() != tc.asked {
					t.Errorf("%+v, %v after %v, asked %d times", d, err, waited, p.count())
				}
				if in := s.Snapshot().Record != nil; in != (tc.refused == "") || len(st.noted()) != len(d.Events) {
					t.Errorf("shown: %+v, noted: %+v", s.Snapshot(), st.noted())
				}
				pass(time.Minute)
				if shown := s.Snapshot().Record; shown != nil && shown.Refused != tc.later {
					t.Errorf("shown as refused for %q, want %q", shown.Refused, tc.later)
				}
				if wrote := len(st.refused) + len(st.renewed); wrote != min(tc.asked, 1) && login.CodeOf(tc.err) != login.ProviderUnavailable {
					t.Errorf("written down: %+v %+v", st.refused, st.renewed)
				}
			})
		})
	}
}

// What cannot be read is not «none»: a PIN that is forgotten is gone for good.
func TestWhoMayHaveAPINIsNotForgotten(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		gate   *fakeGate
		forget int
	}{
		"no PIN":             {&fakeGate{}, 1},
		"a PIN":              {&fakeGate{enrolled: true}, 0},
		"it cannot be told":  {&fakeGate{unclear: login.Fail(login.StoreUnavailable, nil)}, 0},
		"there is no key":    {&fakeGate{unclear: login.Fail(login.KeyUnavailable, nil)}, 0},
		"without a gate one": {nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forgotten := 0
			st := &fakeStore{current: &identity.Record{Identity: zhang}, forget: func(context.Context) error { forgotten++; return nil }}
			s := open(t, &fakeProvider{}, st, func(o *login.Options) {
				if tc.gate != nil {
					o.Offline = tc.gate
				}
			})
			if err := s.Forget(t.Context()); err != nil || forgotten != tc.forget {
				t.Errorf("forgotten %d times, %v", forgotten, err)
			}
			wantPhase(t, s, login.Idle, "")
		})
	}
}

// Somebody who finds an open session must not make a way in of their own.
func TestAPINIsSetOnlyAfterASignInWithDingTalk(t *testing.T) {
	t.Parallel()
	g, st := &fakeGate{}, &fakeStore{}
	s := open(t, &fakeProvider{}, st, gated(g))
	want := func(when, refused string, can bool) {
		t.Helper()
		if got := s.OfflineState(t.Context()).CanEnrol; got != can {
			t.Errorf("%s: can enrol %t", when, got)
		}
		if got, err := s.Enrol(t.Context(), secret.New(word)); got != refused || err != nil {
			t.Errorf("%s: %q, %v", when, got, err)
		}
	}
	want("nobody is signed in", "not_now", false)
	if _, err := s.ByPIN(t.Context(), "A001", secret.New(word)); err != nil {
		t.Fatal(err)
	}
	want("by PIN", "not_now", false)
	for snap := range s.Watch(t.Context()) { // by DingTalk
		if snap.Phase == login.SignedIn && snap.Source == login.FromDingTalk {
			break
		}
		if !snap.Phase.Running() {
			s.Complete(answer(begin(t, s), "A001"))
		}
	}
	seq := s.Snapshot().Seq
	want("by DingTalk", "", true)
	if s.Snapshot().Seq == seq {
		t.Error("nobody was told that there is a PIN now")
	}
	if _, err := s.ByPIN(t.Context(), "A001", secret.New(word)); err != nil {
		t.Fatal(err)
	}
	want("by PIN again", "not_now", false)
	begin(t, s)
	want("another code is up", "not_now", false)
	s.Cancel()
	want("it was cancelled", "not_now", false)
	if got := eventsOf(st.noted()); len(got) > 0 {
		t.Errorf("noted beside the store, which does it with the PIN: %v", got)
	}
}

func TestOnesOwnPINIsDropped(t *testing.T) {
	t.Parallel()
	g, st := &fakeGate{enrolled: true}, &fakeStore{}
	s := open(t, &fakeProvider{}, st, gated(g))
	if err := s.Revoke(t.Context()); err != nil || !g.enrolled {
		t.Fatalf("nobody is signed in, and %t, %v", g.enrolled, err)
	}
	remembers := open(t, &fakeProvider{}, &fakeStore{current: &identity.Record{Identity: zhang}}, gated(g))
	begin(t, remembers)
	if err := remembers.Revoke(t.Context()); err != nil || !g.enrolled {
		t.Fatalf("a code waits for somebody, and %t, %v", g.enrolled, err)
	}
	if _, err := s.ByPIN(t.Context(), "A001", secret.New(word)); err != nil {
		t.Fatal(err)
	}
	g.unclear = errors.New("the disk is full")
	if err := s.Revoke(t.Context()); !errors.Is(err, g.unclear) {
		t.Errorf("it cannot be dropped, and %v", err)
	}
	g.unclear = nil
	seq := s.Snapshot().Seq
	for range 2 { // the second time there is none
		if err := s.Revoke(t.Context()); err != nil || g.enrolled {
			t.Errorf("dropped: %t, %v", !g.enrolled, err)
		}
	}
	if got := s.Snapshot().Seq; got != seq+1 {
		t.Errorf("told %d times, want once", got-seq)
	}
	if got := eventsOf(st.noted()); len(got) > 0 {
		t.Errorf("noted beside the store, which does it with the PIN: %v", got)
	}
}

func TestWithoutAGateNobodyComesInByIt(t *testing.T) {
	t.Parallel()
	s := open(t, &fakeProvider{}, &fakeStore{})
	d, err := s.ByPIN(t.Context(), "A001", secret.New(word))
	if d.Refused != "offline_off" || err != nil {
		t.Errorf("%+v, %v", d, err)
	}
	if got, err := s.Enrol(t.Context(), secret.New(word)); got != "offline_off" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := s.Revoke(t.Context()); err != nil {
		t.Error(err)
	}
}
