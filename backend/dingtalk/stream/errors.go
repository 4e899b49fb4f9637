package stream

import (
	"errors"
	"net/http"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

var (
	errNoCredentials = errors.New("no client id or no client secret")
	errInsecure      = errors.New("neither the secure scheme nor a loopback host")
	errUnusable      = errors.New("the answer names no place to connect to")
	errHandshake     = errors.New("the answer to the handshake is no websocket's")
)

// hopeless reports whether nothing but other settings would help. Who is not
// well may doubt anything, the credentials too.
func hopeless(err error) bool {
	if said, ok := errors.AsType[*dingtalk.Error](err); ok && said.Status >= http.StatusInternalServerError {
		return false
	}
	return login.CodeOf(err) == login.AppMisconfigured
}

func misconfigured(err error) error {
	return login.Fail(login.AppMisconfigured, &dingtalk.Error{Endpoint: openPath, Err: err})
}

// senseless is for answers that make no sense.
func senseless(endpoint string, status int, err error) error {
	return login.Fail(login.ProviderAnswer, &dingtalk.Error{Endpoint: endpoint, Status: status, Err: err})
}
