package loopback

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

// beginRequest is the body of POST /api/login; an empty body is an empty one.
type beginRequest struct {
	Embed string `json:"embed"` // frame, page or browser; "" = as set and learned
	Tried bool   `json:"tried"` // someone tried the code that is replaced
}

// begin answers POST /api/login.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) {
	req, err := readBegin(w, r)
	if err != nil {
		http.Error(w, "the body is not what is expected", http.StatusBadRequest)
		return
	}
	opts := login.BeginOptions{Embed: login.Embed(req.Embed), Tried: req.Tried}
	s.accept(w, s.opts.Service.Begin(r.Context(), opts))
}

func readBegin(w http.ResponseWriter, r *http.Request) (beginRequest, error) {
	var req beginRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return req, err
	}
	// The body is here; Begin may have to wait for longer than it took.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	if len(body) > 0 {
		if err := json.Unmarshal(body, &req); err != nil {
			return req, err
		}
	}
	switch login.Embed(req.Embed) {
	case "", login.Frame, login.Page, login.Browser:
		return req, nil
	}
	return req, errors.New("no such way to show DingTalk")
}

// cancel answers POST /api/login/cancel.
func (s *Server) cancel(w http.ResponseWriter, _ *http.Request) {
	s.opts.Service.Cancel()
	s.accept(w, nil)
}

// logout answers POST /api/logout.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	s.accept(w, s.opts.Service.Forget(r.Context()))
}

// retry answers POST /api/network/retry: DingTalk is asked soon, and what it
// says is told by the event stream.
func (s *Server) retry(w http.ResponseWriter, _ *http.Request) {
	if s.opts.Network != nil {
		s.opts.Network.Retry()
	}
	s.accept(w, nil)
}

// accept answers a POST: what comes of it is told by the event stream, and a
// refusal by its code.
func (s *Server) accept(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err == nil {
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "{}\n") // the page is gone if this fails
		return
	}
	s.log.Warn("request failed", "code", login.CodeOf(err), "error", err)
	w.WriteHeader(http.StatusServiceUnavailable)
	_ = json.NewEncoder(w).Encode(map[string]problem{"error": problemOf(err)})
}

// start answers GET /login/start: to DingTalk, as a whole page or in a frame.
func (s *Server) start(w http.ResponseWriter, r *http.Request) {
	frame := r.URL.Query().Get("frame") == "1"
	url, ok := s.opts.Service.AuthorizeURL(frame)
	if !ok {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if frame {
		// A redirect's own policy replaces the frame element's, and DingTalk
		// may want to know who frames it. It learns our origin, no more.
		w.Header().Set("Referrer-Policy", "strict-origin-when-cross-origin")
	}
	http.Redirect(w, r, url, http.StatusFound) //nolint:gosec // the provider's own URL; of the request there is only «frame», a choice of two
}
