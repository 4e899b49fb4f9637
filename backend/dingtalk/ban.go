package dingtalk

import (
	"strconv"
	"sync"
	"time"
)

// bannedFor is how long DingTalk documents that its flood guard blocks an
// address, after 10,000 calls in 20 s. They may be another program's behind the
// same router.
const bannedFor = 5 * time.Minute

// punishment is how long a ban lasts. The guard's answer has a number of no
// documented unit; the one that was seen is 5, with the five minutes above. So
// a number that can be minutes is taken for them: who comes back too early is
// punished anew. A larger one must be seconds.
func punishment(wait text) time.Duration {
	n, err := strconv.Atoi(string(wait))
	n = min(n, 60*60)
	switch minutes := time.Duration(n) * time.Minute; {
	case err != nil || n <= 0:
		return bannedFor
	case minutes <= bannedFor:
		return minutes
	}
	return time.Duration(n) * time.Second
}

// ban remembers that the guard answered. Until it is over no request is sent,
// to whatever host: the ban is our address's, and asking on lengthens it.
//
// A page in the place of JSON is no ban, though the guard may answer with one:
// nothing tells it from the page of a proxy or a server that is down for a
// moment, and nobody is to wait five minutes for that.
type ban struct {
	mu     sync.Mutex
	answer *Error // guarded by mu, as is the moment; nil: there was none
	from   time.Time
}

// begin notes a failure that is a ban, and no other.
func (b *ban) begin(failure *Error, now time.Time) {
	if !failure.Banned {
		return
	}
	said := *failure
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer, b.from = &said, now
}

// left is what a call to endpoint is answered while the ban lasts: what the
// guard said, with the time that is left.
func (b *ban) left(endpoint string, now time.Time) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.answer == nil {
		return nil
	}
	age := now.Sub(b.from)
	if age < 0 || age >= b.answer.RetryAfter { // a clock that was set back says nothing
		b.answer = nil
		return nil
	}
	said := *b.answer
	said.Endpoint, said.RetryAfter = endpoint, b.answer.RetryAfter-age
	return &said
}
