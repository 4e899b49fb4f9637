package stream_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/dingtalk/stream"
)

func TestAConnectionOverTLSWithAServerThatSpeaksHTTP2(t *testing.T) {
	t.Parallel()
	g := newGateway(t, listen(t))
	server := httptest.NewUnstartedServer(g)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	g.base = server.URL

	// The transport of the product, which prefers HTTP/2; a websocket needs
	// HTTP/1.1.
	transport := dingtalk.NewTransport()
	transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	t.Cleanup(transport.CloseIdleConnections)
	client := g.client()
	client.APIURL, client.HTTP = server.URL, &http.Client{Transport: transport}
	run := start(t, client, accept)
	p := <-g.peers
	p.send(event("m1", "e1", "zhang01"))
	p.want("m1", 200, success)
	run.stop()
}

func TestAClientWithoutSettingsUsesATransportOfItsOwn(t *testing.T) {
	t.Parallel()
	g := newGateway(t, listen(t))
	client := &stream.Client{ClientID: clientID, ClientSecret: g.client().ClientSecret, APIURL: g.base}
	got := make(chan struct{})
	run := start(t, client, func(context.Context, stream.Event) error { close(got); return nil })
	p := <-g.peers
	p.send(event("m1", "e1", "zhang01"))
	<-got
	p.want("m1", 200, success)
	run.stop()
}
