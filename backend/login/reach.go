package login

import "time"

// Reach is what is known of the way to DingTalk. Its words are a contract: the
// interface and «status --json» show them.
type Reach struct {
	State   ReachState
	Trouble Trouble   // why State is not Online; "" where it is, or nothing is known
	Since   time.Time // of State
	NextTry time.Time // when DingTalk is asked again; zero where nobody will
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
