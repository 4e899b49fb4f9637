package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/dingtalk/stream"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

func TestMessagesThatMakeNoSenseAreIgnored(t *testing.T) {
	tests := []struct{ name, message string }{
		{"nothing", ""},
		{"no JSON", "hello"},
		{"cut JSON", `{"type":"EVENT","headers":{"messageId":"x"`},
		{"two values", `{}{}`},
		{"null", "null"},
		{"an array", "[]"},
		{"a string", `"EVENT"`},
		{"no type", `{"headers":{"messageId":"x"}}`},
		{"no headers", `{"type":"EVENT"}`},
		{"no message id, so that it cannot be answered", `{"type":"EVENT","headers":{"eventId":"e"},"data":"{}"}`},
		{"headers of the wrong type", `{"type":"EVENT","headers":["messageId"]}`},
		{"a type of the wrong type", `{"type":{},"headers":{"messageId":"x"}}`},
		{"deep nesting", `{"type":"EVENT","headers":{"messageId":"x"},"data":` + strings.Repeat("[", 100_000)},
		{"no text", "\xff\xfe\x00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				run := start(t, g.client(), func(context.Context, stream.Event) error { t.Error("handed over"); return nil })
				p := <-g.peers
				p.send(test.message)
				_ = p.conn.Write(context.Background(), websocket.MessageBinary, []byte(test.message))
				synctest.Wait()
				p.send(frame("SYSTEM", "ping", "after", "{}"))
				p.want("after", 200, "{}")
				run.stop()
			})
		})
	}
}

func TestWrongTypesInAFrameDoNotCostTheEvent(t *testing.T) {
	tests := []struct{ name, message string }{
		{"numbers for strings", `{"type":"EVENT","headers":{"messageId":1,"eventId":2,"time":3},"data":"{}"}`},
		{"an object for a string", `{"type":"EVENT","headers":{"messageId":"1","eventType":{},"eventBornTime":[]},"data":"{}"}`},
		{"data that is JSON itself", `{"type":"EVENT","headers":{"messageId":"1"},"data":{"userId":["a"]}}`},
		{"no data", `{"type":"EVENT","headers":{"messageId":"1"}}`},
		{"null", `{"type":"EVENT","headers":{"messageId":"1","eventId":null},"data":null}`},
		{"a number for a list", `{"type":"EVENT","headers":{"messageId":"1"},"data":"{\"userId\":7,\"deptId\":{}}"}`},
		{"other letters", `{"TYPE":"EVENT","Headers":{"MESSAGEID":"1"},"Data":"{}"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				run := start(t, g.client(), accept)
				p := <-g.peers
				p.send(test.message)
				p.want("1", 200, success)
				run.stop()
			})
		})
	}
}

func TestTheReasonForADisconnectIsShownOnlyAsPlainWords(t *testing.T) {
	tests := []struct{ data, want string }{
		{`{"reason":"persistent connection timeout"}`, "ended by DingTalk: persistent connection timeout"},
		{`{"reason":"ticket t1-Pl4nted"}`, "ended by DingTalk"},
		{`{"reason":"<script>"}`, "ended by DingTalk"},
		{`{"reason":"` + strings.Repeat("a", 100) + `"}`, "ended by DingTalk"},
		{`{"reason":5}`, "ended by DingTalk"},
		{`nothing`, "ended by DingTalk"},
	}
	for _, test := range tests {
		t.Run(test.data, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				client := g.client()
				run := start(t, client, accept)
				p := <-g.peers
				p.send(frame("SYSTEM", "disconnect", "d", test.data))
				p.send(frame("SYSTEM", "disconnect", "d", test.data)) // twice does no harm
				<-g.peers
				<-p.gone
				synctest.Wait()
				if s := client.Status(); s.Reason != test.want {
					t.Errorf("reason %q, want %q", s.Reason, test.want)
				}
				run.stop()
			})
		})
	}
}

func TestALargeMessageIsReadAndALargerOneEndsTheConnection(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		client := g.client()
		run := start(t, client, accept)
		p := <-g.peers
		large := frame("EVENT", "*", "m1", `{"userId":["zhang01"],"x":"`)
		p.send(large + strings.Repeat(" ", stream.MaxFrame-len(large)))
		p.want("m1", 200, success)
		_ = p.conn.Write(context.Background(), websocket.MessageText, make([]byte, stream.MaxFrame+1))
		<-g.peers
		if s := client.Status(); s.Reason != "a message was too large" {
			t.Errorf("reason %q", s.Reason)
		}
		run.stop()
	})
}

// misbehave is a server that shakes hands by hand and then does what the test
// wants with the socket, for the first connection only.
func misbehave(t *testing.T, g *gateway, do func(net.Conn)) {
	g.joining = func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n > 1 {
			return false
		}
		conn := shake(t, w, r)
		g.goes.Go(func() { do(conn); <-g.closed; _ = conn.Close() })
		return true
	}
}

// head is the head of an unmasked text message, RFC 6455 section 5.2.
func head(length uint64) []byte { return binary.BigEndian.AppendUint64([]byte{0x81, 127}, length) }

func TestAServerWithoutASignOfLifeIsReplaced(t *testing.T) {
	tests := []struct {
		name   string
		do     func(net.Conn)
		after  time.Duration
		reason string
	}{
		{"it is silent", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, 70 * time.Second, "no sign of life"},
		{"it does not even read, not even the ping", func(net.Conn) {}, 65 * time.Second, ""},
		{"it stalls in the middle of a message", func(c net.Conn) {
			_, _ = c.Write(append(head(1000), `{"type":`...))
			_, _ = io.Copy(io.Discard, c)
		}, 70 * time.Second, "no sign of life"},
		{"it stalls in the middle of a head", func(c net.Conn) {
			_, _ = c.Write(head(1000)[:3])
			_, _ = io.Copy(io.Discard, c)
		}, 70 * time.Second, "no sign of life"},
		{"it lets a message trickle", func(c net.Conn) {
			_, _ = c.Write(head(1000))
			for range 1000 {
				pass(time.Second)
				if _, err := c.Write([]byte(" ")); err != nil {
					return
				}
			}
		}, 65 * time.Second, ""},
		{"it speaks another protocol", func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")) }, 0, ""},
		{"it announces an impossible length", func(c net.Conn) { _, _ = c.Write(head(1 << 63)) }, 0, ""},
		{"it announces more than is read", func(c net.Conn) {
			_, _ = c.Write(head(1 << 40))
			chunk := make([]byte, 64<<10)
			for {
				if _, err := c.Write(chunk); err != nil {
					return
				}
			}
		}, 0, "a message was too large"},
		{"it hangs up", func(c net.Conn) { _ = c.Close() }, 0, "the connection broke"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				misbehave(t, g, test.do)
				client := g.client()
				run := start(t, client, accept)
				before := time.Now()
				p := <-g.peers
				// The library's own waits when it closes are 5 s each.
				if took := time.Since(before); took < test.after || took > test.after+12*time.Second {
					t.Errorf("replaced after %v, want %v and the wait", took, test.after)
				}
				if s := client.Status(); s.Reason == "" || test.reason != "" && s.Reason != test.reason {
					t.Errorf("reason %q, want %q", s.Reason, test.reason)
				}
				p.send(event("m1", "e1", "zhang01"))
				p.want("m1", 200, success)
				run.stop()
			})
		})
	}
}

func TestRunEndsSoonBesideAServerThatStallsInTheMiddleOfAMessage(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		misbehave(t, g, func(c net.Conn) {
			_, _ = c.Write(append(head(1000), `{"type":`...))
			_, _ = io.Copy(io.Discard, c)
		})
		run := start(t, g.client(), accept)
		synctest.Wait()
		before := time.Now()
		run.stop()
		if took := time.Since(before); took > time.Second {
			t.Errorf("took %v, want at most 1 s", took)
		}
	})
}

func TestAConnectionThatPingsAnswerIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		client := g.client()
		run := start(t, client, accept)
		p := <-g.peers // its reader answers pings
		pass(24*time.Hour - time.Second)
		p.send(event("m1", "e1", "zhang01"))
		p.want("m1", 200, success)
		if s := client.Status(); s.Opened != 1 || p.pings.Load() != 24*60-1 {
			t.Errorf("%d connections and %d pings in a day, want 1 and one ping a minute", s.Opened, p.pings.Load())
		}
		run.stop()
	})
}

func TestABusyConnectionIsNotPinged(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		run := start(t, g.client(), accept)
		p := <-g.peers
		for range 100 {
			pass(59 * time.Second)
			p.send(frame("SYSTEM", "ping", "m1", "{}"))
			p.want("m1", 200, "{}")
		}
		if n := p.pings.Load(); n != 0 {
			t.Errorf("%d pings, want none", n)
		}
		run.stop()
	})
}

func TestAServerThatAsksAndDoesNotReadAnswersIsReplacedAndNothingIsDoneTwice(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		misbehave(t, g, func(c net.Conn) {
			message := event("m1", "e1", "zhang01")
			_, _ = c.Write(append(head(uint64(len(message))), message...))
		})
		var calls atomic.Int64
		run := start(t, g.client(), func(context.Context, stream.Event) error { calls.Add(1); return nil })
		before := time.Now()
		p := <-g.peers
		if took := time.Since(before); took < 10*time.Second || took > 30*time.Second {
			t.Errorf("replaced after %v, want some 10 s", took)
		}
		p.send(event("m2", "e1", "zhang01"))
		p.want("m2", 200, success)
		if calls.Load() != 1 {
			t.Errorf("%d calls, want 1", calls.Load())
		}
		run.stop()
	})
}

func TestAServerThatDoesNotAnswerAtAllIsTriedAgain(t *testing.T) {
	hang := func(n int, _ http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			<-r.Context().Done()
		}
		return n == 1
	}
	tests := []struct {
		name  string
		stage func(*gateway)
	}{
		{"when asked for a connection", func(g *gateway) { g.opening = hang }},
		{"in the handshake", func(g *gateway) { g.joining = hang }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				test.stage(g)
				run := start(t, g.client(), accept)
				before := time.Now()
				<-g.peers
				if took := time.Since(before); took < 10*time.Second || took > 12*time.Second {
					t.Errorf("took %v, want 10 s and the wait", took)
				}
				run.stop()
			})
		})
	}
}

func TestAFloodIsHeldBackAndNothingOfItIsLost(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		const flood = 3000
		release := make(chan struct{})
		var atWork, most, calls atomic.Int64
		run := start(t, g.client(), func(context.Context, stream.Event) error {
			if n := atWork.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer atWork.Add(-1)
			calls.Add(1)
			<-release
			return nil
		})
		p := <-g.peers
		began := time.Now()
		for i := range flood {
			p.send(event(fmt.Sprint("m", i), fmt.Sprint("e", i), fmt.Sprint("u", i)))
		}
		p.send(frame("SYSTEM", "ping", "behind", "{}"))
		unread := make(map[string]bool)
		for r := p.reply(); r.Headers["messageId"] != "behind"; r = p.reply() {
			if r.Data != later {
				t.Fatalf("reply %+v while all handlers are at work", r)
			}
			unread["e"+r.Headers["messageId"][1:]] = true
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("the ping behind the flood was answered after %v, want 1 s", took)
		}
		if held := flood - len(unread); held < 400 || held > 512 || most.Load() != 4 {
			t.Errorf("%d held, %d at work, want some 490 and 4", held, most.Load())
		}
		close(release)
		for range flood - len(unread) {
			if r := p.reply(); r.Data != success {
				t.Errorf("reply %+v", r)
			}
		}
		for id := range unread { // as DingTalk sends again
			p.send(event("again-"+id, id, "u"+id[1:]))
		}
		for range unread {
			if r := p.reply(); r.Data != success {
				t.Errorf("reply %+v", r)
			}
		}
		if calls.Load() != flood {
			t.Errorf("%d calls, want %d", calls.Load(), flood)
		}
		run.stop()
	})
}

func TestAnAnswerThatNamesNoPlaceIsTroubleThatMayPass(t *testing.T) {
	tests := []struct{ name, body string }{
		{"nothing", ""},
		{"XML", "<endpoint>wss://x</endpoint>"},
		{"DingTalk's answer to an unknown path", `{"errcode":404,"errmsg":"请求的URI地址不存在"}`},
		{"no ticket", `{"endpoint":"wss://x.example/connect"}`},
		{"no endpoint", `{"ticket":"t"}`},
		{"a ticket of the wrong type", `{"endpoint":"wss://x.example/connect","ticket":7}`},
		{"no URL", `{"endpoint":"wss://%zz","ticket":"t"}`},
		{"another scheme", `{"endpoint":"https://x.example/connect","ticket":"t"}`},
		{"plain ws to another machine", `{"endpoint":"ws://192.0.2.1/connect","ticket":"t"}`},
		{"plain ws to a name that looks like loopback", `{"endpoint":"ws://localhost.example/connect","ticket":"t"}`},
		{"a password in the URL", `{"endpoint":"wss://a:b@x.example/connect","ticket":"t"}`},
		{"no host", `{"endpoint":"wss:///connect","ticket":"t"}`},
		{"without end", `{"endpoint":"wss://x.example/` + strings.Repeat("x", 100_000) + `","ticket":"t"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				g.opening = func(n int, w http.ResponseWriter, _ *http.Request) bool {
					if n == 1 {
						_, _ = w.Write([]byte(test.body))
					}
					return n == 1
				}
				client := g.client()
				run := start(t, client, accept)
				synctest.Wait()
				if s := client.Status(); s.Problem != login.ProviderAnswer || g.handshakes() != 0 {
					t.Errorf("status %+v, %d handshakes; want %s and none", s, g.handshakes(), login.ProviderAnswer)
				}
				<-g.peers
				run.stop()
			})
		})
	}
}

func TestTheAddressOfTheConnection(t *testing.T) {
	t.Parallel()
	tests := []struct{ endpoint, want string }{
		{"wss://x.example:443/connect", "wss://x.example:443/connect?ticket=a%2Fb%2B%3D%26c"},
		{"wss://x.example/connect?zone=1", "wss://x.example/connect?ticket=a%2Fb%2B%3D%26c&zone=1"},
		{"ws://127.0.0.1:1/", "ws://127.0.0.1:1/?ticket=a%2Fb%2B%3D%26c"},
		{"ws://[::1]:1/", "ws://[::1]:1/?ticket=a%2Fb%2B%3D%26c"},
		{"ws://localhost:1/", "ws://localhost:1/?ticket=a%2Fb%2B%3D%26c"},
	}
	for _, test := range tests {
		if got, err := stream.Place(200, []byte(`{"endpoint":"`+test.endpoint+`","ticket":"a/b+=&c"}`)); err != nil || got != test.want {
			t.Errorf("%s: %s (error %v), want %s", test.endpoint, got, err, test.want)
		}
	}
}

func TestNothingFollowsARedirect(t *testing.T) {
	redirect := func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n == 1 {
			w.Header().Set("Location", "/elsewhere") // the gateway fails the test when it is asked
			w.WriteHeader(http.StatusTemporaryRedirect)
		}
		return n == 1
	}
	for name, stage := range map[string]func(*gateway){
		"with the secret": func(g *gateway) { g.opening = redirect },
		"with the ticket": func(g *gateway) { g.joining = redirect },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				stage(g)
				run := start(t, g.client(), accept)
				<-g.peers
				run.stop()
			})
		})
	}
}

func TestNoSecretIsInLogErrorOrStatus(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		g.joining = func(n int, w http.ResponseWriter, r *http.Request) bool {
			switch n {
			case 1: // hang up, so that net/http quotes the URL
				conn, _, _ := w.(http.Hijacker).Hijack()
				_ = conn.Close()
			case 2:
				http.Error(w, r.URL.String(), http.StatusForbidden)
			case 3:
				w.Header().Set("Upgrade", r.URL.RawQuery)
				w.Header().Set("Connection", "upgrade")
				w.WriteHeader(http.StatusSwitchingProtocols)
			case 4: // no HTTP, which net/http quotes
				conn, _, _ := w.(http.Hijacker).Hijack()
				_, _ = conn.Write([]byte("Pl4nted\r\n\r\n"))
				_ = conn.Close()
			}
			return n <= 4
		}
		var out bytes.Buffer // written by one goroutine at a time: slog locks
		client := g.client()
		client.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		var seen []string
		run := start(t, client, func(context.Context, stream.Event) error { return fmt.Errorf("keep zhang01-Pl4nted") })
		var p *peer
		for p == nil {
			select {
			case p = <-g.peers:
			case <-time.After(100 * time.Millisecond):
				seen = append(seen, fmt.Sprintf("%+v", client.Status()))
			}
		}
		p.send(event("m1", "e1", "zhang01-Pl4nted"))
		p.want("m1", 500, later)
		p.send("Pl4nted")
		_ = p.conn.Close(4000, "Pl4nted "+p.ticket[:10])
		<-g.peers
		run.stop()
		g.opening = func(_ int, w http.ResponseWriter, r *http.Request) bool {
			body, _ := io.ReadAll(r.Body)
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"code":"authFailed","requestid":"` + secret.New("x").String() + ` Pl4nted","message":"Pl4nted` + fmt.Sprint(len(body)) + `"}`))
			return true
		}
		err := client.Run(t.Context(), accept)
		told := out.String() + strings.Join(seen, "") + fmt.Sprintf("%+v %v", client.Status(), err)
		for _, planted := range []string{"Pl4nted", "t+/=", "t%2B"} {
			if strings.Contains(told, planted) {
				t.Errorf("%q is told:\n%s", planted, told)
			}
		}
		for _, want := range []string{"stream connected", "stream disconnected", "stream not connected", "stream event put off", "makes no sense"} {
			if !strings.Contains(told, want) {
				t.Errorf("the log does not say %q:\n%s", want, told)
			}
		}
	})
}
