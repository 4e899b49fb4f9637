package dingtalk

import (
	"strconv"

	"github.com/dingpass/dingpass/backend/login"
)

// Refusal is the error for an errcode of the older API.
func Refusal(errcode int) *Error { return &Error{Status: 200, Code: strconv.Itoa(errcode)} }

// Wrapped is the error for an errcode inside 88.
func Wrapped(errcode int) *Error {
	return &Error{Status: 200, Code: "88", SubCode: strconv.Itoa(errcode)}
}

// CodeOf is what an error becomes.
func CodeOf(e *Error) login.Code { return e.loginCode() }

// Judge and WireUser are the decoders, for fuzzing.
var Judge = judge

// WireUser is an employee record as it is sent.
type WireUser = wireUser

// Decoded is the record that it becomes.
func (w wireUser) Decoded() User { return w.user() }

// Sign is the signature of a signed call.
var Sign = sign

// ErrProxySetting is what the transport fails with when the environment names a
// proxy that is none. net/http reads the environment once, so that no test can
// set it.
var ErrProxySetting = errProxySetting
