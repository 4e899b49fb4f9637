package callback

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

const (
	// answerWithin is the time to receive a callback and to have it taken.
	// DingTalk gives up after 1.5 s by one page of its documentation and after
	// 2.5 s by another, the way there and back included.
	answerWithin = time.Second

	maxBody = 1 << 20 // of a request; an event has about 1 kB

	defaultWindow   = 5 * time.Minute
	defaultRemember = 20_000 // about 4 MB
)

// Handler is the http.Handler for the address that DingTalk calls. Mount it on
// the one path, behind TLS and without a redirect: DingTalk follows none. Set
// the fields, then use it by pointer; it is frozen after the first request.
//
//	200  DingTalk's tests of the address; an event that was taken, now or before
//	400  not a callback
//	403  not signed, not for us, not of our time, or without a meaning
//	405  not POST
//	413  larger than 1 MiB
//	500  Crypto is not set up; see [Crypto.Check]
//	503  nobody could take the event: DingTalk is to try again
//
// Only a 200 has a body.
type Handler struct {
	Crypto Crypto

	// Deliver takes an event: nil means that it will not be lost. It must not
	// work, but put the event where work finds it, [Queue] or a table, and
	// return when the context ends, which it does after a second. After an
	// error the event comes again. nil takes none.
	Deliver func(ctx context.Context, event Event) error

	// Window is how far a message's timestamp may be from our clock; 0 is five
	// minutes. It leaves room for DingTalk's two repetitions. Messages are
	// remembered for twice as long, which covers every one that is in time.
	Window time.Duration

	// Remember is how many signatures and ids of events are remembered at most,
	// two for an event; 0 is 20,000. Beyond it the oldest go early, and could
	// be delivered a second time.
	Remember int

	Now func() time.Time // nil: time.Now
	Log *slog.Logger     // nil: discard. One line for each refusal

	memory memory
}

var _ http.Handler = (*Handler)(nil)

// ServeHTTP answers one callback.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	answer, refused := h.answer(ctx, w, r)
	if refused != nil {
		h.log().LogAttrs(ctx, refused.level, "callback refused", refused.attrs()...)
		if refused.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodPost)
		}
		w.WriteHeader(refused.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // when DingTalk has hung up, it comes again
}

// answer is the sealed answer to a callback.
func (h *Handler) answer(ctx context.Context, w http.ResponseWriter, r *http.Request) (Envelope, *refusal) {
	sealed, refused := read(w, r)
	if refused != nil {
		return Envelope{}, refused
	}
	plain, err := h.Crypto.Decrypt(sealed)
	if err != nil {
		return Envelope{}, unsealed(err)
	}
	now := h.now()
	if skew, ok := sealed.timely(now, h.window()); !ok {
		return Envelope{}, untimely(skew)
	}
	reply, refused := h.reply(ctx, now, sealed, plain)
	if refused != nil {
		return Envelope{}, refused
	}
	answer, err := h.Crypto.Encrypt([]byte(reply), strconv.FormatInt(now.UnixMilli(), 10), rand.Text()[:16])
	if err != nil {
		return Envelope{}, unsealed(err)
	}
	return answer, nil
}

// read takes a callback from a request. The names of the parameters differ
// between DingTalk's samples.
func read(w http.ResponseWriter, r *http.Request) (Envelope, *refusal) {
	if r.Method != http.MethodPost {
		return Envelope{}, refuseMethod
	}
	// Nobody waits longer for the answer. Where this is not supported there is
	// no connection that could be slow.
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(answerWithin))
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return Envelope{}, refuseSize
	}
	var body struct {
		Encrypt string `json:"encrypt"`
	}
	if err != nil || json.Unmarshal(raw, &body) != nil || body.Encrypt == "" {
		return Envelope{}, refuseForm
	}
	_ = conn.SetReadDeadline(time.Time{}) // or net/http takes the connection for dead when it passes
	query := r.URL.Query()
	return Envelope{
		Signature: cmp.Or(query.Get("msg_signature"), query.Get("signature")),
		Timestamp: cmp.Or(query.Get("timestamp"), query.Get("timeStamp")),
		Nonce:     query.Get("nonce"),
		Encrypt:   body.Encrypt,
	}, nil
}

// reply is what to say to a message that is DingTalk's.
func (h *Handler) reply(ctx context.Context, now time.Time, sealed Envelope, plain []byte) (string, *refusal) {
	event, err := ParseEvent(plain)
	if err != nil || event.Type == "" {
		return "", refuseText
	}
	switch event.Type {
	case CheckURL:
		return "success", nil
	case CheckCreateSuiteURL, CheckUpdateSuiteURL:
		var wire wireEvent
		if json.Unmarshal(plain, &wire) != nil || wire.Random == "" {
			return "", refuseText
		}
		return string(wire.Random), nil
	}
	if refused := h.deliver(ctx, now, marks(sealed, event), event); refused != nil {
		return "", refused
	}
	return "success", nil
}

// deliver hands an event over, unless that has been done. What was taken before
// is acknowledged again: when our answer was lost, the same message comes back,
// and a refusal would put it on the list of the failed. To whoever replays a
// message the answer tells nothing.
func (h *Handler) deliver(ctx context.Context, now time.Time, known []mark, event Event) *refusal {
	limit := cmp.Or(max(h.Remember, 0), defaultRemember)
	switch h.memory.open(known, now, now.Add(2*h.window()), limit) {
	case busy:
		return refuseBusy
	case taken:
		return nil
	}
	delivered := false
	defer func() { h.memory.close(known, delivered) }() // also when Deliver panics
	if h.Deliver == nil || h.Deliver(ctx, event) != nil {
		return refuseFull
	}
	delivered = true
	return nil
}

func (h *Handler) window() time.Duration { return cmp.Or(max(h.Window, 0), defaultWindow) }

func (h *Handler) now() time.Time {
	if h.Now == nil {
		return time.Now().Round(0)
	}
	return h.Now().Round(0)
}

func (h *Handler) log() *slog.Logger {
	if h.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return h.Log
}
