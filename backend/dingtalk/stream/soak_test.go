package stream_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/dingtalk/stream"
)

// Ten thousand reconnects, half a minute:
//
//	go test ./backend/dingtalk/stream -run Soak -v -soak 10000
var soak = flag.Int("soak", 300, "connections of the soak test")

func TestSoakOfReconnectsLosesNoEventAndLeaksNothing(t *testing.T) {
	g := newGateway(t, listen(t))
	d := &depot{waiting: make(map[int]bool), random: rand.New(rand.NewPCG(1, 2))}
	var mu sync.Mutex
	handed, putOff := make([]byte, 5**soak), make([]bool, 5**soak) // made before memory is measured
	handler := func(_ context.Context, e stream.Event) error {
		id, err := strconv.Atoi(e.ID[1:])
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if id%3 == 0 && !putOff[id] {
			putOff[id] = true
			return context.DeadlineExceeded
		}
		handed[id]++
		return nil
	}
	client := g.client()
	client.Hasten()
	before := measure()
	run := start(t, client, handler)

	var early usage
	for n := range *soak {
		d.serve(t, <-g.peers)
		if n == *soak/10 {
			early = measure()
		}
	}
	d.calm = true
	for !d.serve(t, <-g.peers) {
	}
	late := measure()
	run.stop()
	client.HTTP.CloseIdleConnections()
	after := settled(before.goroutines)

	for id := range d.made {
		if handed[id] != 1 {
			t.Errorf("event e%d was taken %d times, want once", id, handed[id])
		}
	}
	t.Logf("%d connections, %d events, %d sent again; before %v, early %v, late %v, after %v",
		client.Status().Opened, d.made, d.again, before, early, late, after)
	if late.goroutines > early.goroutines+20 || after.goroutines > before.goroutines {
		t.Errorf("goroutines grow: before %v, early %v, late %v, after %v", before, early, late, after)
	}
	// What is remembered counts as 4 MiB at most; a map may take twice that.
	if late.heap > early.heap+8<<20 {
		t.Errorf("memory grows: early %v, late %v", early, late)
	}
}

// depot is what a gateway keeps: events that were not acknowledged yet.
type depot struct {
	random  *rand.Rand
	made    int
	again   int
	sent    int
	waiting map[int]bool
	calm    bool // no mischief and no new events
}

// serve plays one connection: some new events, all that wait, and an end of
// some kind. It reports whether nothing waits any more.
func (d *depot) serve(t *testing.T, p *peer) bool {
	if !d.calm {
		for range d.random.IntN(5) {
			d.waiting[d.made] = true
			d.made++
		}
	}
	mischief := 0
	if !d.calm {
		mischief = d.random.IntN(7)
	}
	out := 0
	for id := range d.waiting {
		d.sent++
		p.send(event(fmt.Sprintf("m%d-%d", id, d.sent), fmt.Sprint("e", id), fmt.Sprint("u", id%7)))
		out++
	}
	if mischief == 1 { // before any answer is read
		_ = p.conn.CloseNow()
	}
	for ; out > 0 && mischief != 1 && mischief != 2; out-- {
		r := p.reply()
		if r.Data == success {
			var id, n int
			if _, err := fmt.Sscanf(r.Headers["messageId"], "m%d-%d", &id, &n); err != nil {
				t.Fatal(err)
			}
			delete(d.waiting, id)
		}
	}
	d.again += len(d.waiting)
	d.end(p, mischief)
	<-p.gone
	return len(d.waiting) == 0
}

func (d *depot) end(p *peer, mischief int) {
	switch mischief {
	case 3:
		_ = p.conn.Close(websocket.StatusGoingAway, "")
	case 4:
		_ = p.conn.Write(context.Background(), websocket.MessageText, []byte("garbage"))
		_ = p.conn.CloseNow()
	case 5:
		_ = p.conn.Write(context.Background(), websocket.MessageText, make([]byte, stream.MaxFrame+1)) // it may hang up meanwhile
	case 6, 2:
		_ = p.conn.Write(context.Background(), websocket.MessageText, []byte(disconnect))
		_ = p.conn.Write(context.Background(), websocket.MessageText, []byte(disconnect)) // it may have left
	case 1: // it has ended
	default:
		_ = p.conn.CloseNow()
	}
}

type usage struct {
	goroutines int
	heap       uint64
}

func (u usage) String() string { return fmt.Sprintf("%d goroutines %d kB", u.goroutines, u.heap>>10) }

func measure() usage {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return usage{runtime.NumGoroutine(), stats.HeapAlloc}
}

// settled measures once the server's goroutines, which end on their own time,
// have gone.
func settled(goroutines int) usage {
	end := time.After(time.Minute)
	for {
		u := measure()
		if u.goroutines <= goroutines {
			return u
		}
		select {
		case <-end:
			return u
		case <-time.After(10 * time.Millisecond):
		}
	}
}
