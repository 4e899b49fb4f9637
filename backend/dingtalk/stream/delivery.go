package stream

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// maxWaiting is how many bytes of messages may wait for their reply, and
	// frameCost what each counts beside its length: 512 short ones, or 8 of the
	// longest.
	maxWaiting = 4 << 20
	frameCost  = 8 << 10

	defaultWorkers = 4
)

// delivery hands over what arrives on all links of a Run: once, in order where
// order matters, and a few at a time.
//
// No two wait for each other: in each lane a frame waits only for frames that
// arrived before it, and takes a worker only when it waits for none.
type delivery struct {
	ctx      context.Context // of Run: the handlers', and when it has ended nothing is begun
	client   *Client
	handler  Handler
	patience time.Duration

	room    *semaphore.Weighted // of maxWaiting
	workers chan struct{}       // one slot for each handler at work
	lanes   lanes
	memory  memory
	group   sync.WaitGroup // the frames that wait for their reply
}

func newDelivery(ctx context.Context, c *Client, handler Handler) *delivery {
	workers := c.Workers
	if workers <= 0 {
		workers = defaultWorkers
	}
	return &delivery{
		ctx: ctx, client: c, handler: handler, patience: c.pace().patience,
		room:    semaphore.NewWeighted(maxWaiting),
		workers: make(chan struct{}, workers),
	}
}

// wait waits for every handler. No link may be left by then.
func (d *delivery) wait() { d.group.Wait() }

// accept takes a frame from a link's reader, so that it is answered some time.
// It keeps the reader waiting while there is no room: that is what slows
// DingTalk down.
func (d *delivery) accept(l *link, f frame, size int64) {
	size += frameCost
	if !d.admit(l, size) {
		l.answer(f, later())
		return
	}
	t := d.task(f)
	turn := d.lanes.join(t.keys)
	l.pending.Add(1)
	d.group.Go(func() {
		turn.wait()
		v := d.decide(t)
		turn.done()
		l.answer(f, v)
		d.room.Release(size) // not before: replies pile up before a peer that does not read
		l.pending.Add(-1)
		signal(l.settled)
	})
}

// admit finds room. After a wait that was in vain it does not wait again until
// there was room, so that pings behind a flood are read in time.
func (d *delivery) admit(l *link, size int64) bool {
	if d.room.TryAcquire(size) {
		l.crowded = false
		return true
	}
	if l.crowded {
		return false
	}
	ctx, cancel := context.WithTimeout(l.life, d.patience)
	defer cancel()
	l.crowded = d.room.Acquire(ctx, size) != nil
	return !l.crowded
}

// task is what a frame wants done.
type task struct {
	mark mark
	keys []string // the lanes in which it has its turn
	do   func(context.Context) (v verdict, final bool)
}

func (d *delivery) task(f frame) task {
	if f.Type == typeCallback {
		t := task{mark: markOf(typeCallback, string(f.Headers.MessageID))}
		t.keys = []string{string(t.mark[:])}
		t.do = func(ctx context.Context) (verdict, bool) { return d.call(ctx, f) }
		return t
	}
	event := f.event()
	t := task{mark: markOf(typeEvent, event.ID)}
	if event.ID == "" {
		t.mark = markOf(typeEvent+" message", string(f.Headers.MessageID))
	}
	t.keys = append(subjects(event), string(t.mark[:]))
	t.do = func(ctx context.Context) (verdict, bool) { return d.event(ctx, event) }
	return t
}

// decide does what a frame wants, unless that has been done, and is what to say
// to it.
func (d *delivery) decide(t task) verdict {
	if v, known := d.memory.recall(t.mark, d.client.now()); known {
		return v
	}
	d.workers <- struct{}{}
	defer func() { <-d.workers }()
	if d.ctx.Err() != nil {
		return later()
	}
	v, final := t.do(d.ctx)
	if final {
		d.memory.keep(t.mark, v, d.client.now())
	}
	return v
}

func (d *delivery) event(ctx context.Context, event Event) (verdict, bool) {
	if d.handler == nil {
		return unhandled(), false
	}
	d.client.note(func(s *Status) { s.LastEvent = d.client.now() })
	if err := d.handler(ctx, event); err != nil {
		// Its text is the handler's affair, and may hold personal data.
		d.client.log().LogAttrs(ctx, slog.LevelWarn, "stream event put off", slog.Any("event", event))
		return later(), false
	}
	return taken(), true
}

func (d *delivery) call(ctx context.Context, f frame) (verdict, bool) {
	if d.client.Callback == nil {
		return unhandled(), false
	}
	response, err := d.client.Callback(ctx, Call{
		Topic: string(f.Headers.Topic), ID: string(f.Headers.MessageID), Data: []byte(f.Data),
	})
	if err != nil {
		return failed(), false
	}
	return answered(response), true
}

// subjects are whom and what an event is about.
func subjects(e Event) []string {
	var keys []string
	for _, id := range e.UserIDs {
		keys = append(keys, e.CorpID+" person "+id)
	}
	for _, id := range e.DeptIDs {
		keys = append(keys, e.CorpID+" department "+strconv.FormatInt(id, 10))
	}
	if keys == nil {
		keys = []string{e.CorpID + " company"}
	}
	return keys
}
