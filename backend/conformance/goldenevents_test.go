package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/dingtalk/stream"
	"github.com/dingpass/dingpass/backend/secret"
)

// goldenEvent is the text of a callback, and the event that it is.
type goldenEvent struct {
	file string
	want callback.Event
}

func goldenEvents() []goldenEvent {
	at := func(e callback.Event) callback.Event {
		e.CorpID, e.Time = "dinggolden00c0", time.UnixMilli(1750000000000)
		return e
	}
	return []goldenEvent{
		{"8.4-event-newer.json", at(callback.Event{Type: callback.UserLeaveOrg, ID: "ev-7", BizID: "biz-7", UserIDs: []string{"lin07"}})},
		{"8.4-event-older.json", at(callback.Event{Type: callback.OrgDeptModify, DeptIDs: []int64{70031, 70032}})},
		{"8.4-event-label.json", at(callback.Event{Type: "label_user_change", ID: "ev-8", UserIDs: []string{"lin07", "he09"}})},
		{"8.4-event-modify.json", at(callback.Event{Type: callback.UserModifyOrg, ID: "ev-9", UserIDs: []string{"lin07"}})},
	}
}

func TestGoldenEvents(t *testing.T) {
	t.Parallel()
	for _, tc := range goldenEvents() {
		t.Run(tc.file, func(t *testing.T) {
			t.Parallel()
			got, err := callback.ParseEvent(file(t, tc.file))
			if (got.Diff != nil) != (tc.want.Type == callback.UserModifyOrg) || len(got.Raw) == 0 {
				t.Errorf("diff %s", got.Diff)
			}
			got.Raw, got.Diff = nil, nil
			if err != nil || !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, tc.want)
			}
		})
	}
}

// goldenOpen is the answer to the opening call.
const goldenOpen = "9.1-open.json"

// goldenFrame is a frame, and what the client replies.
type goldenFrame struct {
	frame, reply string
	fails        bool // the handler of events and calls returns an error
	deaf         bool // there is no handler of calls
}

func goldenFrames() []goldenFrame {
	return []goldenFrame{
		{frame: "9.2-event.json", reply: "9.3-event.json"},
		{frame: "9.2-event-odd.json", reply: "9.3-event-odd.json", fails: true},
		{frame: "9.2-ping.json", reply: "9.3-ping.json"},
		{frame: "9.2-callback.json", reply: "9.3-callback.json"},
		{frame: "9.2-callback.json", reply: "9.3-callback-unhandled.json", deaf: true},
		{frame: "9.2-callback.json", reply: "9.3-callback-failed.json", fails: true},
		{frame: "9.2-unknown-topic.json", reply: "9.3-ping.json"}, // ignored; see TestGoldenFrames
	}
}

// gateway answers the opening call, sends one frame and then a ping, and hands
// over the first reply: a frame that is ignored has the ping's.
func gateway(t *testing.T, frame string) (url string, reply chan []byte) {
	t.Helper()
	reply = make(chan []byte, 10)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("POST "+openPath, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(strings.ReplaceAll(string(file(t, goldenOpen)), "ENDPOINT", "ws"+strings.TrimPrefix(server.URL, "http")+"/connect")))
	})
	mux.HandleFunc("GET /connect", func(w http.ResponseWriter, r *http.Request) {
		if ticket := r.URL.Query().Get("ticket"); ticket != "golden+ticket/=&" {
			t.Errorf("the ticket is %q", ticket)
		}
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = socket.CloseNow() }() // the client may have gone
		for _, name := range []string{frame, "9.2-ping.json"} {
			if err := socket.Write(r.Context(), websocket.MessageText, file(t, name)); err != nil {
				t.Error(err)
			}
			if frame == "9.2-unknown-topic.json" && name == frame {
				continue
			}
			_, message, err := socket.Read(r.Context())
			if err != nil {
				return
			}
			reply <- message
		}
		_, _, _ = socket.Read(r.Context()) // until the client goes
	})
	return server.URL, reply
}

func TestGoldenFrames(t *testing.T) {
	t.Parallel()
	for _, tc := range goldenFrames() {
		t.Run(tc.frame+" "+tc.reply, func(t *testing.T) {
			t.Parallel()
			url, reply := gateway(t, tc.frame)
			var result error
			if tc.fails {
				result = errors.New("not now")
			}
			client := &stream.Client{ClientID: "dinggolden01", ClientSecret: secret.New("golden-client-secret"), APIURL: url}
			if !tc.deaf {
				client.Callback = func(context.Context, stream.Call) (any, error) { return map[string]bool{"seen": true}, result }
			}
			ctx, stop := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() {
				if err := client.Run(ctx, func(context.Context, callback.Event) error { return result }); err != nil {
					t.Error(err)
				}
			})
			t.Cleanup(func() { stop(); running.Wait() })
			var got, want any
			if err := errors.Join(json.Unmarshal(<-reply, &got), json.Unmarshal(file(t, tc.reply), &want)); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("reply %v, %v\nwant  %v", got, err, want)
			}
		})
	}
}
