package stream_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk/stream"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

func TestAConnectionIsAskedForAsDingTalkWantsIt(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		run := start(t, g.client(), accept)
		<-g.peers // the ticket, full of characters that must be encoded, was known
		const want = `{"clientId":"dingabc123","clientSecret":"s3cr3t-Pl4nted","subscriptions":[{"type":"EVENT","topic":"*"}],"ua":"dingpass"}`
		if g.bodies[0] != want {
			t.Errorf("body %s, want %s", g.bodies[0], want)
		}
		run.stop()
	})
}

func TestSystemFrames(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		run := start(t, g.client(), accept)
		p := <-g.peers
		p.send(frame("SYSTEM", "ping", "m1", `{"opaque":"0d1 \u00e9"}`))
		p.want("m1", 200, `{"opaque":"0d1 \u00e9"}`)
		for _, unknown := range []string{"CONNECTED", "REGISTERED", "KEEPALIVE", "", "tomorrow's"} {
			p.send(frame("SYSTEM", unknown, "m2", "{}"))
		}
		p.send(frame("WHATEVER", "x", "m3", "{}"))
		p.want("m3", 404, "") // and nothing before it
		run.stop()
	})
}

func TestDisconnectOpensTheNextConnectionBeforeTheOldOneIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		release := make(chan struct{})
		client := g.client()
		proceed := make(chan struct{})
		g.opening = func(n int, _ http.ResponseWriter, _ *http.Request) bool {
			if n == 2 {
				<-proceed
			}
			return false
		}
		run := start(t, client, func(_ context.Context, e stream.Event) error {
			if e.ID == "slow" {
				<-release
			}
			return nil
		})
		first := <-g.peers
		pass(10 * time.Minute)
		since := client.Status().Since
		first.send(event("m1", "slow", "zhang01"))
		first.send(disconnect)
		synctest.Wait()
		// While there is no other, it goes on.
		first.send(event("m2", "e2", "li02"))
		first.want("m2", 200, success)
		before := time.Now()
		close(proceed)
		second := <-g.peers
		if waited := time.Since(before); waited != 0 {
			t.Errorf("waited %v for the next connection, want no wait after a healthy one", waited)
		}
		if second.ticket == first.ticket {
			t.Error("the ticket was used twice")
		}
		second.send(event("m3", "e3", "li02"))
		second.want("m3", 200, success)
		pass(5 * time.Second)
		close(release)
		first.want("m1", 200, success) // on the connection on which it came
		<-first.gone
		if first.status != 1000 {
			t.Errorf("left with status %d, want 1000", first.status)
		}
		synctest.Wait()
		s := client.Status()
		if s.Since != since || s.Opened != 2 || s.Reason != "ended by DingTalk: connection expired" || s.Problem != "" || !s.Retry.IsZero() {
			t.Errorf("status %+v, want connected without a gap since %v", s, since)
		}
		run.stop()
	})
}

func TestAnOldConnectionIsLeftAfterTenSecondsAtTheLatest(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		release := make(chan struct{})
		run := start(t, g.client(), func(context.Context, stream.Event) error { <-release; return nil })
		first := <-g.peers
		pass(2 * time.Minute)
		first.send(event("m1", "slow", "zhang01"))
		first.send(disconnect)
		second := <-g.peers
		before := time.Now()
		<-first.gone
		if took := time.Since(before); took != 10*time.Second {
			t.Errorf("left after %v, want 10 s", took)
		}
		close(release)
		second.send(event("m2", "slow", "zhang01"))
		second.want("m2", 200, success)
		run.stop()
	})
}

func TestWaitsGrowFromOneSecondToSixtyAndBeginAnewAfterAHealthyTime(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		g.opening = func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n <= 10 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
			return n <= 10
		}
		client := g.client()
		run := start(t, client, accept)
		synctest.Wait()
		if s := client.Status(); s.Problem != login.ProviderUnavailable || s.Retry.Before(time.Now()) || !s.Since.IsZero() {
			t.Errorf("status %+v", s)
		}
		p := <-g.peers
		times := g.times()
		for i, most := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60, 60} {
			between(t, times[i+1].Sub(times[i]), time.Duration(most)*time.Second)
		}
		pass(59 * time.Second) // not healthy yet
		before := time.Now()
		_ = p.conn.CloseNow()
		p = <-g.peers
		between(t, time.Since(before), time.Minute)
		pass(60 * time.Second)
		before = time.Now()
		_ = p.conn.CloseNow()
		<-g.peers
		between(t, time.Since(before), time.Second)
		run.stop()
	})
}

// Asking on lengthens a ban: contract 7.9.
func TestABanIsSatOut(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		g.opening = func(n int, w http.ResponseWriter, _ *http.Request) bool {
			if n == 1 {
				_, _ = w.Write([]byte(`{"status":1111,"wait":5,"source":"x5","punish":"deny"}`))
			}
			return n == 1
		}
		run := start(t, g.client(), accept)
		<-g.peers
		times := g.times()
		if wait := times[1].Sub(times[0]); wait != 5*time.Minute {
			t.Errorf("waited %v", wait)
		}
		run.stop()
	})
}

// between wants the half of most to the whole.
func between(t *testing.T, got, most time.Duration) {
	t.Helper()
	if got < most/2 || got > most {
		t.Errorf("waited %v, want %v to %v", got, most/2, most)
	}
}

func TestAGatewayThatEndsEveryConnectionAtOnceIsNotStormed(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		run := start(t, g.client(), accept)
		began := time.Now()
		for time.Since(began) < time.Hour {
			(<-g.peers).send(disconnect)
		}
		if n := len(g.times()); n > 150 {
			t.Errorf("%d connections in an hour, want at most 150", n)
		}
		run.stop()
	})
}

func TestWrongCredentialsEndTheRun(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		code   login.Code // "" goes on trying
	}{
		{"as the Stream gateway says it", 401, `{"requestid":"ED20-1","code":"authFailed","message":"鉴权失败 Pl4nted"}`, login.AppMisconfigured}, // zfanswer/dify-on-dingtalk#28
		{"as other calls say it", 400, `{"code":"invalidClientIdOrSecret","message":"Pl4nted"}`, login.AppMisconfigured},
		{"a front page asks for a password", 401, `<html>`, ""},
		{"a proxy refuses", 403, ``, ""},
		{"too many calls", 403, `{"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}`, ""},
		{"the address is not allowed", 403, `{"code":"Forbidden.AccessDenied.IpNotInWhiteList"}`, ""},
		{"busy", 500, `{"code":"ServiceUnavailable"}`, ""},
		{"credentials are doubted by one who is not well", 503, `{"code":"authFailed"}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				g.opening = func(n int, w http.ResponseWriter, _ *http.Request) bool {
					if n == 1 {
						w.WriteHeader(test.status)
						_, _ = w.Write([]byte(test.body))
					}
					return n == 1
				}
				run := start(t, g.client(), accept)
				if test.code == "" {
					<-g.peers
					run.stop()
					return
				}
				err := <-run.result
				if login.CodeOf(err) != test.code || strings.Contains(err.Error(), "Pl4nted") {
					t.Errorf("Run: %v, want %s without DingTalk's words", err, test.code)
				}
				if len(g.times()) != 1 {
					t.Errorf("%d calls, want 1", len(g.times()))
				}
				run.cancel()
			})
		})
	}
}

func TestSettingsThatCannotWorkEndTheRunBeforeAnythingIsSent(t *testing.T) {
	tests := []struct {
		name   string
		change func(*stream.Client)
	}{
		{"no client id", func(c *stream.Client) { c.ClientID = "" }},
		{"no secret", func(c *stream.Client) { c.ClientSecret = secret.Text{} }},
		{"plain http to another machine", func(c *stream.Client) { c.APIURL = "http://192.0.2.1" }},
		{"a name that looks like loopback", func(c *stream.Client) { c.APIURL = "http://127.0.0.1.example" }},
		{"a password in the URL", func(c *stream.Client) { c.APIURL = "https://a:b@127.0.0.1" }},
		{"no URL", func(c *stream.Client) { c.APIURL = "::" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				client := g.client()
				test.change(client)
				if err := client.Run(t.Context(), accept); login.CodeOf(err) != login.AppMisconfigured {
					t.Errorf("Run: %v, want %s", err, login.AppMisconfigured)
				}
				if len(g.times()) != 0 {
					t.Error("something was sent")
				}
			})
		})
	}
}

func TestRunReturnsAfterTheHandlersAndTheirAcknowledgements(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		told, release := make(chan struct{}), make(chan struct{})
		run := start(t, g.client(), func(ctx context.Context, _ stream.Event) error {
			<-ctx.Done()
			close(told)
			<-release
			return nil
		})
		p := <-g.peers
		p.send(event("m1", "e1", "zhang01"))
		synctest.Wait()
		run.cancel()
		<-told
		p.send(event("m2", "e2", "li02")) // nobody begins this any more
		p.want("m2", 500, later)
		synctest.Wait()
		if len(run.result) != 0 {
			t.Error("Run returned before the handler")
		}
		close(release)
		p.want("m1", 200, success)
		<-p.gone
		run.stop()
	})
}

func TestRunWaitsForAHandlerHoweverLongItTakes(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		release := make(chan struct{})
		run := start(t, g.client(), func(context.Context, stream.Event) error { <-release; return nil })
		p := <-g.peers
		p.send(event("m1", "e1", "zhang01"))
		synctest.Wait()
		run.cancel()
		<-p.gone
		pass(time.Hour)
		if len(run.result) != 0 {
			t.Error("Run returned before the handler")
		}
		close(release)
		run.stop()
	})
}

func TestRunEndsWhateverItIsDoing(t *testing.T) {
	hang := func(_ int, _ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
	refuse := func(_ int, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true }
	tests := []struct {
		name  string
		stage func(*gateway)
	}{
		{"asking for a connection", func(g *gateway) { g.opening = hang }},
		{"shaking hands", func(g *gateway) { g.joining = hang }},
		{"waiting to try again", func(g *gateway) { g.opening = refuse }},
		{"connected", func(*gateway) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, g *gateway) {
				test.stage(g)
				run := start(t, g.client(), accept)
				synctest.Wait()
				before := time.Now()
				run.stop()
				if took := time.Since(before); took != 0 {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestOnlyOneRunAtATime(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		client := g.client()
		run := start(t, client, accept)
		<-g.peers
		if err := client.Run(t.Context(), accept); login.CodeOf(err) != login.Internal {
			t.Errorf("second Run: %v, want an error", err)
		}
		run.stop()
		run = start(t, client, accept) // one after the other is fine
		<-g.peers
		run.stop()
	})
}

func TestStatusTellsHowItIsGoing(t *testing.T) {
	bubble(t, func(t *testing.T, g *gateway) {
		client := g.client()
		if s := client.Status(); s != (stream.Status{}) {
			t.Errorf("before Run: %+v", s)
		}
		run := start(t, client, accept)
		connected := time.Now().Round(0)
		p := <-g.peers
		pass(time.Minute)
		p.send(event("m1", "e1", "zhang01"))
		p.want("m1", 200, success)
		if s := client.Status(); !s.Since.Equal(connected) || !s.LastEvent.Equal(time.Now()) || s.Opened != 1 || s.Reason != "" {
			t.Errorf("connected: %+v", s)
		}
		_ = p.conn.Close(4001, "words of the server")
		synctest.Wait()
		if s := client.Status(); !s.Since.IsZero() || s.Reason != "closed by DingTalk with code 4001" || s.Retry.IsZero() {
			t.Errorf("disconnected: %+v", s)
		}
		<-g.peers
		synctest.Wait()
		if s := client.Status(); s.Since.IsZero() || s.Opened != 2 || !s.Retry.IsZero() {
			t.Errorf("connected again: %+v", s)
		}
		run.stop()
		if s := client.Status(); !s.Since.IsZero() {
			t.Errorf("after Run: %+v", s)
		}
	})
}
