package dingtalk_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

func TestNoSecondHasTwentyCallsToOneApi(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &wire{answers: map[string][]reply{tokenPath: {{200, goodToken}}, memberPath: {{200, goodMember}}, userPath: {{200, goodUser}}}}
		c := wire.client()
		began := time.Now()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if err := ask(t.Context(), c, memberPath); err != nil {
					t.Error(err)
				}
			})
			all.Go(func() {
				if err := ask(t.Context(), c, userPath); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, path := range []string{memberPath, userPath} {
			when := wire.when[path]
			slices.SortFunc(when, time.Time.Compare)
			for i := 19; i < len(when); i++ {
				if span := when[i].Sub(when[i-19]); span < time.Second {
					t.Fatalf("%s: 20 calls in %v", path, span)
				}
			}
		}
		// One API does not wait for the other, and no time is given away.
		if took := time.Since(began); took > 7*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestCancellingWinsOverTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := &wire{answers: map[string][]reply{mePath: {{200, goodMe}}}}
		c := wire.client()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		var all sync.WaitGroup
		for range 200 {
			all.Go(func() {
				if err := ask(ctx, c, mePath); err != nil && login.CodeOf(err) != login.Cancelled {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took != time.Second {
			t.Errorf("took %v", took)
		}
		// Who went away has used up nobody's turn.
		if err := ask(t.Context(), c, mePath); err != nil || time.Since(began) > 1100*time.Millisecond {
			t.Errorf("the next one after %v: %v", time.Since(began), err)
		}
	})
}

func TestADeadlineAtTheGateIsALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := (&wire{answers: map[string][]reply{mePath: {{200, goodMe}}}}).client()
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		counts := map[login.Code]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				err := ask(ctx, c, mePath)
				mu.Lock()
				defer mu.Unlock()
				counts[login.CodeOf(err)]++
			})
		}
		all.Wait()
		if counts[""] < 8 || counts[""]+counts[login.RateLimited] != 100 {
			t.Errorf("codes %v", counts)
		}
	})
}

// headed is a network that answers with a header.
type headed struct {
	status int
	header http.Header
	body   string

	mu   sync.Mutex
	when []time.Time
}

func (h *headed) RoundTrip(req *http.Request) (*http.Response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.when = append(h.when, time.Now())
	answer := httpAnswer(req, 200, goodMe)
	if len(h.when) == 1 {
		answer = httpAnswer(req, h.status, h.body)
		answer.Header = h.header
	}
	return answer, nil
}

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		header http.Header
		body   string
		least  time.Duration // between the two calls; 0: there is no second one
		after  time.Duration // told to the caller
	}{
		"seconds":               {429, http.Header{"Retry-After": {"4"}}, ``, 4 * time.Second, 0},
		"a date":                {429, http.Header{"Retry-After": {"Sat, 21 Nov 2026 12:00:07 GMT"}, "Date": {"Sat, 21 Nov 2026 12:00:00 GMT"}}, ``, 7 * time.Second, 0},
		"a date gone by":        {429, http.Header{"Retry-After": {"Sat, 21 Nov 2026 11:00:00 GMT"}, "Date": {"Sat, 21 Nov 2026 12:00:00 GMT"}}, ``, time.Second, 0},
		"nonsense":              {429, http.Header{"Retry-After": {"soon"}}, ``, time.Second, 0},
		"with the older code":   {200, http.Header{"Retry-After": {"3"}}, `{"errcode":90018}`, 3 * time.Second, 0},
		"with ServiceUnavail.":  {503, http.Header{"Retry-After": {"3"}}, `{"code":"ServiceUnavailable"}`, 3 * time.Second, 0},
		"with a gateway's 503":  {503, http.Header{"Retry-After": {"5"}}, `<html>`, 5 * time.Second, 0},
		"longer than we wait":   {429, http.Header{"Retry-After": {"60"}}, ``, 0, time.Minute},
		"the flood guard":       {200, http.Header{}, `{"status":1111,"wait":5,"punish":"deny"}`, 0, 5 * time.Minute},
		"the flood guard, told": {429, http.Header{"Retry-After": {"20"}}, `{"status":1111,"punish":"deny"}`, 0, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := &headed{status: tc.status, header: tc.header, body: tc.body}
				c := &dingtalk.Client{ClientID: "x", HTTP: &http.Client{Transport: network}}
				err := ask(t.Context(), c, mePath)
				if tc.least == 0 {
					e, ok := errors.AsType[*dingtalk.Error](err)
					if !ok || e.RetryAfter != tc.after || len(network.when) != 1 {
						t.Errorf("%d calls, %#v", len(network.when), e)
					}
					return
				}
				if err != nil || len(network.when) != 2 {
					t.Fatalf("%d calls, %v", len(network.when), err)
				}
				if wait := network.when[1].Sub(network.when[0]); wait < tc.least || wait > tc.least+600*time.Millisecond {
					t.Errorf("waited %v, want %v", wait, tc.least)
				}
			})
		})
	}
}

// Who comes while DingTalk wants to be left alone hears so at once.
func TestALongRetryAfterHoldsForEveryCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		network := &headed{status: 429, header: http.Header{"Retry-After": {"60"}}}
		c := &dingtalk.Client{ClientID: "x", HTTP: &http.Client{Transport: network}}
		began := time.Now()
		for range 3 {
			err := ask(t.Context(), c, mePath)
			e, ok := errors.AsType[*dingtalk.Error](err)
			if !ok || login.CodeOf(err) != login.RateLimited || e.Class() != dingtalk.Retry || e.RetryAfter != time.Minute {
				t.Errorf("err = %v", err)
			}
		}
		if len(network.when) != 1 || time.Since(began) != 0 {
			t.Errorf("%d calls, %v", len(network.when), time.Since(began))
		}
		<-time.After(time.Minute)
		if err := ask(t.Context(), c, mePath); err != nil {
			t.Error(err)
		}
	})
}
