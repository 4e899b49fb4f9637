package offline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
)

// Machines of very different speed come to between 250 and 500 ms, and what is
// too slow or too fast comes to the limits.
func TestCalibrate(t *testing.T) {
	t.Parallel()
	for _, perPass := range []time.Duration{ // for one MiB
		time.Microsecond, 50 * time.Microsecond, 200 * time.Microsecond, time.Millisecond, 3 * time.Millisecond, 6 * time.Millisecond, time.Second,
	} {
		for _, slower := range []float64{0, 0.3, 1} { // with each doubling of the memory
			t.Run(fmt.Sprintf("%s a MiB, %.1f slower", perPass, slower), func(t *testing.T) {
				t.Parallel()
				took := func(c offline.Cost) time.Duration {
					mib := float64(c.Memory) / 1024
					return time.Duration(float64(perPass) * mib * float64(c.Passes) * (1 + slower*(mib-19)/45))
				}
				c := offline.Calibrate(took)
				least, most := offline.LeastCost(), offline.MostCost()
				if c.Memory < least.Memory || c.Passes < least.Passes || c.Memory > most.Memory || c.Passes > most.Passes {
					t.Fatalf("cost %s is beyond the limits", c)
				}
				if d := took(c); (d < 250*time.Millisecond && c != most) || (d > 500*time.Millisecond && c != least) {
					t.Errorf("cost %s takes %s", c, d)
				}
			})
		}
	}
}

// A machine that was busy for a moment is not taken for a slow one.
func TestABusyMomentDoesNotCount(t *testing.T) {
	t.Parallel()
	n := 0
	c := offline.Calibrate(func(c offline.Cost) time.Duration {
		took := time.Duration(c.Memory/1024) * time.Duration(c.Passes) * time.Millisecond
		if n++; n%2 == 1 {
			took *= 10
		}
		return took
	})
	if c.Memory*c.Passes < 250<<10 {
		t.Errorf("cost %s", c)
	}
}

func TestTheFirstPINMeasuresTheMachineOnce(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	delete(k.store.facts, "pin_cost")
	computed := k.Cheap()
	k.enrol(t, k.store.person(nil), pin)
	settled := k.store.facts["pin_cost"]
	if computed.Load() < 3 || settled == "" {
		t.Errorf("%d hashes, cost %q", computed.Load(), settled)
	}
	k.restart()
	computed = k.Cheap()
	k.enrol(t, k.store.person(nil), pin)
	if computed.Load() != 1 || k.store.facts["pin_cost"] != settled {
		t.Errorf("the second time: %d hashes, cost %q", computed.Load(), k.store.facts["pin_cost"])
	}
}

// Nothing that anybody writes into the database makes this process allocate more
// than it may.
func TestAnEditedCostIsNeverPaid(t *testing.T) {
	t.Parallel()
	least, most := offline.LeastCost(), offline.MostCost()
	for _, cost := range []offline.Cost{
		{Memory: 1<<32 - 1, Passes: 1<<32 - 1}, {Memory: most.Memory + 1, Passes: most.Passes}, {Memory: most.Memory, Passes: most.Passes + 1},
		{Memory: least.Memory - 1, Passes: least.Passes}, {Memory: least.Memory, Passes: least.Passes - 1}, {},
	} {
		k := newKiosk(t)
		k.store.facts["pin_cost"] = cost.String()
		k.Watch(func(c offline.Cost) {
			if c == cost {
				t.Errorf("paid %s", c)
			}
		})
		k.want(t, "nobody", pin, offline.WrongPIN)
		edited, err := offline.Reseal(k.store.pins[zhang], zhang, keys{"a"}, cost) // by somebody who has the key, even
		if err != nil {
			t.Fatal(err)
		}
		k.store.pins[zhang] = edited
		if r, err := k.ByPIN(t.Context(), "A007", secret.New(pin)); err == nil || r.Allowed() {
			t.Errorf("%s: %+v, %v", cost, r, err)
		}
		k.enrol(t, k.store.person(nil), pin)
		k.want(t, "A007", pin, "")
	}
}

// The hash is Argon2id's: no other test computes a real one.
func TestTheRealHash(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	k.restart()
	k.enrol(t, k.store.person(nil), pin)
	k.want(t, "A007", "482916", offline.WrongPIN)
	k.want(t, "A007", pin, "")
}
