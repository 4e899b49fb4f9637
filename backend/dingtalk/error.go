package dingtalk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is what a program may know of a failed call. It holds identifiers
// only: never DingTalk's message or body, nor any part of our request.
type Error struct {
	Endpoint string // the path, such as /v1.0/contact/users/me
	Status   int    // of HTTP; 0 when there was no answer

	// Code is the newer API's name, as invalidParameter.authCode.notFound, or
	// the older API's errcode in decimal; "" when the answer had no readable
	// one. SubCode is what stood inside errcode 88.
	Code, SubCode string

	RequestID      string   // what DingTalk's support asks for
	RequiredScopes []string // the permissions that a refusal named
	Address        string   // the address that an address refusal named
	Banned         bool     // DingTalk's flood guard answered: for some minutes it bans our address

	// RetryAfter is how long to wait before the next try, where DingTalk said
	// so or documents it; else 0. (90002 names the end of a punishment in its
	// message only, and messages are not read.)
	RetryAfter time.Duration

	// Err is what was wrong with the connection or with the answer's form; nil
	// when DingTalk answered in form. It may be context.Canceled or
	// context.DeadlineExceeded, or something of net or crypto.
	Err error

	permission string // what the call needs, for refusals that name nothing
	gated      bool   // the call was not sent: its turn did not come in time
}

// Error is one line for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Endpoint)
	if e.Status != 0 {
		b.WriteString(": HTTP " + strconv.Itoa(e.Status))
	}
	if e.Code != "" {
		b.WriteString(", code " + e.Code)
	}
	if e.SubCode != "" {
		b.WriteString(", sub-code " + e.SubCode)
	}
	if e.Banned {
		b.WriteString(", address banned")
	}
	if e.RequestID != "" {
		b.WriteString(", request " + e.RequestID)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// said is the code that counts: 88 is only a wrapper.
func (e *Error) said() string {
	if e.Code == "88" && e.SubCode != "" {
		return e.SubCode
	}
	return e.Code
}

// effective is the same for comparing: the letter case of names differs.
func (e *Error) effective() string { return strings.ToLower(e.said()) }

var (
	errNotJSON    = errors.New("the answer is not the JSON that it should be")
	errUnreadable = errors.New("a field of the answer cannot be read")
	errMissing    = errors.New("the answer lacks a field that it must have")
	errMismatch   = errors.New("the answer is about somebody else")
	errTooLarge   = errors.New("the answer is larger than 1 MiB")
	errCut        = errors.New("the answer was cut off")
	errBroken     = errors.New("the connection broke or did not speak HTTP")
	errTimeout    = errors.New("timed out")
	errNoTLS      = errors.New("the other side does not speak TLS")
)

// reason is why a request got no answer, without the text that net/http puts
// around it: a *url.Error quotes the URL, which holds a token, and the errors
// for malformed answers quote the peer.
func reason(err error) error {
	if name, ok := errors.AsType[*net.DNSError](err); ok && !errors.Is(err, context.Canceled) {
		return name // before the deadline that it may have run into
	}
	for _, known := range []error{context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF, io.EOF, errPlain, errProxySetting} {
		if errors.Is(err, known) {
			return known
		}
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op
	}
	if refused, ok := errors.AsType[*proxyError](err); ok {
		return refused
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return alert
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return errNoTLS
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return errTimeout
	}
	return errBroken
}

// certificateOutOfTime reports whether a certificate was refused for its dates.
func certificateOutOfTime(err error) bool {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	return ok && invalid.Reason == x509.Expired
}
