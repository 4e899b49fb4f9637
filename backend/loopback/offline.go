package loopback

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Offline is sign-in without DingTalk as the routes need it; *login.Service is
// one.
type Offline interface {
	ByPIN(ctx context.Context, jobNumber string, pin secret.Text) (login.Decision, error)
	ByBadge(ctx context.Context, badge secret.Text) (login.Decision, error)
	Enrol(ctx context.Context, pin secret.Text) (refused string, err error)
	Revoke(ctx context.Context) error
	OfflineState(ctx context.Context) login.OfflineState
}

var _ Offline = (*login.Service)(nil)

// verdict is the answer to the routes below: that somebody was let in, or that
// something was set, or why not.
type verdict struct {
	Result  string    `json:"result"`           // ok or refused
	Reason  string    `json:"reason,omitempty"` // a word of package offline or identity
	Left    int       `json:"left,omitempty"`   // wrong PINs until only DingTalk helps
	RetryAt time.Time `json:"retry_at,omitzero"`
}

func verdictOf(refused string) verdict {
	if refused == "" {
		return verdict{Result: "ok"}
	}
	return verdict{Result: "refused", Reason: refused}
}

// decided is a decision by the clock that the interface goes by.
func (s *Server) decided(d login.Decision) verdict {
	v := verdictOf(d.Refused)
	v.Left, v.RetryAt = d.Left, s.onScreen(d.RetryAt)
	return v
}

// onScreen tells a moment of trusted time by the machine's clock, as «now» in
// the snapshot is.
func (s *Server) onScreen(moment time.Time) time.Time {
	if moment.IsZero() {
		return moment
	}
	return s.opts.Now().Add(moment.Sub(s.opts.Clock().Now)).UTC()
}

// pin answers POST /api/offline/pin. Without a job number it is the last person
// of this device.
func (s *Server) pin(w http.ResponseWriter, r *http.Request) {
	var body struct {
		JobNumber string `json:"job_number"`
		PIN       string `json:"pin"`
	}
	s.judge(w, r, &body, func(o Offline) (verdict, error) {
		d, err := o.ByPIN(r.Context(), body.JobNumber, secret.New(body.PIN))
		return s.decided(d), err
	})
}

// badge answers POST /api/offline/badge, with what a scanner has typed.
func (s *Server) badge(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Badge string `json:"badge"`
	}
	s.judge(w, r, &body, func(o Offline) (verdict, error) {
		d, err := o.ByBadge(r.Context(), secret.New(body.Badge))
		return s.decided(d), err
	})
}

// enrol answers POST /api/offline/enrol: a PIN of one's own, right after a
// sign-in with DingTalk.
func (s *Server) enrol(w http.ResponseWriter, r *http.Request) {
	var body struct {
		PIN string `json:"pin"`
	}
	s.judge(w, r, &body, func(o Offline) (verdict, error) {
		refused, err := o.Enrol(r.Context(), secret.New(body.PIN))
		return verdictOf(refused), err
	})
}

// revoke answers POST /api/offline/revoke: one's own PIN is dropped.
func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	s.judge(w, r, &struct{}{}, func(o Offline) (verdict, error) {
		return verdictOf(""), o.Revoke(r.Context())
	})
}

// judge reads a body and answers with what comes of it. A body that is not what
// is expected is never quoted: there is a PIN in it.
func (s *Server) judge(w http.ResponseWriter, r *http.Request, body any, do func(Offline) (verdict, error)) {
	if s.opts.Offline == nil {
		s.notFound(w, r)
		return
	}
	if err := readJSON(w, r, body); err != nil {
		http.Error(w, "the body is not what is expected", http.StatusBadRequest)
		return
	}
	v, err := do(s.opts.Offline)
	if err != nil {
		s.accept(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the page is gone if this fails
}

// errBody is any body that is not one JSON object of the fields that are known.
var errBody = errors.New("not what is expected")

func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return errBody
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return errBody
	}
	// The body is here; a hash may take longer than it took.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return errBody
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errBody
	}
	return nil
}

// offline is what the screen may offer without DingTalk; none where that is
// nothing.
type offline struct {
	Ways     []signlog.Method `json:"ways,omitempty"`
	Enrolled []signlog.Method `json:"enrolled,omitempty"`
	CanEnrol bool             `json:"can_enrol,omitempty"`
	Lock     *lock            `json:"lock,omitempty"`
}

// lock is what wrong PINs have led to.
type lock struct {
	Reason string    `json:"reason,omitempty"`
	Until  time.Time `json:"until,omitzero"` // by the same clock as «now»
	Left   int       `json:"left"`
}

func (s *Server) offline(ctx context.Context) *offline {
	if s.opts.Offline == nil {
		return nil
	}
	state := s.opts.Offline.OfflineState(ctx)
	if len(state.Ways)+len(state.Enrolled) == 0 && !state.CanEnrol && state.Lock == nil {
		return nil
	}
	o := &offline{Ways: state.Ways, Enrolled: state.Enrolled, CanEnrol: state.CanEnrol}
	if l := state.Lock; l != nil {
		o.Lock = &lock{l.Reason, s.onScreen(l.Until), l.Left}
	}
	return o
}
