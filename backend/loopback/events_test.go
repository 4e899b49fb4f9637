package loopback_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
)

// shown is what the tests read of a snapshot.
type shown struct {
	Seq      uint64
	Phase    string
	Attempt  string
	Embed    string
	Hint     string
	Person   *struct{ Name, Source string }
	Problem  *struct{ Code string }
	Provider string `json:"provider_origin"`
}

// follower is a page that reads the event stream.
type follower struct {
	s     *site
	body  io.ReadCloser
	lines *bufio.Reader
	close func()
}

// follow opens the event stream of a launched site.
func (s *site) follow() *follower {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.origin+"/api/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Cookie", s.cookie)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req) //nolint:bodyclose // follower.close does
	if err != nil {
		s.t.Fatal("open the event stream:", err)
	}
	f := &follower{s: s, body: resp.Body, lines: bufio.NewReader(resp.Body)}
	f.close = func() { cancel(); _ = resp.Body.Close() }
	s.t.Cleanup(f.close)
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || kind != "text/event-stream" {
		s.t.Fatalf("event stream: %d, %s", resp.StatusCode, kind)
	}
	return f
}

// event reads one event as its fields.
func (f *follower) event() (map[string]string, error) {
	fields := make(map[string]string)
	for {
		line, err := f.lines.ReadString('\n')
		if err != nil {
			return nil, err
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch {
		case name != "":
			fields[name] = value
		case fields["event"] != "":
			return fields, nil
		default: // «retry:» and comments are no events
			clear(fields)
		}
	}
}

// next is the next snapshot; its id must be its sequence number.
func (f *follower) next() shown {
	f.s.t.Helper()
	fields, err := f.event()
	if err != nil {
		f.s.t.Fatal("read the event stream:", err)
	}
	var got shown
	if err := json.Unmarshal([]byte(fields["data"]), &got); err != nil {
		f.s.t.Fatalf("event data: %v", err)
	}
	if fields["event"] != "snapshot" || fields["id"] != strconv.FormatUint(got.Seq, 10) {
		f.s.t.Errorf("event %q with id %q, want snapshot %d", fields["event"], fields["id"], got.Seq)
	}
	return got
}

func TestTheEventStreamTellsThePresentAndThenEachChange(t *testing.T) {
	t.Parallel()
	s := newIdleSite(t)
	s.launch()
	page := s.follow()
	var phases []string
	var seqs []uint64
	take := func(n int) shown {
		t.Helper()
		var last shown
		for range n {
			last = page.next()
			phases, seqs = append(phases, last.Phase), append(seqs, last.Seq)
		}
		return last
	}
	take(1)
	s.post("/api/login", "", ours...)
	take(1)
	s.signIn()
	last := take(2)
	if last.Person == nil || last.Person.Name != "张三" || last.Person.Source != "online" {
		t.Errorf("the last event shows %+v, want 张三, online", last.Person)
	}
	s.post("/api/logout", "", ours...)
	last = take(1)
	if want := []string{"idle", "waiting", "working", "signed_in", "idle"}; !slices.Equal(phases, want) {
		t.Errorf("phases %q, want %q", phases, want)
	}
	if !slices.IsSorted(seqs) || len(slices.Compact(seqs)) != 5 {
		t.Errorf("sequence numbers %v do not grow", seqs)
	}
	if last.Person != nil || last.Attempt != "" {
		t.Errorf("after signing out: %+v", last)
	}
}

func TestTheEventStreamEndsWithTheServer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	pages := []*follower{s.follow(), s.follow(), s.follow()}
	for _, page := range pages {
		page.next()
	}
	s.end()
	for _, page := range pages {
		if _, err := page.event(); !errors.Is(err, io.EOF) { // told, and not cut
			t.Errorf("the stream ended with %v, want io.EOF", err)
		}
	}
}

func TestTheEventStreamEndsWithTheService(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	page := s.follow()
	page.next()
	s.service.Close()
	if last := page.next(); last.Phase != string(login.Abandoned) || last.Problem == nil || last.Problem.Code != "cancelled" {
		t.Errorf("the last event is %+v, want cancelled", last)
	}
	if _, err := page.event(); !errors.Is(err, io.EOF) {
		t.Errorf("the stream ended with %v, want io.EOF", err)
	}
}

// A wait whose time is already over still says whether the condition holds, so
// «not yet» needs no clock.
func TestWaitPageAndWaitShownFollowThePages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.launch()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	holds := func(name string, wait func(context.Context) error, want bool) {
		t.Helper()
		if err := wait(over); (err == nil) != want {
			t.Errorf("%s: %v, want it to hold: %t", name, err, want)
		}
	}
	seq := s.service.Snapshot().Seq
	shown := func(seq uint64) func(context.Context) error {
		return func(ctx context.Context) error { return s.server.WaitShown(ctx, seq) }
	}
	holds("a page before any is open", s.server.WaitPage, false)
	holds("no page before any is open", s.server.WaitNoPage, true)
	holds("the snapshot before any page is open", shown(seq), false)

	page := s.follow()
	page.next()
	if err := s.server.WaitShown(s.ctx, seq); err != nil {
		t.Fatal("wait for the snapshot to be shown:", err)
	}
	holds("a page while one is open", s.server.WaitPage, true)
	holds("no page while one is open", s.server.WaitNoPage, false)
	holds("a snapshot that is still to come", shown(seq+1), false)

	s.signIn()
	if err := s.server.WaitShown(s.ctx, s.service.Snapshot().Seq); err != nil {
		t.Fatal("wait for the sign-in to be shown:", err)
	}
	page.close()
	if err := s.server.WaitNoPage(s.ctx); err != nil {
		t.Fatal("wait for the page to go:", err)
	}
	holds("what was shown stays shown", shown(seq), true)
	if err := s.server.WaitPage(over); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

// A page that was open before its person went to DingTalk may not have been
// missed when the answer comes: what is still sent to it is told to nobody.
func TestWaitTold(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		headers []string
		told    bool
	}{
		"the page went to DingTalk":           {nil, false},
		"it went there, as a browser says":    {[]string{"Sec-Fetch-Mode: navigate"}, false},
		"it hands on what a frame has told":   {[]string{"Sec-Fetch-Mode: cors"}, true},
		"it hands it on, within its own site": {[]string{"Sec-Fetch-Mode: same-origin"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.launch()
			before := s.follow()
			before.next()
			if got := s.get(s.fill(genuine), c.headers...); got.status != http.StatusSeeOther {
				t.Fatalf("genuine callback: %d", got.status)
			}
			seq := s.settled().Seq
			if err := s.server.WaitShown(s.ctx, seq); err != nil {
				t.Fatal("wait for the open page to be sent the end:", err)
			}
			if err := s.server.WaitTold(over, seq); (err == nil) != c.told {
				t.Fatalf("told: %v, want %t", err == nil, c.told)
			}
			if c.told {
				return
			}
			s.get("/", "Cookie: {cookie}") // it is back, and follows nothing yet
			if err := s.server.WaitTold(over, seq); err == nil {
				t.Error("told, to a page that may have been left by then")
			}
			s.follow().next()
			if err := s.server.WaitTold(s.ctx, seq); err != nil {
				t.Error("wait for the page that is back:", err)
			}
		})
	}
}

// A link of somebody else's leads a page of theirs to us, and none of ours away.
func TestAnAnswerThatIsNotOursKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	s := newSite(t)
	s.launch()
	s.follow().next()
	conflict := s.fill("/callback?code={forged}&state={state}")
	if got := s.get("/callback?code={forged}&state={wrong}"); got.status != http.StatusBadRequest {
		t.Fatalf("forged callback: %d", got.status)
	}
	if got := s.get(s.fill(genuine), "Sec-Fetch-Mode: cors"); got.status != http.StatusSeeOther {
		t.Fatalf("genuine callback: %d", got.status)
	}
	if got := s.get(conflict); got.status != http.StatusConflict {
		t.Fatalf("conflicting callback: %d", got.status)
	}
	seq := s.settled().Seq
	if err := s.server.WaitShown(s.ctx, seq); err != nil {
		t.Fatal("wait for the open page to be sent the end:", err)
	}
	if err := s.server.WaitTold(over, seq); err != nil {
		t.Error("nobody was told for certain:", err)
	}
}
