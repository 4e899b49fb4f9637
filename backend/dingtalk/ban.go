package dingtalk

import (
	"net/http"
	"strconv"
	"strings"
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

// guardPage reports whether an answer is the page that the flood guard shows in
// the place of JSON. It has no mark that is documented, so that any page counts
// that comes with the status of an answer or of a refusal; one with an error of
// the server's or a redirect is somebody else's.
func guardPage(status int, body []byte) bool {
	switch status {
	case http.StatusOK, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusTooManyRequests:
		return strings.HasPrefix(http.DetectContentType(body), "text/html")
	}
	return false
}

// barred reports whether the flood guard answered, in either of its ways.
func (e *Error) barred() bool { return e.Banned || e.page }

// ban remembers that the guard answered. Until it is over no request is sent,
// to whatever host: the ban is our address's, and asking on lengthens it.
type ban struct {
	mu     sync.Mutex
	answer *Error // guarded by mu, as is the moment; nil: there was none
	from   time.Time
}

// begin notes a failure that is a ban, and no other.
func (b *ban) begin(failure *Error, now time.Time) {
	if !failure.barred() {
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
