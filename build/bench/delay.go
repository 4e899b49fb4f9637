package main

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// delayer is a TCP proxy that puts distance between two ends of one machine.
// Each byte arrives half a round trip after it was sent. What a client sends on
// a new connection counts as sent one round trip after it connected, for that
// is how long a real handshake keeps it waiting; on this machine connecting
// takes no time. TLS is not ended here, so its handshakes take the round trips
// that they take.
type delayer struct {
	rtt      time.Duration
	target   string
	listener net.Listener
	passed   atomic.Int64 // pieces that arrived, in both directions

	stop context.CancelFunc
	work sync.WaitGroup
}

// newDelayer listens on a free loopback port and passes on to target, until
// close.
func newDelayer(ctx context.Context, target string, rtt time.Duration) (*delayer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	d := &delayer{rtt: rtt, target: target, listener: listener, stop: stop}
	d.work.Go(func() { d.accept(ctx) })
	return d, nil
}

func (d *delayer) address() string { return d.listener.Addr().String() }

// close cuts every connection and waits until nothing runs any more.
func (d *delayer) close() {
	d.stop()
	_ = d.listener.Close() // it is gone either way
	d.work.Wait()
}

func (d *delayer) accept(ctx context.Context) {
	for {
		client, err := d.listener.Accept()
		if err != nil {
			return // closed
		}
		opened := time.Now()
		d.work.Go(func() {
			defer func() { _ = client.Close() }() // nobody is left to tell
			server, err := new(net.Dialer).DialContext(ctx, "tcp", d.target)
			if err != nil {
				return
			}
			defer func() { _ = server.Close() }() // as above
			d.relay(ctx, client.(*net.TCPConn), server.(*net.TCPConn), opened)
		})
	}
}

// end is one end of a connection, as a TCP connection is one.
type end interface {
	io.ReadWriteCloser
	CloseWrite() error // no more will be sent this way
}

// relay carries both directions until both have ended, or one has failed. Both
// ends are closed when it returns.
func (d *delayer) relay(ctx context.Context, client, server end, opened time.Time) {
	cut := func() { _, _ = client.Close(), server.Close() } // closing again only says so
	defer cut()
	defer context.AfterFunc(ctx, cut)()
	var both sync.WaitGroup
	for _, way := range [][2]end{{client, server}, {server, client}} {
		both.Go(func() {
			if d.carry(ctx, way[0], way[1], opened.Add(d.rtt)) != nil {
				cut() // a broken connection is broken both ways
			}
		})
	}
	both.Wait()
}

// parcel is what was read at once, and when it is to arrive. No bytes: the end
// of this direction.
type parcel struct {
	bytes []byte
	due   time.Time
}

// carry moves bytes one way, in their order, until the sender has no more. What
// comes before earliest counts as sent then.
func (d *delayer) carry(ctx context.Context, from, to end, earliest time.Time) (err error) {
	parcels := make(chan parcel, 256)
	var reading sync.WaitGroup
	defer reading.Wait()
	reading.Go(func() {
		defer close(parcels)
		d.collect(from, parcels, earliest)
	})
	ended := false
	for p := range parcels { // to its end in any case: the reader must not be left waiting
		switch {
		case err != nil:
		case waitUntil(ctx, p.due) != nil:
			err = ctx.Err()
		case len(p.bytes) == 0:
			ended, err = true, to.CloseWrite()
		default:
			_, err = to.Write(p.bytes)
		}
		d.passed.Add(1)
		if err != nil {
			_ = from.Close() // ends the reader
		}
	}
	if err == nil && !ended {
		return errCut
	}
	return err
}

// errCut says that a connection did not end as it should.
var errCut = errors.New("connection cut")

// collect reads until the end, which is a parcel of its own, or until it fails.
func (d *delayer) collect(from end, into chan<- parcel, earliest time.Time) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		sent := time.Now()
		if sent.Before(earliest) {
			sent = earliest
		}
		due := sent.Add(d.rtt / 2)
		if n > 0 {
			into <- parcel{append([]byte(nil), buffer[:n]...), due}
		}
		if errors.Is(err, io.EOF) {
			into <- parcel{nil, due}
		}
		if err != nil {
			return
		}
	}
}

// waitUntil waits for a moment, or for ctx.
func waitUntil(ctx context.Context, due time.Time) error {
	wait := time.Until(due)
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
