package stream_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk/stream"
)

func TestAnEventArrivesAsDingTalkSendsIt(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		got := make(chan stream.Event, 1)
		run := start(t, g.client(), func(_ context.Context, e stream.Event) error { got <- e; return nil })
		p := <-g.peers
		p.send(event("m1", "e1", "zhang01"))
		p.want("m1", 200, success)
		e := <-got
		if e.Type != "user_leave_org" || e.ID != "e1" || e.CorpID != "ding0a1b" || !slices.Equal(e.UserIDs, []string{"zhang01"}) || e.Time.UnixMilli() != 1700000000000 {
			t.Errorf("event %#v", e)
		}
		run.stop()
	})
}

func TestAnEventWithoutReadableTextStillTellsThatSomethingHappened(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		got := make(chan stream.Event, 1)
		run := start(t, g.client(), func(_ context.Context, e stream.Event) error { got <- e; return nil })
		p := <-g.peers
		p.send(frame("EVENT", "*", "m1", "not JSON", "eventType", "org_change", "eventId", "e1", "eventCorpId", "ding0a1b"))
		p.want("m1", 200, success)
		if e := <-got; e.Type != "org_change" || e.ID != "e1" || e.CorpID != "ding0a1b" || e.Raw != nil {
			t.Errorf("event %#v", e)
		}
		run.stop()
	})
}

func TestAnEventIsAcknowledgedOnlyAfterTheHandlerReturned(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		release := make(chan struct{})
		run := start(t, g.client(), func(context.Context, stream.Event) error { <-release; return nil })
		p := <-g.peers
		p.send(event("m1", "e1", "zhang01"))
		synctest.Wait()
		if len(p.replies) != 0 {
			t.Error("acknowledged while the handler was at work")
		}
		close(release)
		p.want("m1", 200, success)
		run.stop()
	})
}

func TestAnEventThatFailedIsAskedForLaterAndHandedOverAgain(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		var calls atomic.Int64
		run := start(t, g.client(), func(context.Context, stream.Event) error {
			if calls.Add(1) == 1 {
				return errors.New("the database is away")
			}
			return nil
		})
		p := <-g.peers
		p.send(event("m1", "e1", "zhang01"))
		p.want("m1", 500, later)
		p.send(event("m2", "e1", "zhang01"))
		p.want("m2", 200, success)
		if calls.Load() != 2 {
			t.Errorf("%d calls, want 2", calls.Load())
		}
		run.stop()
	})
}

func TestWhatWasTakenIsNotHandedOverAgainWithinTheHour(t *testing.T) {
	tests := []struct {
		name          string
		first, second string // the same event in two messages
	}{
		{"known by its event id", event("m1", "e1", "zhang01"), event("m2", "e1", "zhang01")},
		{"known by its message id", event("m1", "", "zhang01"), event("m1", "", "zhang01")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				var calls atomic.Int64
				run := start(t, g.client(), func(context.Context, stream.Event) error { calls.Add(1); return nil })
				p := <-g.peers
				deliver := func(message string, want int64) {
					p.send(message)
					if r := p.reply(); r.Data != success {
						t.Errorf("reply %+v", r)
					}
					if calls.Load() != want {
						t.Errorf("%d calls, want %d", calls.Load(), want)
					}
				}
				deliver(test.first, 1)
				deliver(test.second, 1)
				_ = p.conn.CloseNow()
				p = <-g.peers // and not on another connection either
				deliver(test.second, 1)
				pass(time.Hour + time.Second)
				deliver(test.second, 2) // nothing is remembered for ever
				run.stop()
			})
		})
	}
}

func TestTwoEventsWithoutAnEventIDAreTwo(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		var calls atomic.Int64
		run := start(t, g.client(), func(context.Context, stream.Event) error { calls.Add(1); return nil })
		p := <-g.peers
		for _, id := range []string{"m1", "m2"} {
			p.send(event(id, "", "zhang01"))
			p.want(id, 200, success)
		}
		if calls.Load() != 2 {
			t.Errorf("%d calls, want 2", calls.Load())
		}
		run.stop()
	})
}

func TestOfMuchThatWasTakenTheOldestIsForgotten(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		var calls atomic.Int64
		client := g.client()
		client.Callback = func(context.Context, stream.Call) (any, error) {
			calls.Add(1)
			return string(make([]byte, 100_000)), nil // as JSON six times as long
		}
		run := start(t, client, accept)
		p := <-g.peers
		ask := func(id string) {
			p.send(frame("CALLBACK", "/v1.0/card/instances/callback", id, "{}"))
			p.reply()
		}
		for i := range 10 {
			ask(fmt.Sprint("m", i))
		}
		ask("m9")
		if calls.Load() != 10 {
			t.Errorf("%d calls, want 10: the newest is remembered", calls.Load())
		}
		ask("m0")
		if calls.Load() != 11 {
			t.Errorf("%d calls, want 11: ten answers of 600 kB do not fit into 4 MiB", calls.Load())
		}
		run.stop()
	})
}

func TestAnEventThatComesBackDuringTheWorkGetsThatWorksOutcome(t *testing.T) {
	tests := []struct {
		name    string
		again   string // the message
		outcome error
		reply   string
		calls   int64
	}{
		{"which was good", event("m2", "e1", "zhang01"), nil, success, 1},
		{"which was good, whomever it names now", event("m2", "e1", "li02"), nil, success, 1},
		{"which was bad, and is tried again", event("m2", "e1", "zhang01"), errors.New("away"), later, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				release := make(chan struct{})
				var calls atomic.Int64
				run := start(t, g.client(), func(context.Context, stream.Event) error {
					calls.Add(1)
					<-release
					return test.outcome
				})
				p := <-g.peers
				p.send(event("m1", "e1", "zhang01"))
				synctest.Wait()
				_ = p.conn.CloseNow()
				p = <-g.peers
				p.send(test.again)
				synctest.Wait()
				if calls.Load() != 1 || len(p.replies) != 0 {
					t.Errorf("%d calls and %d replies during the work, want 1 and 0", calls.Load(), len(p.replies))
				}
				close(release)
				if r := p.reply(); r.Data != test.reply || calls.Load() != test.calls {
					t.Errorf("reply %+v after %d calls, want %s after %d", r, calls.Load(), test.reply, test.calls)
				}
				run.stop()
			})
		})
	}
}

func TestEventsAboutOneSubjectAreHandedOverOneAfterTheOther(t *testing.T) {
	about := func(n int, data string) string {
		id := fmt.Sprintf("e%02d", n)
		return frame("EVENT", "*", "m"+id, data, "eventId", id, "eventCorpId", "ding0a1b")
	}
	tests := []struct {
		name     string
		texts    []string // of the events, in turn
		together int      // how many of six run at the same time
	}{
		{"one person", []string{`{"userId":["a"]}`}, 1},
		{"one department", []string{`{"deptId":[1]}`, `{"deptId":["1"]}`}, 1},
		{"the company", []string{`{}`}, 1},
		{"people who overlap", []string{`{"userId":["a","b"]}`, `{"userId":["b","c","b"]}`}, 1},
		{"two people", []string{`{"userId":["a"]}`, `{"userId":["b"]}`}, 2},
		{"a person and a department of the same number", []string{`{"userId":["1"]}`, `{"deptId":[1]}`}, 2},
		{"six people, and three workers", []string{
			`{"userId":["a"]}`, `{"userId":["b"]}`, `{"userId":["c"]}`, `{"userId":["d"]}`, `{"userId":["e"]}`, `{"userId":["f"]}`,
		}, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				begun, release := make(chan string, 10), make(chan struct{})
				client := g.client()
				client.Workers = 3
				run := start(t, client, func(_ context.Context, e stream.Event) error {
					begun <- e.ID
					<-release
					return nil
				})
				p := <-g.peers
				for n := range 6 {
					p.send(about(n, test.texts[n%len(test.texts)]))
				}
				synctest.Wait()
				if len(begun) != test.together {
					t.Errorf("%d at the same time, want %d", len(begun), test.together)
				}
				close(release)
				for range 6 {
					p.reply()
				}
				close(begun)
				var order []string
				for id := range begun {
					order = append(order, id)
				}
				if test.together == 1 && !slices.IsSorted(order) {
					t.Errorf("order %v, want as they arrived", order)
				}
				run.stop()
			})
		})
	}
}

func TestOrderHoldsForWhoComesWhileOthersWait(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		begun, next := make(chan string, 10), make(chan struct{})
		run := start(t, g.client(), func(_ context.Context, e stream.Event) error {
			begun <- e.ID
			<-next
			return nil
		})
		p := <-g.peers
		p.send(event("m1", "e1", "zhang01"))
		p.send(event("m2", "e2", "zhang01"))
		next <- struct{}{}
		p.want("m1", 200, success)
		p.send(event("m3", "e3", "zhang01"))
		synctest.Wait()
		if len(begun) != 2 {
			t.Errorf("%d begun, want e1 and e2", len(begun))
		}
		close(next)
		p.want("m2", 200, success)
		p.want("m3", 200, success)
		run.stop()
	})
}

func TestLanesAreGoneWhenNobodyIsInThem(t *testing.T) {
	t.Parallel()
	if n := stream.LanesAfter([]string{"a"}, []string{"a", "b", "a"}, nil, []string{"c"}); n != 0 {
		t.Errorf("%d lanes, want none", n)
	}
}

func TestCallsAreAnswered(t *testing.T) {
	const topic = "/v1.0/im/bot/messages/get"
	reply := func(response any, err error) stream.Callback {
		return func(_ context.Context, c stream.Call) (any, error) {
			if c.Topic != topic || c.ID != "m1" || string(c.Data) != `{"text":"hello"}` {
				return nil, errors.New("another call")
			}
			return response, err
		}
	}
	tests := []struct {
		name     string
		callback stream.Callback
		code     int
		data     string
	}{
		{"with what the callback says", reply(map[string]int{"a": 1}, nil), 200, `{"response":{"a":1}}`},
		{"with nothing, where that is the answer", reply(nil, nil), 200, `{"response":null}`},
		{"with a failure, without its words", reply(nil, errors.New("secret words")), 500, ""},
		{"with a failure, where the answer is no JSON", reply(func() {}, nil), 500, ""},
		{"with 404, where there is no callback", nil, 404, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				client := g.client()
				client.Callback = test.callback
				run := start(t, client, accept)
				p := <-g.peers
				p.send(frame("CALLBACK", topic, "m1", `{"text":"hello"}`))
				p.want("m1", test.code, test.data)
				run.stop()
			})
		})
	}
}

func TestWithoutAHandlerAnEventIsAnsweredWith404(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		run := start(t, g.client(), nil)
		p := <-g.peers
		p.send(event("m1", "e1", "zhang01"))
		p.want("m1", 404, "")
		run.stop()
	})
}

func TestACallThatComesBackIsAnsweredFromMemory(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		var calls atomic.Int64
		client := g.client()
		client.Callback = func(context.Context, stream.Call) (any, error) { return calls.Add(1), nil }
		run := start(t, client, accept)
		p := <-g.peers
		for range 2 {
			p.send(frame("CALLBACK", "/v1.0/card/instances/callback", "m1", "{}"))
			p.want("m1", 200, `{"response":1}`)
		}
		run.stop()
	})
}
