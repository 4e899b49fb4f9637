package login_test

import (
	"testing"

	"github.com/dingpass/dingpass/backend/login"
)

// phases and follows are the documented table, written down a second time: a
// row for what is, a column for what may come next.
var phases = []login.Phase{
	login.Idle, login.Waiting, login.Working, login.SignedIn, login.Failed, login.TimedOut, login.Abandoned,
}

var follows = map[login.Phase]string{
	//               idle waiting working signed_in failed expired cancelled
	login.Idle:      "x x - x - - -",
	login.Waiting:   "x x x x x x x",
	login.Working:   "x x - x x - x",
	login.SignedIn:  "x x - x - - -",
	login.Failed:    "x x - x - - -",
	login.TimedOut:  "x x - x - - -",
	login.Abandoned: "x x - x - - -",
}

// mayFollow reads the table above.
func mayFollow(from, to login.Phase) bool {
	for i, phase := range phases {
		if phase == to {
			return follows[from][2*i] == 'x'
		}
	}
	return false
}

func TestEveryPairOfPhasesIsAsDocumented(t *testing.T) {
	t.Parallel()
	for _, from := range phases {
		for _, to := range phases {
			if got, want := from.CanFollow(to), mayFollow(from, to); got != want {
				t.Errorf("from %s to %s: allowed %t, want %t", from, to, got, want)
			}
		}
	}
	if login.Phase("asleep").CanFollow(login.Waiting) || login.Idle.CanFollow("asleep") {
		t.Error("a phase that does not exist can follow or be followed")
	}
}

func TestPhasesAreTheWordsOfTheContract(t *testing.T) {
	t.Parallel()
	contract := []login.Phase{"idle", "waiting", "working", "signed_in", "failed", "expired", "cancelled"}
	for i, word := range contract {
		if phases[i] != word {
			t.Errorf("phase %q, design 3.2 says %q", phases[i], word)
		}
	}
}

func TestAPhaseIsRunningOrOverOrIdle(t *testing.T) {
	t.Parallel()
	for _, phase := range phases {
		running := phase == login.Waiting || phase == login.Working
		over := !running && phase != login.Idle
		if phase.Running() != running || phase.Over() != over {
			t.Errorf("%s: running %t and over %t, want %t and %t", phase, phase.Running(), phase.Over(), running, over)
		}
	}
}
