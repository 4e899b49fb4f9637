package stream_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/dingtalk/stream"
	"github.com/dingpass/dingpass/backend/secret"
)

func Example() {
	gateway := httptest.NewServer(oneEvent())
	defer gateway.Close()

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	client := &stream.Client{
		ClientID:     "dingabc123",
		ClientSecret: secret.New("s3cr3t"),
		APIURL:       gateway.URL, // left out, it is DingTalk
	}
	err := client.Run(ctx, func(_ context.Context, event stream.Event) error {
		fmt.Println(event.Type, event.UserIDs)
		stop()
		return nil
	})
	fmt.Println("ended:", err)
	// Output:
	// user_leave_org [zhang01]
	// ended: <nil>
}

// oneEvent stands in for DingTalk: it sends one event.
func oneEvent() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1.0/gateway/connections/open", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"endpoint":"ws://%s/connect","ticket":"5f0d"}`, r.Host)
	})
	mux.HandleFunc("GET /connect", func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		message := strings.ReplaceAll(`{"type":"EVENT","headers":{"messageId":"m1","eventType":"user_leave_org"},"data":"{'userId':['zhang01']}"}`, "'", `\"`)
		_ = conn.Write(r.Context(), websocket.MessageText, []byte(message))
		for err == nil { // the acknowledgement, then the end
			_, _, err = conn.Read(r.Context())
		}
	})
	return mux
}
