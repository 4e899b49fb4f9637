package loopback

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

const (
	// beat keeps the stream alive through proxies, and lets us notice a page
	// that is gone, and one whose verdict is not true any more.
	beat = 15 * time.Second

	// soonest is the least pause before a page is looked at again: a timer may
	// fire a little early by another clock.
	soonest = time.Second

	// writeWithin drops a page that does not read.
	writeWithin = 5 * time.Second
)

// events answers GET /api/events: the present snapshot and then each change, as
// server-sent events whose id is the sequence number. Each event is whole, so a
// page that reconnects needs no history.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	w.Header().Set("Content-Type", "text/event-stream")
	out := &eventWriter{w: w, control: http.NewResponseController(w)}
	if out.write("retry: 500\n\n") != nil {
		return
	}
	s.pages.join()
	defer s.pages.leave()

	snaps := follow(ctx, s.opts.Service)
	hint, moved := s.hint.next(), s.networkMoved()
	last, ok := <-snaps // the present, which there always is
	if !ok {
		return
	}
	var told passing
	var lasts time.Duration
	show := func() error {
		told, lasts = s.passing(last) // before it is sent, so that no change is missed
		return s.send(ctx, out, last)
	}
	err := show()
	timer := time.NewTimer(lasts)
	defer timer.Stop()
	for err == nil {
		timer.Reset(lasts)
		select {
		case last, ok = <-snaps:
			if !ok {
				return
			}
			err = show()
		case <-hint:
			hint = s.hint.next()
			err = show()
		case <-moved:
			moved = s.networkMoved()
			err = show()
		case <-timer.C:
			var now passing
			if now, lasts = s.passing(last); now != told {
				err = show()
			} else {
				err = out.write(": alive\n\n")
			}
		case <-s.pages.done.raised:
			return
		}
	}
}

// passing is what a page shows that becomes another as time passes, without
// anybody doing anything: an offline limit is reached, a clock is set.
type passing struct {
	answer identity.Answer
	reason identity.Reason
	trust  identity.Trust
	wrong  bool
}

// passing tells what a page with this snapshot shows now, and how long that may
// last before it has to be looked at: to the end of the verdict, and no longer
// than a beat, because nobody tells of a clock that is set.
func (s *Server) passing(snap login.Snapshot) (now passing, lasts time.Duration) {
	at := s.opts.Clock()
	now, lasts = passing{trust: at.Trust, wrong: at.Wrong()}, beat
	if snap.Record == nil {
		return now, lasts
	}
	v := s.verdict(snap, at)
	now.answer, now.reason = v.Answer, v.Reason
	if v.Answer == identity.Allow {
		lasts = min(beat, max(soonest, v.Left))
	}
	return now, lasts
}

// networkMoved is closed when there is something new to tell of the network;
// never where nobody watches it.
func (s *Server) networkMoved() <-chan struct{} {
	if s.opts.Network == nil {
		return nil
	}
	return s.opts.Network.Changed()
}

// follow turns the service's sequence into a channel, so that it can be waited
// for together with other things. The channel is closed when ctx or the service
// ends.
func follow(ctx context.Context, service Service) <-chan login.Snapshot {
	snaps := make(chan login.Snapshot)
	go func() { // ends with ctx, which ends with the request
		defer close(snaps)
		for snap := range service.Watch(ctx) {
			select {
			case snaps <- snap:
			case <-ctx.Done():
				return
			}
		}
	}()
	return snaps
}

// send writes one snapshot and notes that a page has it.
func (s *Server) send(ctx context.Context, out *eventWriter, snap login.Snapshot) error {
	data, err := json.Marshal(s.view(ctx, snap))
	if err != nil {
		return err
	}
	if err := out.write(fmt.Sprintf("event: snapshot\nid: %d\ndata: %s\n\n", snap.Seq, data)); err != nil {
		return err
	}
	s.pages.sent(snap.Seq)
	return nil
}

// eventWriter writes at once, and never waits long for a page.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (e *eventWriter) write(text string) error {
	if err := e.control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	if _, err := e.w.Write([]byte(text)); err != nil {
		return err
	}
	return e.control.Flush()
}
