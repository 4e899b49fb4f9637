package login

import "errors"

// Code names why a sign-in failed or an identity could not be told. The list
// is closed (design 3.4): programs switch on it, and package words has a
// sentence and a next step for each in every language.
type Code string

// The codes.
const (
	StateMismatch         Code = "state_mismatch"         // an answer that belongs to no running attempt
	Denied                Code = "denied"                 // the person refused on the phone
	Expired               Code = "expired"                // nobody confirmed in time
	Cancelled             Code = "cancelled"              // stopped here: the button, the window closed, a signal
	CodeInvalid           Code = "code_invalid"           // DingTalk does not know the one-time code (any more)
	NotMember             Code = "not_member"             // no member of the company
	ExternalContact       Code = "external_contact"       // known to the company, but not its employee
	InactiveAccount       Code = "inactive"               // has not activated DingTalk
	Disabled              Code = "disabled"               // the account is disabled
	WrongCorp             Code = "wrong_corp"             // another company was chosen
	PermissionMissing     Code = "permission_missing"     // the app lacks an API permission or its contact scope
	AppMisconfigured      Code = "app_misconfigured"      // client id, secret, or the app itself
	RedirectMisconfigured Code = "redirect_misconfigured" // our redirect address cannot be used
	IPNotAllowed          Code = "ip_not_allowed"         // the app's IP list lacks this machine's address
	RateLimited           Code = "rate_limited"
	Network               Code = "network"              // DingTalk could not be reached, or only in part
	ProviderUnavailable   Code = "provider_unavailable" // DingTalk answered that it is not well
	ProviderAnswer        Code = "provider_answer"      // DingTalk answered something that makes no sense
	ClockWrong            Code = "clock_wrong"
	StoreUnavailable      Code = "store_unavailable"
	KeyUnavailable        Code = "key_unavailable"
	NotSignedIn           Code = "not_signed_in"
	NeedsOnline           Code = "needs_online"
	Internal              Code = "internal"
)

// Codes lists every code once, in the order of design 3.4.
func Codes() []Code {
	return []Code{
		StateMismatch, Denied, Expired, Cancelled, CodeInvalid, NotMember, ExternalContact, InactiveAccount,
		Disabled, WrongCorp, PermissionMissing, AppMisconfigured, RedirectMisconfigured, IPNotAllowed,
		RateLimited, Network, ProviderUnavailable, ProviderAnswer, ClockWrong, StoreUnavailable,
		KeyUnavailable, NotSignedIn, NeedsOnline, Internal,
	}
}

// Error is a failure with a code. Adapters make one at their edge; everything
// further in only passes it on.
type Error struct {
	Code Code

	// Detail is a fact an administrator can act on and anyone may read: the
	// missing permission's name, the address to allow, the port that is taken.
	// Never a code, a token, a secret or a phone number. May be empty.
	Detail string

	// Err is the cause, for logs.
	Err error
}

// Error says the code, the detail and the cause; it is for logs, never for the
// person at the door.
func (e *Error) Error() string {
	text := string(e.Code)
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fail is the usual way to make an error: a code and its cause.
func Fail(code Code, err error) error { return &Error{Code: code, Err: err} }

// CodeOf is the code that err carries: "" for nil, Internal for an error
// without one.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var coded *Error
	if errors.As(err, &coded) {
		return coded.Code
	}
	return Internal
}

// DetailOf is the detail that err carries, or "".
func DetailOf(err error) string {
	var coded *Error
	if errors.As(err, &coded) {
		return coded.Detail
	}
	return ""
}
