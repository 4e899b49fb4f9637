package offline_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
)

func TestByPIN(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"A007", "", " a007\n", "Ａ００７"} {
		for _, typed := range []string{pin, "４８２９１５"} {
			k := newKiosk(t)
			k.clock.pass(time.Hour)
			r := k.want(t, number, typed, "")
			if !r.Allowed() || r.Person.Identity.Who() != zhang || r.Verdict.Answer != identity.Allow || r.Verdict.UsesLeft != 19 {
				t.Errorf("%q: %+v", number, r)
			}
			if want := (identity.Usage{Person: 1, Device: 1}); r.Person.Used != want {
				t.Errorf("used %+v", r.Person.Used)
			}
			if !slices.Equal(k.clock.relied, []identity.Moment{{Now: noon.Add(time.Hour), Trust: identity.Measured}}) {
				t.Errorf("relied on %+v", k.clock.relied)
			}
		}
	}
}

// odoo #15003, #34058: any PIN was taken for the person who was signed in.
func TestWrongPINsAreNotLetIn(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"482916", "582915", "4829150", "0482915", "482915482915", "519284", "000000"} {
		k := newKiosk(t)
		for _, number := range []string{"A007", ""} {
			r := k.want(t, number, typed, offline.WrongPIN)
			if !reflect.DeepEqual(r.Person, identity.Record{}) || len(k.clock.relied) != 0 {
				t.Errorf("%q: %+v", typed, r)
			}
		}
	}
}

func TestAnotherPersonsPINIsNotTaken(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	li := k.store.person(func(r *identity.Record) { r.Identity.UserID, r.Identity.JobNo = "li", "A008" })
	k.enrol(t, li, "730264")
	k.want(t, "A007", "730264", offline.WrongPIN)
	k.want(t, "A008", pin, offline.WrongPIN)
	k.store.mu.Lock()
	k.store.pins[li.Identity.Who()] = k.store.pins[zhang]
	k.store.mu.Unlock()
	if _, err := k.ByPIN(t.Context(), "A008", secret.New(pin)); !errors.Is(err, offline.ErrDamaged) {
		t.Errorf("another person's record: %v", err)
	}
}

// odoo #179501: the key 0 of the PIN pad deleted.
func TestEveryDigitCounts(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	for digit := range 10 {
		p := []byte("4829" + "0" + "5")
		p[4] = byte('0' + digit)
		if digit == 8 {
			p[0] = '7'
		}
		k.enrol(t, k.store.person(nil), string(p))
		k.want(t, "A007", string(p), "")
		k.want(t, "A007", string(p[:4])+string(p[5:])+"1", offline.WrongPIN)
		k.signedIn()
	}
}

func TestWhatIsNoPINIsNoTry(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	for typed, want := range map[string]offline.Reason{
		"": offline.TooShort, "48291": offline.TooShort, "48291x": offline.NotDigits, "482915\x00": offline.NotDigits,
		string(make([]byte, 1<<20)): offline.NotDigits,
	} {
		k.want(t, "A007", typed, want)
		k.want(t, "nobody", typed, want)
	}
	if lock, err := k.Lock(t.Context(), zhang); err != nil || lock.Left != 10 {
		t.Errorf("lock %+v, %v", lock, err)
	}
}

func TestTheVerdictComesBeforeThePIN(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		set  func(*kiosk)
		want offline.Reason
	}{
		{"gone", func(k *kiosk) { k.store.person(func(r *identity.Record) { r.Refused = identity.Gone }) }, "gone"},
		{"disabled", func(k *kiosk) { k.store.person(func(r *identity.Record) { r.Refused = identity.Disabled }) }, "disabled"},
		{"inactive", func(k *kiosk) { k.store.person(func(r *identity.Record) { r.Identity.Active = false }) }, "inactive"},
		// SSSD #7725: rules that had expired were followed offline.
		{"too old", func(k *kiosk) { k.clock.pass(72 * time.Hour) }, "too_old"},
		{"used up", func(k *kiosk) { k.store.counts[offline.Subject{Who: zhang}] = offline.Tally{Uses: 20} }, "used_up"},
		{"suspended", func(k *kiosk) { k.clock.set(func(m *identity.Moment) { m.Trust = identity.Behind }) }, offline.Suspended},
		{"offline off", func(k *kiosk) { k.options.Policy.Offline = false; k.restart() }, "offline_off"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k := newKiosk(t)
			test.set(k)
			computed := k.Cheap()
			for _, typed := range []string{pin, "000000"} {
				if r := k.want(t, "A007", typed, test.want); !reflect.DeepEqual(r.Person, identity.Record{}) {
					t.Errorf("told of the person: %+v", r)
				}
			}
			if computed.Load() != 0 {
				t.Error("a hash was computed")
			}
			if failed := k.store.counts[offline.Subject{Who: zhang}].Failed; failed != 0 {
				t.Errorf("%d tries were counted", failed)
			}
		})
	}
}

func TestUsesEnd(t *testing.T) {
	t.Parallel()
	k := newKiosk(t, func(o *offline.Options) { o.Policy.Uses = 3 })
	for left := 2; left >= 0; left-- {
		if r := k.want(t, "A007", pin, ""); r.Verdict.UsesLeft != left {
			t.Errorf("%d left, want %d", r.Verdict.UsesLeft, left)
		}
	}
	k.want(t, "A007", pin, "used_up")
	k.signedIn()
	k.want(t, "A007", pin, "")
}

// Another process takes the last use while the hash is computed.
func TestTheLastUseIsUsedOnce(t *testing.T) {
	t.Parallel()
	k := newKiosk(t, func(o *offline.Options) { o.Policy.Uses = 1 })
	k.Watch(func(offline.Cost) {
		k.store.mu.Lock()
		defer k.store.mu.Unlock()
		k.store.counts[offline.Subject{Who: zhang}] = offline.Tally{Uses: 1}
	})
	k.want(t, "A007", pin, "used_up")
}

// Whether a job number is somebody's, and whether they have a PIN, shows in no
// answer, lock or work.
func TestNobodyIsTreatedAsSomebody(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	k.store.person(func(r *identity.Record) { r.Identity.UserID, r.Identity.JobNo = "li", "A008" })
	var costs []offline.Cost
	k.Watch(func(c offline.Cost) { costs = append(costs, c) })
	for i := range 14 {
		var answers []offline.Result
		for _, number := range []string{"A007", "A008", "nobody"} {
			before := len(costs)
			r := k.try(t, number, "000000")
			if got := len(costs) - before; got != 1 && (r.Refused == offline.WrongPIN || got != 0) {
				t.Errorf("%s: %d hashes for %q", number, got, r.Refused)
			}
			r.Tried = identity.Identity{} // which nobody at the screen is told
			answers = append(answers, r)
		}
		if !reflect.DeepEqual(answers[0], answers[1]) || !reflect.DeepEqual(answers[0], answers[2]) {
			t.Fatalf("try %d: %+v", i+1, answers)
		}
		k.clock.pass(time.Hour)
	}
	for _, c := range costs {
		if c != costs[0] {
			t.Fatalf("costs differ: %v", costs)
		}
	}
}

func TestThePersonOfThisDeviceIsToldThatThereIsNoPIN(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	if err := k.Drop(t.Context(), zhang); err != nil {
		t.Fatal(err)
	}
	k.want(t, "", pin, offline.NotEnrolled)
	k.want(t, "A007", pin, offline.WrongPIN)
	k.store.current = identity.Who{}
	k.want(t, "", pin, offline.NotEnrolled)
}

// What an older copy of the database says of counts and PINs is of then.
func TestWhoIsOfAnOlderCopyIsAskedForDingTalk(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	computed := k.Cheap()
	_, text, err := k.Badges.Issue(t.Context(), zhang, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	k.Stale = func(_ context.Context, rec identity.Record) bool { return rec.Identity.Who() == zhang }
	for range 20 {
		k.want(t, "A007", "000000", offline.Stale) // and none of it counts
	}
	if r, err := k.ByBadge(t.Context(), text); r.Refused != offline.Stale || r.Allowed() || err != nil {
		t.Errorf("badge: %+v, %v", r, err)
	}
	if computed.Load() != 0 {
		t.Errorf("%d hashes", computed.Load())
	}
	k.Stale = func(context.Context, identity.Record) bool { return false }
	k.want(t, "A007", pin, "")
}

func TestAPassIsForWhoMayComeInWhenItIsTaken(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	r, err := k.SignIn.ByPIN(t.Context(), "A007", secret.New(pin))
	if err != nil || r.Pass == nil || r.Allowed() {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := k.store.counts[offline.Subject{Who: zhang}]; got.Uses != 0 || len(k.store.entered) != 0 {
		t.Errorf("in before they came in: %+v, %v", got, k.store.entered)
	}
	k.store.person(func(rec *identity.Record) { rec.Refused = identity.Gone })
	if r, err := k.Enter(t.Context(), r.Pass); r.Refused != "gone" || r.Tried.UserID != zhang.UserID || r.Allowed() || err != nil {
		t.Errorf("refused meanwhile: %+v, %v", r, err)
	}
	delete(k.store.people, zhang)
	if r, err := k.Enter(t.Context(), r.Pass); login.CodeOf(err) != login.NotSignedIn || r.Allowed() {
		t.Errorf("forgotten meanwhile: %+v, %v", r, err)
	}
	if r, err := k.Enter(t.Context(), nil); r.Refused == "" || r.Allowed() || err != nil {
		t.Errorf("by no pass: %+v, %v", r, err)
	}
	if len(k.store.entered) != 0 {
		t.Errorf("entered: %v", k.store.entered)
	}
}

func TestAKeyThatIsGoneIsSaidSo(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	k.options.Peppers = keys{"other"}
	k.restart()
	if r, err := k.ByPIN(t.Context(), "A007", secret.New(pin)); login.CodeOf(err) != login.KeyUnavailable || r.Allowed() {
		t.Errorf("%+v, %v", r, err)
	}
	if lock, err := k.Lock(t.Context(), zhang); err != nil || lock.Left != 10 {
		t.Errorf("a try was counted: %+v, %v", lock, err)
	}
}

func TestThePINFollowsARotationOfKeys(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	for _, rotated := range []keys{{"n", "a"}, {"n"}} {
		k.options.Peppers = rotated
		k.restart()
		k.Cheap()
		k.want(t, "A007", pin, "")
		if id, err := offline.KeyOf(k.store.pins[zhang], zhang, rotated); id != "n" || err != nil {
			t.Errorf("kept with key %q, %v", id, err)
		}
	}
}

// What another process has set or dropped in the meantime stays as it is.
func TestARotationGivesWayToAChange(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	k.options.Peppers = keys{"n", "a"}
	k.restart()
	k.Cheap()
	k.Watch(func(offline.Cost) {
		k.store.mu.Lock()
		defer k.store.mu.Unlock()
		k.store.pins[zhang] = nil
	})
	k.want(t, "A007", pin, "")
	if k.store.pins[zhang] != nil {
		t.Error("a PIN that was dropped is back")
	}
}

func TestOneHashAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := newKiosk(t)
		var inside atomic.Int64
		leave := make(chan struct{})
		k.Watch(func(offline.Cost) {
			inside.Add(1)
			<-leave
			inside.Add(-1)
		})
		for _, number := range []string{"A007", "B1"} {
			go func() {
				if _, err := k.ByPIN(t.Context(), number, secret.New(pin)); err != nil {
					t.Error(err)
				}
			}()
		}
		for range 2 {
			synctest.Wait()
			if n := inside.Load(); n != 1 {
				t.Errorf("%d hashes at once", n)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if r, err := k.ByPIN(ctx, "C1", secret.New(pin)); login.CodeOf(err) != login.Cancelled || r.Allowed() {
				t.Errorf("one who does not wait: %+v, %v", r, err)
			}
			leave <- struct{}{}
		}
	})
}
