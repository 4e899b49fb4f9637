package login

// Phase is where the sign-in stands. The values are a contract (design 3.2).
type Phase string

// The phases.
const (
	Idle      Phase = "idle"      // nobody is signed in and nothing runs
	Waiting   Phase = "waiting"   // DingTalk's QR is up
	Working   Phase = "working"   // the redirect came; DingTalk is being asked who it is
	SignedIn  Phase = "signed_in" // stored and read back
	Failed    Phase = "failed"
	TimedOut  Phase = "expired"
	Abandoned Phase = "cancelled"
)

// transitions lists, for each phase, the ones that may follow. Waiting follows
// every phase, since a new attempt replaces whatever there is; so does Idle,
// by signing out, and SignedIn, by a PIN or a badge. Without an attempt, another process may have signed somebody
// in or out.
var transitions = map[Phase][]Phase{
	Idle:      {Waiting, Idle, SignedIn},
	Waiting:   {Waiting, Working, SignedIn, Failed, TimedOut, Abandoned, Idle},
	Working:   {Waiting, SignedIn, Failed, Abandoned, Idle},
	SignedIn:  {Waiting, Idle, SignedIn},
	Failed:    {Waiting, Idle, SignedIn},
	TimedOut:  {Waiting, Idle, SignedIn},
	Abandoned: {Waiting, Idle, SignedIn},
}

// CanFollow reports whether next may come after p.
func (p Phase) CanFollow(next Phase) bool {
	for _, allowed := range transitions[p] {
		if allowed == next {
			return true
		}
	}
	return false
}

// Running reports whether an attempt is under way.
func (p Phase) Running() bool { return p == Waiting || p == Working }

// Over reports whether the last attempt has ended.
func (p Phase) Over() bool {
	return p == SignedIn || p == Failed || p == TimedOut || p == Abandoned
}
