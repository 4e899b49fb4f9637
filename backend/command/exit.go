package command

import (
	"errors"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
)

// The exit codes, a contract (design 3.3).
const (
	exitDone        = 0 // signed in, or done
	exitUnexpected  = 1
	exitUsage       = 2 // arguments or settings, here or in DingTalk's console
	exitRefused     = 3 // this person, or nobody
	exitNoAnswer    = 4 // timed out or cancelled
	exitUnavailable = 5 // network or DingTalk
)

// exitCode is the exit code for an error.
func exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	var mistake *usageError
	var problems *config.Problems
	if errors.As(err, &mistake) || errors.As(err, &problems) {
		return exitUsage
	}
	return exitCodeOf(login.CodeOf(err))
}

// exitCodeOf groups the codes by who can do something about them.
func exitCodeOf(code login.Code) int {
	switch code {
	case "":
		return exitDone
	case login.NotMember, login.ExternalContact, login.InactiveAccount, login.Disabled, login.WrongCorp,
		login.Denied, login.NotSignedIn, login.CodeInvalid, login.StateMismatch:
		return exitRefused
	case login.Expired, login.Cancelled:
		return exitNoAnswer
	case login.Network, login.ProviderUnavailable, login.ProviderAnswer, login.RateLimited, login.NeedsOnline:
		return exitUnavailable
	case login.AppMisconfigured, login.PermissionMissing, login.RedirectMisconfigured, login.IPNotAllowed,
		login.ClockWrong:
		return exitUsage
	}
	return exitUnexpected
}
