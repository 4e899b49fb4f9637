package login

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Reach is what is known of the way to DingTalk. Its words are a contract: the
// interface and «status --json» show them.
type Reach struct {
	State   ReachState
	Trouble Trouble   // why State is not Online; "" where it is, or nothing is known
	Since   time.Time // of State
	NextTry time.Time // when DingTalk is asked again; zero where nobody will
}

// Hopeless reports whether no call would get any answer: then nobody is shown a
// code that cannot work. Where somebody does answer, if not as DingTalk would,
// a sign-in is let try and says what is wrong.
func (r Reach) Hopeless() bool {
	switch r.Trouble {
	case TroubleCaptive, TroubleLying, TroubleTLS: // as with a clock that is wrong: clock_wrong
		return false
	}
	return r.State == Offline
}

// ReachState is how well DingTalk can be reached.
type ReachState string

// The states.
const (
	ReachUnknown ReachState = "unknown" // nobody has asked yet
	Online       ReachState = "online"
	Shaky        ReachState = "shaky"   // some calls fail, or all are slow: worth a try
	Offline      ReachState = "offline" // no call would get an answer
)

// Trouble is what kept a call from being answered by DingTalk.
type Trouble string

// The troubles.
const (
	NoTrouble      Trouble = ""          // DingTalk answered, whatever it said
	TroubleDNS     Trouble = "dns"       // the host's name could not be looked up
	TroubleRefused Trouble = "refused"   // somebody answered that there is no way in: the host, a router, a proxy
	TroubleTimeout Trouble = "timeout"   // nobody answered at all
	TroubleCaptive Trouble = "captive"   // a page for people in place of an answer, as a network sends that wants a sign-in of its own
	TroubleTLS     Trouble = "tls"       // who answered could not prove to be DingTalk
	TroubleSlow    Trouble = "slow"      // connected, and then too slow to be of use
	TroubleLink    Trouble = "link_down" // the machine has no network
	TroubleLying   Trouble = "lying"     // an answer that is not DingTalk's
	TroubleBroken  Trouble = "broken"    // the connection was cut, or a gateway had no answer
)

// Heard is how one call to DingTalk went.
type Heard struct {
	Trouble Trouble
	Took    time.Duration // connecting included
	Date    time.Time     // DingTalk's own time; zero unless the answer was DingTalk's and told it
}

// NetworkState tells what is known of the way to DingTalk, without asking. It is safe
// for concurrent use.
type NetworkState interface {
	Reach() Reach
	Changed() <-chan struct{} // closed when Reach has something new to tell
	Retry()                   // has DingTalk asked soon, and does not wait for it
}

// outOfReach is why nothing should be tried now; nil where something should.
func (s *Service) outOfReach() *Error {
	if s.opts.Network == nil {
		return nil
	}
	reach := s.opts.Network.Reach()
	if !reach.Hopeless() {
		return nil
	}
	return &Error{Code: Network, Err: fmt.Errorf("known to be out of reach: %s", reach.Trouble)}
}

// reachable reports whether DingTalk is known to answer, if not always.
func (s *Service) reachable() bool {
	if s.opts.Network == nil {
		return true
	}
	state := s.opts.Network.Reach().State
	return state == Online || state == Shaky
}

// warmWhileInReach makes ready what a scan will need, and stops once DingTalk
// is known to be out of reach: that is known sooner than each call finds out.
func (s *Service) warmWhileInReach(a *attempt) error {
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	if s.opts.Network != nil {
		s.wg.Go(func() {
			defer cancel()
			s.whileInReach(ctx)
		})
	}
	err := s.opts.Provider.Warm(ctx)
	if err != nil && ctx.Err() != nil && a.ctx.Err() == nil {
		if out := s.outOfReach(); out != nil {
			return out
		}
		return Fail(Network, errWasOut)
	}
	return err
}

var errWasOut = errors.New("DingTalk was out of reach for a moment")

// whileInReach returns when DingTalk is out of reach, or ctx ends.
func (s *Service) whileInReach(ctx context.Context) {
	for {
		changed := s.opts.Network.Changed() // before it is looked, so that nothing is missed
		if s.outOfReach() != nil {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
