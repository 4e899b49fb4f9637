package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A pipe in a bubble has no clock but the fake one, so that delays are exact.
type pipeEnd struct{ net.Conn }

func (p pipeEnd) CloseWrite() error { return p.Close() }

func TestRequestsTakeOneRoundTripAndTheFirstOneTwo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rtt = 100 * time.Millisecond
		d := &delayer{rtt: rtt}
		client, near := net.Pipe()
		far, server := net.Pipe()
		opened := time.Now()
		var work sync.WaitGroup
		work.Go(func() { d.relay(t.Context(), pipeEnd{near}, pipeEnd{far}, opened) })
		work.Go(func() { _, _ = io.Copy(server, server) }) // an echo, until it is closed

		for i, want := range []time.Duration{2 * rtt, rtt, rtt} {
			began := time.Now()
			ask(t, client, "hello")
			if got := time.Since(began); got != want {
				t.Errorf("request %d took %v, want %v", i+1, got, want)
			}
		}
		_, _ = client.Close(), server.Close()
		work.Wait()
	})
}

// A handshake that lasts longer than the wait before the first byte costs no
// second one.
func TestAConnectionThatWasIdleIsNotDelayedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rtt = 100 * time.Millisecond
		d := &delayer{rtt: rtt}
		client, near := net.Pipe()
		far, server := net.Pipe()
		opened := time.Now().Add(-time.Second)
		var work sync.WaitGroup
		work.Go(func() { d.relay(t.Context(), pipeEnd{near}, pipeEnd{far}, opened) })
		work.Go(func() { _, _ = io.Copy(server, server) })

		began := time.Now()
		ask(t, client, "hello")
		if got := time.Since(began); got != rtt {
			t.Errorf("the request took %v, want %v", got, rtt)
		}
		_, _ = client.Close(), server.Close()
		work.Wait()
	})
}

func TestBytesKeepTheirOrderBothWays(t *testing.T) {
	t.Parallel()
	client := dialThrough(t, echo)
	sent := make([]byte, 1<<20) // many reads, and more than the queue and the socket hold
	for i := range sent {
		sent[i] = byte(i * 7 >> 3)
	}
	var writing sync.WaitGroup
	writing.Go(func() {
		for piece := range sliceOf(sent, 1000) {
			if _, err := client.Write(piece); err != nil {
				t.Error("write:", err)
				return
			}
		}
		if err := client.CloseWrite(); err != nil {
			t.Error("close for writing:", err)
		}
	})
	got, err := io.ReadAll(client)
	writing.Wait()
	if err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes came back as %d others (%v)", len(sent), len(got), err)
	}
}

func TestAnEndOfSendingStillLetsTheAnswerThrough(t *testing.T) {
	t.Parallel()
	client := dialThrough(t, func(conn *net.TCPConn) {
		question, _ := io.ReadAll(conn) // comes back only at the end
		_, _ = conn.Write(append([]byte("you said: "), question...))
	})
	_, _ = io.WriteString(client, "that is all")
	if err := client.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(client)
	if want := "you said: that is all"; err != nil || string(got) != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestAServerThatHangsUpIsSeenByTheClient(t *testing.T) {
	t.Parallel()
	client := dialThrough(t, func(conn *net.TCPConn) {
		_ = conn.SetLinger(0) // a reset, not an end
	})
	_, _ = io.ReadAll(client) // an end or an error, as long as it comes
}

func TestCloseCutsConnectionsThatAreOpen(t *testing.T) {
	t.Parallel()
	d := delayTo(t, echo)
	client := dial(t, d)
	ask(t, client, "hello") // and then nothing: both sides wait
	d.close()
	if _, err := client.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still there")
	}
}

func echo(conn *net.TCPConn) { _, _ = io.Copy(conn, conn) }

// ask sends a word and waits until it has come back.
func ask(t *testing.T, conn net.Conn, word string) {
	t.Helper()
	if _, err := io.WriteString(conn, word); err != nil {
		t.Fatal(err)
	}
	back := make([]byte, len(word))
	if _, err := io.ReadFull(conn, back); err != nil || string(back) != word {
		t.Fatalf("%q came back (%v)", back, err)
	}
}

func dialThrough(t *testing.T, serve func(*net.TCPConn)) *net.TCPConn {
	t.Helper()
	return dial(t, delayTo(t, serve))
}

func dial(t *testing.T, d *delayer) *net.TCPConn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", d.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// delayTo is a proxy in front of a server that serves each connection and then
// closes it.
func delayTo(t *testing.T, serve func(*net.TCPConn)) *delayer {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				serve(conn.(*net.TCPConn))
				_ = conn.Close()
			})
		}
	})
	d, err := newDelayer(context.Background(), listener.Addr().String(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.close()
		_ = listener.Close()
		serving.Wait()
	})
	return d
}

func sliceOf(all []byte, size int) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(all) > 0 {
			n := min(size, len(all))
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}
