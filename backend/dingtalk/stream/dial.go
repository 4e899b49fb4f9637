package stream

import (
	"context"
	"io"
	"net/http"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/dingtalk"
)

// connect asks for a place and connects to it. Its errors are *login.Error.
func (k *keeper) connect(ctx context.Context) (*link, error) {
	asking, cancel := context.WithTimeout(ctx, k.pace.open)
	defer cancel()
	to, err := k.client.ask(asking, k.web)
	if err != nil {
		return nil, err
	}
	dialing, cancel := context.WithTimeout(ctx, k.pace.open)
	defer cancel()
	conn, cut, err := dial(dialing, k.web, to)
	if err != nil {
		return nil, err
	}
	return newLink(ctx, conn, cut, k.pace, k.delivery, k.client.log()), nil
}

// dial makes the websocket. cut closes the socket below it: conn's own methods
// wait for each other.
func dial(ctx context.Context, web *http.Client, to place) (conn *websocket.Conn, cut func(), err error) {
	socket := &tap{below: web.Transport}
	tapped := *web
	tapped.Transport = socket
	//nolint:bodyclose // the library closes it, and says that its caller never has to
	conn, resp, err := websocket.Dial(ctx, to.address(), &websocket.DialOptions{
		HTTPClient: &tapped,
		HTTPHeader: http.Header{"User-Agent": {"dingpass"}},
	})
	switch {
	case err == nil:
		return conn, socket.cut, nil
	case resp == nil:
		return nil, nil, dingtalk.Unanswered(handshake, err)
	case resp.StatusCode < http.StatusBadRequest:
		return nil, nil, senseless(handshake, resp.StatusCode, errHandshake)
	}
	body, _ := io.ReadAll(resp.Body) // the library has read the first kilobyte, and nothing can fail
	return nil, nil, dingtalk.Answered(handshake, resp.StatusCode, body)
}

// tap is a transport that keeps hold of the socket of its one websocket.
type tap struct {
	below  http.RoundTripper
	socket io.Closer
}

func (t *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.below.RoundTrip(req)
	if err == nil && resp.StatusCode == http.StatusSwitchingProtocols {
		t.socket = resp.Body
	}
	return resp, err
}

func (t *tap) cut() {
	_ = t.socket.Close() // it may be closed already
}
