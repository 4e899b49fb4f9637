package callback_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
)

var start = time.UnixMilli(1700000000000)

const leaves = `{"EventType":"user_leave_org","eventId":"e-1","CorpId":"ding0a1b","userId":["zhang01"]}`

// receiver is a handler on a real socket, with a clock that can be moved.
type receiver struct {
	*callback.Handler
	url    string
	events chan callback.Event
	log    *bytes.Buffer

	mu  sync.Mutex
	now time.Time // guarded by mu
}

// receive starts a handler whose queue has room for some events.
func receive(t *testing.T, room int) *receiver {
	t.Helper()
	r := &receiver{events: make(chan callback.Event, room), log: &bytes.Buffer{}, now: start}
	r.Handler = &callback.Handler{
		Crypto:  ours(),
		Deliver: callback.Queue(r.events),
		Now:     r.clock,
		Log:     slog.New(slog.NewTextHandler(r.log, nil)),
	}
	server := httptest.NewServer(r.Handler)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *receiver) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *receiver) move(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// delivered are the ids of the events that have been queued since the last call.
func (r *receiver) delivered() string {
	var ids []string
	for len(r.events) > 0 {
		ids = append(ids, (<-r.events).ID)
	}
	return strings.Join(ids, " ")
}

// sealedAt is a message of DingTalk's.
func sealedAt(t *testing.T, text string, sent time.Time) callback.Envelope {
	t.Helper()
	sealed, err := ours().Encrypt([]byte(text), strconv.FormatInt(sent.UnixMilli(), 10), nonce)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// request is the request that DingTalk makes of a message.
func request(t *testing.T, address string, e callback.Envelope) *http.Request {
	t.Helper()
	query := url.Values{"signature": {e.Signature}, "timestamp": {e.Timestamp}, "nonce": {e.Nonce}}
	body, err := json.Marshal(map[string]string{"encrypt": e.Encrypt})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// post sends a request and returns the status and what stands sealed in the
// answer.
func post(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return opened(t, resp.StatusCode, body)
}

func opened(t *testing.T, status int, body []byte) (int, string) {
	t.Helper()
	if status != http.StatusOK {
		if len(body) != 0 {
			t.Errorf("a refusal says %q", body)
		}
		return status, ""
	}
	var answer callback.Envelope
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	text, err := ours().Decrypt(answer)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return status, string(text)
}

func (r *receiver) send(t *testing.T, e callback.Envelope) (int, string) {
	t.Helper()
	return post(t, request(t, r.url, e))
}
