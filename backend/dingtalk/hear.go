package dingtalk

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/dingpass/dingpass/backend/login"
)

// pingCall is what nobody may ask without a token. The live host was seen to
// refuse it with HTTP 400, AuthenticationFailed.MissingParameter and a request
// id (contract 0.1, 2.2): only DingTalk says that, and saying it costs it
// nothing. It carries no secret and counts for no app.
var pingCall = call{api: newer, method: http.MethodGet, path: "/v1.0/contact/users/me"}

// Ping finds out whether DingTalk's newer API can be reached and is DingTalk's,
// over a connection of its own: one that is kept may be of a network that is
// gone. Give it a deadline. Client.Heard is not told.
func (c *Client) Ping(ctx context.Context) login.Heard {
	var naming, connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart: func(httptrace.DNSStartInfo) { naming.Store(true) },
		DNSDone:  func(httptrace.DNSDoneInfo) { naming.Store(false) },
		GotConn:  func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	began := c.now()
	answer, failure := c.sendBy(ctx, c.fresh(), pingCall)
	if failure == nil {
		failure = judge(answer.status, answer.body)
	}
	c.note(ctx, pingCall, began, answer, failure)
	h := heard(answer, failure)
	switch {
	case failure == nil || h.Trouble == "" && failure.RequestID == "" && !failure.Banned:
		h = login.Heard{Trouble: login.TroubleLying, Took: h.Took} // DingTalk would have refused, in its own way
	case h.Trouble == login.TroubleTimeout && naming.Load():
		h.Trouble = login.TroubleDNS
	case h.Trouble == login.TroubleTimeout && connected.Load():
		h.Trouble = login.TroubleSlow
	}
	return h
}

// fresh is the client without kept connections.
func (c *Client) fresh() *http.Client {
	web := *c.client()
	if kept, ok := web.Transport.(*http.Transport); ok {
		once := kept.Clone()
		once.DisableKeepAlives = true
		web.Transport = once
	}
	return &web
}

// CloseIdleConnections drops the connections that are kept. Call it when the
// machine has moved to another network: what is sent over the old ones is lost,
// and nobody says so.
func (c *Client) CloseIdleConnections() { c.client().CloseIdleConnections() }

// hear tells how a call went, unless it was we who ended it.
func (c *Client) hear(ctx context.Context, got answer, failure *Error) {
	if c.Heard == nil || failure != nil && (failure.gated || errors.Is(failure.Err, context.Canceled)) {
		return
	}
	c.Heard(ctx, heard(got, failure))
}

func heard(got answer, failure *Error) login.Heard {
	h := login.Heard{Trouble: failure.trouble(), Took: got.took}
	if h.Trouble == login.NoTrouble {
		h.Date, _ = http.ParseTime(got.date) // zero where it cannot be read
	}
	return h
}

// trouble is what the failure says of the way to DingTalk; none where DingTalk
// answered in form. Plain http is left to loopback hosts, so that an answer in
// form is DingTalk's by its certificate, or a stand-in's on this machine.
func (e *Error) trouble() login.Trouble {
	switch {
	case e == nil:
		return login.NoTrouble
	case e.Status == 0:
		return unanswered(e.Err)
	case errors.Is(e.Err, errCut):
		return login.TroubleBroken
	case errors.Is(e.Err, errTooLarge):
		return login.TroubleLying
	case errors.Is(e.Err, errNotJSON):
		if e.Status >= 500 && e.Status != http.StatusNetworkAuthenticationRequired {
			return login.TroubleBroken // a gateway's own page
		}
		return login.TroubleCaptive
	case e.Code == "" && !e.Banned && e.Err == nil:
		return login.TroubleLying // an error in nobody's form
	}
	return login.NoTrouble
}

// unanswered is for requests without an answer.
func unanswered(err error) login.Trouble {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return login.TroubleDNS
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() || errors.Is(err, errTimeout) || errors.Is(err, context.DeadlineExceeded) {
		return login.TroubleTimeout
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return login.TroubleTLS
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok || errors.Is(err, errNoTLS) {
		return login.TroubleTLS
	}
	if _, ok := errors.AsType[*proxyError](err); ok || errors.Is(err, errProxySetting) {
		return login.TroubleRefused
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return login.TroubleRefused
	}
	return login.TroubleBroken
}
