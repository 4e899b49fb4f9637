package offline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
)

func sixDigits(n int) string { return fmt.Sprintf("%06d", n) }

// FuriLabs/issue-tracker #197, fosrl/pangolin #1386, DumbWareio/DumbDrop #7:
// people ask for waits that grow.
func TestTheWaitAfterEachWrongPIN(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	waits := []time.Duration{
		0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute,
		8 * time.Minute, 16 * time.Minute, 32 * time.Minute,
	}
	for i, wait := range waits {
		r := k.want(t, "A007", "000000", offline.WrongPIN)
		if want := 9 - i; r.Left != want {
			t.Errorf("after %d wrong PINs %d are left, want %d", i+1, r.Left, want)
		}
		if wait == 0 {
			if !r.RetryAt.IsZero() {
				t.Errorf("after %d wrong PINs: wait until %v", i+1, r.RetryAt)
			}
			continue
		}
		until := k.clock.Now().Now.Add(wait)
		if !r.RetryAt.Equal(until) {
			t.Errorf("after %d wrong PINs: wait until %v, want %v", i+1, r.RetryAt, until)
		}
		k.clock.pass(wait - time.Nanosecond)
		if r := k.want(t, "A007", pin, offline.Locked); !r.RetryAt.Equal(until) || r.Left != 9-i {
			t.Errorf("while waiting: %+v", r)
		}
		k.clock.pass(time.Nanosecond)
	}
	if r := k.want(t, "A007", "000000", offline.WrongPIN); r.Left != 0 || !r.RetryAt.IsZero() {
		t.Errorf("the last one: %+v", r)
	}
	if r := k.want(t, "A007", pin, offline.HardLocked); r.Left != 0 || !r.RetryAt.IsZero() {
		t.Errorf("at the end: %+v", r)
	}
	k.clock.pass(48 * time.Hour)
	k.want(t, "A007", pin, offline.HardLocked)
	k.signedIn()
	k.want(t, "A007", pin, "")
}

// himmelblau #511: no limit at all. Who waits as long as it takes gets ten, who
// does not gets three.
func TestAThousandWrongPINsComputeTenHashes(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]int64{0: 3, time.Hour: 10} {
		t.Run(fmt.Sprintf("%s after each", wait), func(t *testing.T) {
			t.Parallel()
			k := newKiosk(t, func(o *offline.Options) { o.Policy.For = 10_000 * time.Hour })
			computed := k.Cheap()
			for n := range 1000 {
				if r := k.try(t, "A007", sixDigits(n)); r.Allowed() {
					t.Fatalf("%06d was let in", n)
				}
				k.clock.pass(wait)
			}
			if got := computed.Load(); got != want {
				t.Errorf("%d hashes were computed, want %d", got, want)
			}
		})
	}
}

// himmelblau #612, bitwarden/android PR 1421: a restart began the count anew. The
// real file and a real kill are in package store.
func TestARestartForgetsNoWrongPIN(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	for range 3 {
		k.want(t, "A007", "000000", offline.WrongPIN)
		k.restart()
		k.Cheap()
	}
	k.want(t, "A007", pin, offline.Locked)
}

func TestASuccessTakesTheWrongPINsBack(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	for range 2 {
		k.want(t, "A007", "000000", offline.WrongPIN)
		k.want(t, "A007", "000000", offline.WrongPIN)
		k.want(t, "A007", pin, "")
	}
	if lock, err := k.Lock(t.Context(), zhang); err != nil || lock.Reason != "" || lock.Left != 10 {
		t.Errorf("lock %+v, %v", lock, err)
	}
}

// Who tries one PIN on everybody meets no person's limit.
func TestTheDeviceStopsAfterAHundredWrongPINsInARow(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	computed := k.Cheap()
	for n := range 150 {
		want := offline.WrongPIN
		if n >= 100 {
			want = offline.DeviceLocked
		}
		k.want(t, fmt.Sprintf("B%d", n), "739150", want)
	}
	if got := computed.Load(); got != 100 {
		t.Errorf("%d hashes, want 100", got)
	}
	k.want(t, "A007", pin, offline.DeviceLocked)
	k.signedIn()
	k.want(t, "A007", pin, "")
}

func TestASuccessEndsTheDevicesRow(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	for n := range 99 {
		k.want(t, fmt.Sprintf("B%d", n), "739150", offline.WrongPIN)
	}
	k.want(t, "A007", pin, "")
	k.want(t, "C1", "739150", offline.WrongPIN)
	k.want(t, "C2", "739150", offline.WrongPIN)
}

func TestNoClockShortensAWait(t *testing.T) {
	t.Parallel()
	locked := func(t *testing.T) *kiosk {
		k := newKiosk(t)
		for range 3 {
			k.want(t, "A007", "000000", offline.WrongPIN)
		}
		return k
	}
	t.Run("set back by what is forgiven", func(t *testing.T) {
		t.Parallel()
		k := locked(t)
		k.clock.set(func(m *identity.Moment) { m.Now, m.Trust = noon.Add(-time.Minute), identity.Unconfirmed })
		k.clock.pass(30 * time.Second)
		k.want(t, "A007", pin, offline.Locked)
		k.clock.pass(time.Minute)
		k.want(t, "A007", pin, "")
	})
	t.Run("set back for one try, and forward again", func(t *testing.T) {
		t.Parallel()
		k := newKiosk(t)
		k.want(t, "A007", "000000", offline.WrongPIN)
		k.want(t, "A007", "000000", offline.WrongPIN)
		k.clock.pass(-time.Minute)
		k.want(t, "A007", "000000", offline.WrongPIN)
		k.clock.pass(time.Minute)
		k.want(t, "A007", pin, offline.Locked)
	})
	t.Run("set back by more", func(t *testing.T) {
		t.Parallel()
		k := locked(t)
		computed := k.Cheap()
		k.clock.set(func(m *identity.Moment) { m.Trust = identity.Behind })
		k.clock.pass(time.Hour)
		k.want(t, "A007", pin, offline.Suspended)
		k.want(t, "nobody", pin, offline.Suspended)
		if computed.Load() != 0 {
			t.Error("a hash was computed")
		}
	})
	t.Run("a wrong PIN in 2099 does not lock until then", func(t *testing.T) {
		t.Parallel()
		k := newKiosk(t, func(o *offline.Options) { o.Policy.For = 100 * 365 * 24 * time.Hour })
		k.clock.set(func(m *identity.Moment) { m.Now, m.Trust = noon.AddDate(73, 0, 0), identity.Unconfirmed })
		for range 3 {
			k.want(t, "A007", "000000", offline.WrongPIN)
		}
		k.clock.set(func(m *identity.Moment) { m.Now = noon })
		for range 2 { // the wall clock's word moves nothing
			k.want(t, "A007", pin, offline.Locked)
			k.clock.pass(time.Hour)
		}
		k.clock.set(func(m *identity.Moment) { m.Trust = identity.Measured }) // DingTalk has said what time it is
		k.want(t, "A007", pin, offline.Locked)
		k.clock.pass(30 * time.Second)
		k.want(t, "A007", pin, "")
	})
}

// A stopped hash, as by a kill, was counted before.
func TestATryCountsBeforeItsHashIsComputed(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	k.Watch(func(offline.Cost) {
		lock, err := k.Lock(t.Context(), zhang)
		if err != nil || lock.Left != 9 {
			t.Errorf("while the hash is computed: %+v, %v", lock, err)
		}
	})
	k.want(t, "A007", pin, "")
}

func TestEightAtOnceHaveThreeTries(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	computed := k.Cheap()
	done := make(chan offline.Result)
	for n := range 8 {
		go func() {
			r, err := k.ByPIN(t.Context(), "A007", secret.New(sixDigits(n)))
			if err != nil {
				t.Error(err)
			}
			done <- r
		}()
	}
	for range 8 {
		if r := <-done; r.Allowed() {
			t.Errorf("let in: %+v", r)
		}
	}
	if got := computed.Load(); got != 3 {
		t.Errorf("%d hashes were computed, want 3", got)
	}
}
