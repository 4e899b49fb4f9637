package loopback_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/loopback"
)

// stream is an answer that goes on, without a socket: time stands still for who
// waits for one.
type stream struct {
	lockedBuffer
	header http.Header
}

func (s *stream) Header() http.Header              { return s.header }
func (s *stream) WriteHeader(int)                  {}
func (s *stream) Flush()                           {}
func (s *stream) SetWriteDeadline(time.Time) error { return nil }

// verdicts are those that the page was shown, in order.
func (s *stream) verdicts(t *testing.T) (shown []string) {
	t.Helper()
	for line := range strings.Lines(s.String()) {
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var got struct {
			Person struct{ Verdict, Reason string }
		}
		if err := json.Unmarshal([]byte(data), &got); err != nil {
			t.Fatal(err)
		}
		shown = append(shown, got.Person.Verdict+" "+got.Person.Reason)
	}
	return shown
}

// goodFor is no whole number of beats.
const goodFor = time.Hour + 7*time.Second

// openPage follows the events of a person who was verified now, in a bubble.
func openPage(t *testing.T, clock func() identity.Moment) (page *stream, end func()) {
	t.Helper()
	rec := identity.Record{Identity: identity.Identity{CorpID: "corp", UserID: "zhang01", Active: true}, VerifiedAt: time.Now().UTC()}
	service, err := login.New(t.Context(), login.Options{
		Provider: &fakeProvider{}, Store: &fakeStore{current: &rec}, RedirectURI: "http://127.0.0.1/callback", Clock: clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	address, err := loopback.Listen(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	server, err := loopback.New(address, loopback.Options{
		Service: service, Assets: fstest.MapFS{"index.html": {}}, Clock: clock,
		Policy: identity.Policy{Offline: true, For: goodFor, Uses: 20},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	page = &stream{header: make(http.Header)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Events(page, httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/events", nil))
	}()
	return page, func() { cancel(); <-done; service.Close(); address.Close() }
}

func wantShown(t *testing.T, page *stream, after time.Duration, want ...string) {
	t.Helper()
	<-time.After(after)
	synctest.Wait()
	if got := page.verdicts(t); strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("shown %q, want %q", got, want)
	}
}

// A page stays open for days. What it says of a person ends when the person's
// time does, and not with the next event.
func TestAnOpenPageIsToldThatTheTimeIsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		page, end := openPage(t, func() identity.Moment { return identity.Moment{Now: time.Now().UTC(), Trust: identity.Measured} })
		defer end()
		wantShown(t, page, goodFor-time.Nanosecond, "allow fresh")
		wantShown(t, page, time.Second, "allow fresh", "needs_online too_old")
		beats := strings.Count(page.String(), ": alive")
		wantShown(t, page, time.Hour, "allow fresh", "needs_online too_old")
		if more := strings.Count(page.String(), ": alive") - beats; more != 240 {
			t.Errorf("%d beats in an hour, want 240", more)
		}
	})
}

// Nobody tells of a clock that somebody sets.
func TestAnOpenPageIsToldThatTheClockWasSet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var trust atomic.Int64
		set := func(to identity.Trust) { trust.Store(int64(to)) }
		set(identity.Measured)
		page, end := openPage(t, func() identity.Moment {
			return identity.Moment{Now: time.Now().UTC(), Trust: identity.Trust(trust.Load())}
		})
		defer end()
		wantShown(t, page, 10*time.Minute, "allow fresh")
		set(identity.Behind)
		wantShown(t, page, 15*time.Second, "allow fresh", "suspended clock_behind")
		set(identity.Measured) // DingTalk has answered
		wantShown(t, page, 15*time.Second, "allow fresh", "suspended clock_behind", "allow fresh")
	})
}
