package callback_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/secret"
)

// The token and the aes_key are those of the subscription, the owner is the
// AppKey of an app whose subscription stands in the console.
func ExampleHandler() {
	key := callback.Crypto{
		Token:  secret.New("123456"),
		AESKey: secret.New("4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"),
		Owner:  "dingabc123",
	}
	if err := key.Check(); err != nil {
		fmt.Println("settings:", err)
		return
	}
	events := make(chan callback.Event, 100)
	server := httptest.NewServer(&callback.Handler{Crypto: key, Deliver: callback.Queue(events)})
	defer server.Close()

	// DingTalk sends an event to the address.
	sealed, err := key.Encrypt([]byte(`{"EventType":"user_leave_org","eventId":"e-1","userId":["zhang01"]}`),
		strconv.FormatInt(time.Now().UnixMilli(), 10), "nEXhMP4r")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("answer:", send(server.URL, sealed, key))

	// What has been acknowledged is worked on, in a goroutine of its own.
	event := <-events
	fmt.Println(event.Type, event.UserIDs, "– now read these people again")
	// Output:
	// answer: success
	// user_leave_org [zhang01] – now read these people again
}

// send plays DingTalk.
func send(url string, sealed callback.Envelope, key callback.Crypto) string {
	body, err := json.Marshal(map[string]string{"encrypt": sealed.Encrypt})
	if err != nil {
		return err.Error()
	}
	url += "?signature=" + sealed.Signature + "&timestamp=" + sealed.Timestamp + "&nonce=" + sealed.Nonce
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err.Error()
	}
	resp, err := (&http.Client{}).Do(req)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	var answer callback.Envelope
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err.Error()
	}
	text, err := key.Decrypt(answer)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
