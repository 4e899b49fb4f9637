package callback

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// refusal is why a request does not get the answer that DingTalk waits for. The
// status is all that the sender is told.
type refusal struct {
	status int
	level  slog.Level // Info for what anybody on the internet can send
	cause  string
	code   Code
}

func (r *refusal) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("op", "callback"), slog.Int("status", r.status), slog.String("cause", r.cause)}
	if r.code != 0 {
		attrs = append(attrs, slog.Int("code", int(r.code)))
	}
	return attrs
}

// What is wrong behind a right signature has one status: see Error.Diagnosis.
var (
	refuseMethod = &refusal{http.StatusMethodNotAllowed, slog.LevelInfo, "the method is not POST", 0}
	refuseSize   = &refusal{http.StatusRequestEntityTooLarge, slog.LevelInfo, "the request is larger than 1 MiB", 0}
	refuseForm   = &refusal{http.StatusBadRequest, slog.LevelInfo, "the request is not a callback", 0}
	refuseText   = &refusal{http.StatusForbidden, slog.LevelWarn, "the message has no type, or is a test without its random value", 0}
	refuseBusy   = &refusal{http.StatusServiceUnavailable, slog.LevelWarn, "the same event is being delivered", 0}
	refuseFull   = &refusal{http.StatusServiceUnavailable, slog.LevelWarn, "nobody could take the event", 0}
)

// unsealed is for errors of Crypto.
func unsealed(err error) *refusal {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return &refusal{http.StatusInternalServerError, slog.LevelError, "unknown error", 0}
	}
	found := e.Diagnosis()
	switch e.Code {
	case SignatureMismatch:
		return &refusal{http.StatusForbidden, slog.LevelInfo, found.String(), found}
	case DecryptFailed:
		return &refusal{http.StatusForbidden, slog.LevelWarn, found.String(), found}
	}
	return &refusal{http.StatusInternalServerError, slog.LevelError, found.String(), found}
}

// untimely is for a message that is too old, or whose sender and we do not
// agree on what time it is.
func untimely(skew time.Duration) *refusal {
	cause := fmt.Sprintf("our clock and the message's time are %s apart", skew.Round(time.Second))
	return &refusal{http.StatusForbidden, slog.LevelWarn, cause, 0}
}
