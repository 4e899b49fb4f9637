package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// link is one websocket. serve owns its two goroutines and returns after both;
// what arrives on it is worked on by delivery's.
type link struct {
	conn     *websocket.Conn
	cut      func() // closes the socket below, at once and whatever conn is doing
	pace     pace
	delivery *delivery
	log      *slog.Logger

	life context.Context         // ends when the link can be used no longer; the cause says why
	end  context.CancelCauseFunc // of life; the first cause stays

	replace chan struct{} // closed when DingTalk wants to end the link
	left    chan struct{} // closed when we do
	alive   chan struct{} // one slot: something was read
	pending atomic.Int64  // frames that wait for their reply
	settled chan struct{} // one slot: a frame has got its reply

	// Of the reader alone.
	said     string // DingTalk's reason to end the link
	replaced bool   // replace is closed
	crowded  bool   // there was no room of late
	odd      int    // messages that made no sense
}

var (
	errLeft     = errors.New("left for another connection, or stopped here")
	errSilent   = errors.New("no sign of life")
	errLost     = errors.New("the connection broke")
	errTooLarge = errors.New("a message was too large")
)

func newLink(ctx context.Context, conn *websocket.Conn, cut func(), pace pace, delivery *delivery, log *slog.Logger) *link {
	l := &link{
		conn: conn, cut: cut, pace: pace, delivery: delivery, log: log,
		replace: make(chan struct{}), left: make(chan struct{}),
		alive: make(chan struct{}, 1), settled: make(chan struct{}, 1),
	}
	// Not ended by ctx: what was handled until then is still to be acknowledged.
	l.life, l.end = context.WithCancelCause(context.WithoutCancel(ctx))
	conn.SetReadLimit(maxFrame)
	return l
}

// serve reads the link until it breaks or is left.
func (l *link) serve() {
	var parts sync.WaitGroup
	parts.Go(l.read)
	parts.Go(l.watch)
	select {
	case <-l.life.Done():
	case <-l.left:
		l.drain()
		l.goodbye()
	}
	l.end(errLeft)
	l.cut()
	_ = l.conn.CloseNow() // nothing to say to a socket that is closed
	parts.Wait()
}

// leave makes serve return once what has arrived is answered. No link can be
// left too.
func (l *link) leave() {
	if l != nil {
		close(l.left)
	}
}

func (l *link) drain() {
	timer := time.NewTimer(l.pace.drain)
	defer timer.Stop()
	for l.pending.Load() > 0 {
		select {
		case <-l.settled:
		case <-l.life.Done():
			return
		case <-timer.C:
			return
		}
	}
}

// goodbye closes in form. A socket that is simply closed while something lies
// unread in it resets the connection, and the last replies are lost with it.
// The library waits for a frame's end without a limit, therefore the cut.
func (l *link) goodbye() {
	timer := time.AfterFunc(l.pace.goodbye, l.cut)
	defer timer.Stop()
	_ = l.conn.Close(websocket.StatusNormalClosure, "") // it is over either way
}

func (l *link) read() {
	for {
		kind, message, err := l.conn.Read(l.life)
		if err != nil {
			l.end(ending(err))
			return
		}
		signal(l.alive)
		if kind == websocket.MessageText {
			l.receive(message)
		}
	}
}

func (l *link) receive(message []byte) {
	f, err := parseFrame(message)
	switch {
	case err != nil:
		// An event in it is not acknowledged, and comes again.
		if l.odd++; l.odd == 1 {
			l.log.LogAttrs(l.life, slog.LevelWarn, "stream message makes no sense", slog.Int("bytes", len(message)))
		}
	case f.Type == typeSystem:
		l.system(f)
	case f.Type == typeEvent, f.Type == typeCallback:
		l.delivery.accept(l, f, int64(len(message)))
	default:
		l.answer(f, unhandled())
	}
}

// system does what DingTalk wants of the link itself. Topics that are not known
// are ignored: its Node client knows CONNECTED, REGISTERED and KEEPALIVE.
func (l *link) system(f frame) {
	switch f.Headers.Topic {
	case "ping":
		l.answer(f, echo(f.Data))
	case "disconnect":
		if !l.replaced {
			l.said, l.replaced = f.reason(), true
			close(l.replace)
		}
	}
}

// answer replies to a frame. A reply that cannot be sent ends the link: the
// frame then comes again, on the next one.
func (l *link) answer(f frame, v verdict) {
	ctx, cancel := context.WithTimeout(l.life, l.pace.write)
	defer cancel()
	if err := l.conn.Write(ctx, websocket.MessageText, v.encode(string(f.Headers.MessageID))); err != nil {
		l.end(ending(err))
	}
}

// watch ends a link that gives no sign of life: nothing is read for a while,
// and a ping is not answered. A peer that stalls in the middle of a message
// cannot answer either.
func (l *link) watch() {
	timer := time.NewTimer(l.pace.idle)
	defer timer.Stop()
	for {
		select {
		case <-l.life.Done():
			return
		case <-l.alive:
		case <-timer.C:
			ctx, cancel := context.WithTimeout(l.life, l.pace.pong)
			err := l.conn.Ping(ctx)
			cancel()
			if err != nil {
				l.end(errSilent)
				return
			}
		}
		timer.Reset(l.pace.idle)
	}
}

// why is why the link ended. It is called after serve.
func (l *link) why() string {
	if l.replaced {
		if l.said == "" {
			return "ended by DingTalk"
		}
		return "ended by DingTalk: " + l.said
	}
	return context.Cause(l.life).Error()
}

// ending is what an error of the websocket means, without its text, which may
// quote the peer.
func ending(err error) error {
	var closed websocket.CloseError
	switch {
	case errors.As(err, &closed):
		return fmt.Errorf("closed by DingTalk with code %d", closed.Code)
	case errors.Is(err, websocket.ErrMessageTooBig):
		return errTooLarge
	}
	return errLost
}

// signal leaves a note for whoever waits, unless there is one.
func signal(slot chan<- struct{}) {
	select {
	case slot <- struct{}{}:
	default:
	}
}
