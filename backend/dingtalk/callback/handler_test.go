package callback_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
)

func TestAnEventIsQueuedAndAcknowledged(t *testing.T) {
	t.Parallel()
	r := receive(t, 1)
	if status, said := r.send(t, sealedAt(t, leaves, start)); status != 200 || said != "success" {
		t.Errorf("answer = %d %q", status, said)
	}
	e := <-r.events
	if e.Type != callback.UserLeaveOrg || e.ID != "e-1" || string(e.Raw) != leaves {
		t.Errorf("event = %v %s", e, e.Raw)
	}
}

func TestTheAnswerHasTheFormThatDingTalkReads(t *testing.T) {
	t.Parallel()
	r := receive(t, 1)
	resp, err := (&http.Client{}).Do(request(t, r.url, sealedAt(t, `{"EventType":"check_url"}`, start)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if len(answer) != 4 || answer["timeStamp"] != "1700000000000" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answer = %v %v", resp.Header, answer)
	}
	for _, key := range []string{"msg_signature", "nonce", "encrypt"} {
		if s, ok := answer[key].(string); !ok || s == "" {
			t.Errorf("%s = %v", key, answer[key])
		}
	}
}

func TestTestsOfTheAddressAreAnsweredAndNotDelivered(t *testing.T) {
	t.Parallel()
	r := receive(t, 1)
	for text, want := range map[string]string{
		`{"EventType":"check_url"}`: "success",
		suiteCheck:                  "LPIdSnlF",
		`{"EventType":"check_update_suite_url","Random":"R2","SuiteKey":"s"}`: "R2",
	} {
		for range 2 { // whoever mends a setting tests again
			if status, said := r.send(t, sealedAt(t, text, start)); status != 200 || said != want {
				t.Errorf("%s: %d %q", text, status, said)
			}
		}
	}
	if ids := len(r.events); ids != 0 {
		t.Error("a test was delivered")
	}
}

func TestBothSpellingsOfTheParametersAreTaken(t *testing.T) {
	t.Parallel()
	e := sealedAt(t, `{"EventType":"check_url"}`, start)
	for name, query := range map[string]url.Values{
		"signature, timestamp":     {"signature": {e.Signature}, "timestamp": {e.Timestamp}, "nonce": {e.Nonce}},
		"msg_signature, timeStamp": {"msg_signature": {e.Signature}, "timeStamp": {e.Timestamp}, "nonce": {e.Nonce}},
		"both":                     {"msg_signature": {e.Signature}, "signature": {e.Signature}, "timestamp": {e.Timestamp}, "nonce": {e.Nonce}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := request(t, receive(t, 0).url, e)
			req.URL.RawQuery = query.Encode()
			if status, said := post(t, req); status != 200 || said != "success" {
				t.Errorf("answer = %d %q", status, said)
			}
		})
	}
}

func TestWhatIsNoCallbackIsRefused(t *testing.T) {
	t.Parallel()
	good := sealedAt(t, leaves, start)
	forged := good
	forged.Signature = strings.Repeat("0", 40)
	other := func(c callback.Crypto) callback.Envelope {
		e, err := c.Encrypt([]byte(leaves), good.Timestamp, nonce)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for name, c := range map[string]struct {
		sealed callback.Envelope
		change func(*http.Request)
		status int
		cause  string
	}{
		"GET":                 {good, func(r *http.Request) { r.Method = http.MethodGet }, 405, "not POST"},
		"HEAD":                {good, func(r *http.Request) { r.Method = http.MethodHead }, 405, "not POST"},
		"OPTIONS":             {good, func(r *http.Request) { r.Method = http.MethodOptions }, 405, "not POST"},
		"more than 1 MiB":     {good, func(r *http.Request) { body(r, `{"encrypt":"`+strings.Repeat("A", 1<<20)+`"}`) }, 413, "larger"},
		"no body":             {good, func(r *http.Request) { body(r, "") }, 400, "not a callback"},
		"no JSON":             {good, func(r *http.Request) { body(r, "<xml>") }, 400, "not a callback"},
		"another type":        {good, func(r *http.Request) { body(r, `{"encrypt":7}`) }, 400, "not a callback"},
		"nothing encrypted":   {good, func(r *http.Request) { body(r, `{}`) }, 400, "not a callback"},
		"no parameters":       {good, func(r *http.Request) { r.URL.RawQuery = "" }, 403, "code=900005"},
		"a forged signature":  {forged, nil, 403, "code=900005"},
		"another token":       {other(crypto("other", aesKey, owner)), nil, 403, "code=900005"},
		"another key":         {other(crypto(token, strings.Repeat("B", 43), owner)), nil, 403, "code=900008"},
		"another owner":       {other(crypto(token, aesKey, "ding0a1b")), nil, 403, "code=900010"},
		"no object":           {sealedAt(t, `"canary"`, start), nil, 403, "no type"},
		"no type":             {sealedAt(t, `{"eventId":"canary"}`, start), nil, 403, "no type"},
		"a test without text": {sealedAt(t, `{"EventType":"check_update_suite_url"}`, start), nil, 403, "no type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, 1)
			req := request(t, r.url, c.sealed)
			if c.change != nil {
				c.change(req)
			}
			if status, _ := post(t, req); status != c.status {
				t.Errorf("status = %d, want %d", status, c.status)
			}
			if len(r.events) != 0 || r.Remembered() != 0 {
				t.Error("it left something behind")
			}
			said := r.log.String()
			if !strings.Contains(said, c.cause) || strings.Count(said, "\n") != 1 {
				t.Errorf("log = %s", said)
			}
			for _, private := range []string{"canary", c.sealed.Signature, c.sealed.Nonce, c.sealed.Encrypt, aesKey} {
				if strings.Contains(said, private) {
					t.Errorf("log = %s", said)
				}
			}
		})
	}
}

func body(r *http.Request, text string) {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
}

func TestAHandlerThatIsNotSetUpSaysSo(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]*callback.Handler{
		"no crypto": {Now: func() time.Time { return start }},
		"nobody":    {Crypto: ours(), Now: func() time.Time { return start }},
	} {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		want := map[string]int{"no crypto": 500, "nobody": 503}[name]
		if status, _ := post(t, request(t, server.URL, sealedAt(t, leaves, start))); status != want {
			t.Errorf("%s: %d", name, status)
		}
	}
}

func TestWhileTheQueueIsFullDingTalkIsToldToComeAgain(t *testing.T) {
	t.Parallel()
	r := receive(t, 1)
	first := sealedAt(t, strings.Replace(leaves, "e-1", "e-0", 1), start)
	second := sealedAt(t, leaves, start)
	if status, _ := r.send(t, first); status != 200 {
		t.Fatal(status)
	}
	for range 2 {
		if status, _ := r.send(t, second); status != 503 {
			t.Errorf("with a full queue: %d", status)
		}
	}
	if status, _ := r.send(t, first); status != 200 {
		t.Errorf("a known one with a full queue: %d", status)
	}
	if status, said := r.send(t, sealedAt(t, `{"EventType":"check_url"}`, start)); status != 200 || said != "success" {
		t.Errorf("a test with a full queue: %d", status)
	}
	got := r.delivered()
	if status, _ := r.send(t, second); status != 200 { // DingTalk's repetition
		t.Errorf("with room again: %d", status)
	}
	if got += " " + r.delivered(); got != "e-0 e-1" {
		t.Errorf("delivered %q", got)
	}
}

func TestAnEventThatWasNotTakenComesAgain(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]func(){"an error": func() {}, "a panic": func() { panic(http.ErrAbortHandler) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := receive(t, 1)
			queue, tries := r.Deliver, 0
			r.Deliver = func(ctx context.Context, e callback.Event) error {
				if tries++; tries == 1 {
					fails()
					return errors.New("canary")
				}
				return queue(ctx, e)
			}
			resp, err := (&http.Client{}).Do(request(t, r.url, sealedAt(t, leaves, start)))
			if err == nil {
				_ = resp.Body.Close()
				if resp.StatusCode != 503 {
					t.Error(resp.Status)
				}
			}
			if r.Remembered() != 0 || strings.Contains(r.log.String(), "canary") {
				t.Error("it was remembered, or told:", r.log)
			}
			if status, _ := r.send(t, sealedAt(t, leaves, start)); status != 200 || len(r.events) != 1 {
				t.Errorf("the second try: %d", status)
			}
		})
	}
}

// still is a handler whose clock stands still: a bubble's begins in 2000, when
// milliseconds had 12 digits.
func still(deliver func(context.Context, callback.Event) error) *callback.Handler {
	return &callback.Handler{Crypto: ours(), Deliver: deliver, Now: func() time.Time { return start }}
}

// answered calls a handler without a socket, for the bubble.
func answered(t *testing.T, h *callback.Handler, e callback.Envelope) (int, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, request(t, "http://127.0.0.1/", e))
	return opened(t, rec.Code, rec.Body.Bytes())
}

func TestASlowConsumerIsGivenUpAfterASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := still(func(ctx context.Context, _ callback.Event) error {
			<-ctx.Done()
			return ctx.Err()
		})
		began := time.Now()
		status, _ := answered(t, h, sealedAt(t, leaves, start))
		if took := time.Since(began); status != 503 || took != time.Second {
			t.Errorf("%d after %s", status, took)
		}
	})
}

// A client that sends a byte now and then must not hold a connection for long.
func TestABodyThatDoesNotComeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	r := receive(t, 1)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // until the server gives up; the test's own time limit ends it else
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") {
		t.Errorf("answer = %q, %v", answer, err)
	}
}

// deadlines is a connection that notes its read deadlines.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.set = append(d.set, at)
	return nil
}

// net/http goes on reading while the handler works, to see whether the client
// hangs up, and cancels the request's context when that fails.
func TestTheReadDeadlineEndsWithTheBody(t *testing.T) {
	t.Parallel()
	var during int
	conn := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	h := still(func(context.Context, callback.Event) error {
		during = len(conn.set)
		return nil
	})
	h.ServeHTTP(conn, request(t, "http://127.0.0.1/", sealedAt(t, leaves, start)))
	if conn.Code != 200 || during != 2 || conn.set[0].IsZero() || !conn.set[1].IsZero() {
		t.Errorf("%d, %v, %d of them before the event was delivered", conn.Code, conn.set, during)
	}
}

func TestARefusedMethodIsToldTheRightOne(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	still(nil).ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", nil))
	if rec.Code != 405 || rec.Header().Get("Allow") != "POST" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
}
