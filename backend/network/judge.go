package network

import (
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

const (
	// window is how many calls count. A sign-in makes five; more would hold
	// on to a trouble that is over.
	window = 5

	// slowMean is what answers may take on average. A sign-in waits for three or
	// four of them in turn: at more than a second each, people ask whether it
	// still works. A mean, because one slow answer is a slow first connection
	// (pretixscan decides by errors and by the mean, too).
	slowMean = time.Second

	// gone is how many calls in a row have to fail. One may fail for itself: a
	// kept connection that a router has dropped.
	gone = 2
)

// judge tells from recent calls, the newest last, how well DingTalk can be
// reached, and why not better.
func judge(recent []login.Heard) (login.ReachState, login.Trouble) {
	if len(recent) == 0 {
		return login.ReachUnknown, login.NoTrouble
	}
	var took time.Duration
	var good, badAtTheEnd int
	var trouble login.Trouble // the latest
	for _, heard := range recent {
		if heard.Trouble == login.NoTrouble {
			took, good, badAtTheEnd = took+heard.Took, good+1, 0
			continue
		}
		trouble = heard.Trouble
		badAtTheEnd++
	}
	switch {
	case good == 0 || badAtTheEnd >= gone:
		return login.Offline, trouble
	case trouble != login.NoTrouble:
		return login.Shaky, trouble
	case took/time.Duration(good) > slowMean:
		return login.Shaky, login.TroubleSlow
	}
	return login.Online, login.NoTrouble
}
