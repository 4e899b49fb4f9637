package stream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

var (
	errNoCredentials = errors.New("no client id or no client secret")
	errInsecure      = errors.New("neither the secure scheme nor a loopback host")
	errUnusable      = errors.New("the answer names no place to connect to")
	errHandshake     = errors.New("the answer to the handshake is no websocket's")
	errTimeout       = errors.New("timed out")
	errBroken        = errors.New("the connection broke or did not speak HTTP")
)

// hopeless reports whether nothing but other settings would help.
func hopeless(err error) bool { return login.CodeOf(err) == login.AppMisconfigured }

func misconfigured(err error) error {
	return login.Fail(login.AppMisconfigured, &dingtalk.Error{Endpoint: openPath, Err: err})
}

// answer is for answers that make no sense.
func answer(endpoint string, err error) error {
	return login.Fail(login.ProviderAnswer, &dingtalk.Error{Endpoint: endpoint, Status: http.StatusOK, Err: err})
}

// refusal is what DingTalk's answer to the opening call means.
func refusal(e *dingtalk.Error) error {
	code := strings.ToLower(e.Code)
	meant := login.ProviderAnswer
	switch {
	case e.Status == http.StatusTooManyRequests, e.Banned,
		strings.Contains(code, "qpslimit"), strings.Contains(code, "qpmlimit"), strings.Contains(code, "apicountlimit"):
		meant = login.RateLimited // before 403 is taken for a missing permission
	case e.Status >= 500:
		meant = login.ProviderUnavailable
	case e.Status >= 400 && wrongCredentials(code):
		meant = login.AppMisconfigured
	case strings.HasPrefix(code, "forbidden.accessdenied.ipnotinwhitelist"):
		meant = login.IPNotAllowed
	case strings.HasPrefix(code, "forbidden.accessdenied"):
		meant = login.PermissionMissing
	}
	return login.Fail(meant, e)
}

// wrongCredentials reports whether a code, in lower case, says that DingTalk
// does not know this client id with this secret. The status alone does not: a
// proxy or a hotel's front page answers 401 and 403 too.
func wrongCredentials(code string) bool {
	switch code {
	case "authfailed", // zfanswer/dify-on-dingtalk#28: HTTP 401
		"invalidclientidorsecret", "invalid.client", "unauthorized.client":
		return true
	}
	return false
}

// unreached is for requests without an answer.
func unreached(endpoint string, err error) error {
	err = reason(err)
	code := login.Network
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	if ok && invalid.Reason == x509.Expired {
		code = login.ClockWrong // DingTalk's certificate is not the one that is out of date
	}
	return login.Fail(code, &dingtalk.Error{Endpoint: endpoint, Err: err})
}

// reason is why there was no answer, without the text that net/http and the
// websocket library put around it: that quotes the URL, which holds the ticket,
// or the peer.
func reason(err error) error {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return alert
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return errTimeout
	}
	return errBroken
}

// label lets an identifier through and nothing else: what a server put where a
// code belongs ends in logs.
func label(s text) string {
	if len(s) > 100 {
		return ""
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._:-", r):
		default:
			return ""
		}
	}
	return string(s)
}
