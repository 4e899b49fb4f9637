package callback_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
)

func TestAMessageCountsOnlyWithinTheWindow(t *testing.T) {
	t.Parallel()
	for window, limit := range map[time.Duration]time.Duration{0: 5 * time.Minute, time.Minute: time.Minute} {
		for name, c := range map[string]struct {
			sent   time.Time
			status int
		}{
			"now":                   {start, 200},
			"at the end of it":      {start.Add(-limit), 200},
			"just before its end":   {start.Add(limit), 200},
			"too old":               {start.Add(-limit - time.Millisecond), 403},
			"from the future":       {start.Add(limit + time.Millisecond), 403},
			"from the last century": {time.UnixMilli(1000000000000), 403},
			"from the 23rd century": {time.UnixMilli(9999999999999), 403},
		} {
			t.Run(fmt.Sprint(window, " ", name), func(t *testing.T) {
				t.Parallel()
				r := receive(t, 1)
				r.Window = window
				if status, _ := r.send(t, sealedAt(t, leaves, c.sent)); status != c.status || len(r.events) == 1 != (status == 200) {
					t.Errorf("status = %d, %d events", status, len(r.events))
				}
				if c.status == 403 && !strings.Contains(r.log.String(), "apart") {
					t.Errorf("log = %s", r.log)
				}
			})
		}
	}
}

func TestOnlyATimestampOf13Or10DigitsCounts(t *testing.T) {
	t.Parallel()
	for _, timestamp := range []string{"17000000000", "170000000000", "01700000000000", "170000000", "+170000000000", "-170000000000", "+170000000",
		"1.70000000000", "1.70000000", "170000000000x", "1_70000000000", "1_70000000", "x"} {
		r := receive(t, 1)
		e, err := ours().Encrypt([]byte(leaves), timestamp, nonce)
		if err != nil {
			t.Fatal(err)
		}
		if status, _ := r.send(t, e); status != 403 {
			t.Errorf("%q: %d", timestamp, status)
		}
	}
}

// As in DingTalk's own sample, V2 of the vectors. All of the second must be
// within the window.
func TestATimestampInSecondsCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		after  time.Duration
		status int
	}{
		"now":                              {0, 200},
		"at the end of it":                 {-5 * time.Minute, 200},
		"just before its end":              {5*time.Minute - time.Second, 200},
		"too old":                          {-5*time.Minute - time.Second, 403},
		"its last part is from the future": {5 * time.Minute, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, 1)
			e, err := ours().Encrypt([]byte(leaves), fmt.Sprint(start.Add(c.after).Unix()), nonce)
			if err != nil {
				t.Fatal(err)
			}
			if status, _ := r.send(t, e); status != c.status || len(r.events) == 1 != (status == 200) {
				t.Errorf("status = %d, %d events", status, len(r.events))
			}
		})
	}
}

// sealedApart is a message whose text sorts behind its timestamp and nonce, so
// that these two stand side by side in what is signed.
func sealedApart(t *testing.T, text, timestamp, nonce string) callback.Envelope {
	t.Helper()
	for {
		sealed, err := ours().Encrypt([]byte(text), timestamp, nonce)
		if err != nil {
			t.Fatal(err)
		}
		if sealed.Encrypt[0] >= 'A' {
			return sealed
		}
	}
}

// The three last digits of the longer form may go to the nonce, or come from it.
func TestAMessageInItsOtherFormIsNotANewOne(t *testing.T) {
	t.Parallel()
	const unnamed = `{"EventType":"org_change"}` // the signature alone tells that it was seen
	for name, c := range map[string]struct{ timestamp, nonce, again, nonceAgain string }{
		"shorter":                          {"1700000000987", "2abc", "1700000000", "9872abc"},
		"longer":                           {"1700000000", "9872abc", "1700000000987", "2abc"},
		"longer, from the end of a window": {"1700000299", "9992abc", "1700000299999", "2abc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, 9)
			sealed := sealedApart(t, unnamed, c.timestamp, c.nonce)
			if status, _ := r.send(t, sealed); status != 200 || len(r.events) != 1 {
				t.Fatal(status)
			}
			sealed.Timestamp, sealed.Nonce = c.again, c.nonceAgain
			if _, err := ours().Decrypt(sealed); err != nil {
				t.Fatal("not the same signature:", err)
			}
			for _, step := range []time.Duration{0, 5 * time.Minute, 5*time.Minute - time.Millisecond, time.Millisecond, time.Millisecond, time.Second} {
				r.move(step)
				if _, _ = r.send(t, sealed); len(r.events) != 1 {
					t.Fatalf("delivered again, at %v", r.clock().Sub(start))
				}
			}
		})
	}
}

// A nonce that sorts before the timestamp could take its first three digits,
// and leave another time: 1731789456123 (2024) ends with 1789456123 (2026).
func TestATimestampWithoutItsHeadIsNotInTimeAgain(t *testing.T) {
	t.Parallel()
	r := receive(t, 9)
	r.move(time.UnixMilli(1731789456123).Sub(start))
	sealed := sealedApart(t, leaves, "1731789456123", "0abc")
	if status, _ := r.send(t, sealed); status != 200 || len(r.events) != 1 {
		t.Fatal(status)
	}
	sealed.Timestamp, sealed.Nonce = "1789456123", "0abc173"
	if _, err := ours().Decrypt(sealed); err != nil {
		t.Fatal("not the same signature:", err)
	}
	r.move(time.Unix(1789456123, 0).Sub(r.clock()))
	if status, _ := r.send(t, sealed); status != 403 || len(r.events) != 1 {
		t.Errorf("status %d, delivered %d times", status, len(r.events))
	}
}

// Nothing stands between the signed parts: "1700000000000" and "0abc" sign as
// "170000000000" and "00abc" do.
func TestASignatureCutAnotherWayIsNotANewMessage(t *testing.T) {
	t.Parallel()
	r := receive(t, 9)
	sealed, err := ours().Encrypt([]byte(`{"EventType":"org_change"}`), at, "5abc")
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := r.send(t, sealed); status != 200 || len(r.events) != 1 {
		t.Fatal(status)
	}
	for cut := range len(at) + 5 {
		again := sealed
		again.Timestamp, again.Nonce = (at + "5abc")[:cut], (at + "5abc")[cut:]
		_, _ = r.send(t, again)
		again.Timestamp, again.Nonce = again.Nonce, again.Timestamp
		_, _ = r.send(t, again)
	}
	if len(r.events) != 1 {
		t.Errorf("delivered %d times", len(r.events))
	}
}

func TestTheSameMessageIsAcknowledgedAndNotDeliveredAgain(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"with an id": leaves, "the older form": `{"EventType":"org_change"}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, 9)
			sealed := sealedAt(t, text, start.Add(5*time.Minute)) // as late as may be
			for range 3 {
				if status, said := r.send(t, sealed); status != 200 || said != "success" {
					t.Errorf("answer = %d %q", status, said)
				}
			}
			// It is remembered until its timestamp is out of date.
			r.move(10 * time.Minute)
			if status, _ := r.send(t, sealed); status != 200 || len(r.events) != 1 {
				t.Errorf("at the end: %d, delivered %d times", status, len(r.events))
			}
			r.move(time.Millisecond)
			if status, _ := r.send(t, sealed); status != 403 || len(r.events) != 1 {
				t.Errorf("after the end: %d, delivered %d times", status, len(r.events))
			}
		})
	}
}

func TestTheSameEventInAnotherMessageIsAcknowledgedAndNotDeliveredAgain(t *testing.T) {
	t.Parallel()
	r := receive(t, 9)
	for i, text := range []string{leaves, leaves, leaves[:len(leaves)-1] + `,"more":1}`} {
		if status, said := r.send(t, sealedAt(t, text, start.Add(time.Duration(i)*time.Second))); status != 200 || said != "success" {
			t.Errorf("answer = %d %q", status, said)
		}
	}
	elsewhere := strings.Replace(leaves, "ding0a1b", "ding0a1c", 1) // an ISV's second customer
	if status, _ := r.send(t, sealedAt(t, elsewhere, start)); status != 200 {
		t.Error(status)
	}
	if got := r.delivered(); got != "e-1 e-1" {
		t.Errorf("delivered %q", got)
	}
}

// The second message is younger than what is kept of its event.
func TestAMessageThatWasOnlyAcknowledgedIsNotDeliveredLater(t *testing.T) {
	t.Parallel()
	r := receive(t, 9)
	_, _ = r.send(t, sealedAt(t, leaves, start))
	r.move(10 * time.Minute)
	again := sealedAt(t, leaves, start.Add(15*time.Minute))
	_, _ = r.send(t, again)
	r.move(time.Second)
	if status, _ := r.send(t, again); status != 200 {
		t.Errorf("the third time: %d", status)
	}
	if got := r.delivered(); got != "e-1" {
		t.Errorf("delivered %q", got)
	}
}

// DingTalk gives up after 1.5 s and repeats; the first request may not be over.
func TestAnEventThatIsBeingDeliveredIsNotDeliveredBesides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, let := 0, make(chan struct{})
		h := still(func(context.Context, callback.Event) error {
			calls++
			<-let
			return nil
		})
		sealed, done := sealedAt(t, leaves, start), make(chan int)
		go func() {
			status, _ := answered(t, h, sealed)
			done <- status
		}()
		synctest.Wait()
		if status, _ := answered(t, h, sealed); status != 503 {
			t.Errorf("while it is being delivered: %d", status)
		}
		if status, _ := answered(t, h, sealedAt(t, leaves, start.Add(time.Second))); status != 503 {
			t.Errorf("the same event in another message: %d", status)
		}
		close(let)
		if status := <-done; status != 200 {
			t.Errorf("the first: %d", status)
		}
		if status, _ := answered(t, h, sealed); status != 200 || calls != 1 {
			t.Errorf("afterwards: %d, delivered %d times", status, calls)
		}
	})
}

func TestACrowdOfTheSameEventIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	r := receive(t, 100)
	var crowd sync.WaitGroup
	for i := range 50 {
		req := request(t, r.url, sealedAt(t, strings.Replace(leaves, "e-1", fmt.Sprint("e-", i%2), 1), start.Add(time.Duration(i/4)*time.Millisecond)))
		crowd.Go(func() {
			resp, err := (&http.Client{}).Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		})
	}
	crowd.Wait()
	if len(r.events) != 2 {
		t.Errorf("delivered %d times", len(r.events))
	}
}

func TestMemoryIsBoundedAndForgets(t *testing.T) {
	t.Parallel()
	r := receive(t, 100)
	r.Remember = 10
	for i := range 30 {
		text := strings.Replace(leaves, "e-1", fmt.Sprint(i, strings.Repeat("x", 10000)), 1)
		if status, _ := answered(t, r.Handler, sealedAt(t, text, start)); status != 200 {
			t.Fatal(status)
		}
		if n := r.Remembered(); n != min(2*(i+1), 10) {
			t.Fatalf("%d are remembered after %d", n, i+1)
		}
	}
	r.move(10*time.Minute + time.Millisecond)
	_, _ = answered(t, r.Handler, sealedAt(t, `{"EventType":"org_change"}`, r.clock()))
	if n := r.Remembered(); n != 1 {
		t.Errorf("%d are remembered after the window", n)
	}
}
