package stream_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk/stream"
	"github.com/dingpass/dingpass/backend/login"
)

func FuzzFrame(f *testing.F) {
	f.Add([]byte(event("m1", "e1", "zhang01")))
	f.Add([]byte(disconnect))
	f.Add([]byte(`{"type":"EVENT","headers":{"messageId":1,"eventId":null,"eventBornTime":-1},"data":{"userId":7,"deptId":["1",{}]}}`))
	f.Add([]byte(`{"type":"SYSTEM","headers":{"messageId":"\ud800","topic":[]},"data":"\u0000"}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		e, replyID, ok := stream.Decode(message)
		if !ok {
			return
		}
		if replyID == "" {
			t.Error("a frame that cannot be answered")
		}
		if y := e.Time.Year(); !e.Time.IsZero() && (y < 1969 || y > 9999) {
			t.Errorf("time %v", e.Time)
		}
	})
}

func FuzzPlace(f *testing.F) {
	f.Add(200, []byte(`{"endpoint":"wss://wss-open-connection.dingtalk.com:443/connect","ticket":"5f0d"}`))
	f.Add(200, []byte(`{"endpoint":"ws://127.0.0.1:1/connect?ticket=x","ticket":"a&b=c#d"}`))
	f.Add(401, []byte(`{"code":"authFailed","requestid":"1"}`))
	f.Add(200, []byte(`{"errcode":404,"errmsg":"x"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		address, err := stream.Place(status, body)
		switch {
		case err != nil && login.CodeOf(err) == login.Internal:
			t.Errorf("an error without a code: %v", err)
		case err == nil && !strings.HasPrefix(address, "wss://") && !strings.HasPrefix(address, "ws://127.") &&
			!strings.HasPrefix(address, "ws://localhost") && !strings.HasPrefix(address, "ws://["):
			t.Errorf("the ticket would travel to %q", address)
		}
	})
}
