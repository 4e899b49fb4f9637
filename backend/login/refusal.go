package login

import "github.com/dingpass/dingpass/backend/identity"

// refusals are the codes that say of a person, and not of this one attempt,
// that they may not come in. They are written down and hold offline.
var refusals = map[Code]identity.Reason{
	NotMember:       identity.Gone,
	ExternalContact: identity.External,
	Disabled:        identity.Disabled,
	InactiveAccount: identity.Inactive,
}

// RefusalOf is what DingTalk has said of a person with this error, or "" where
// it says nothing of them.
func RefusalOf(err error) identity.Reason { return refusals[CodeOf(err)] }

// CodeOfRefusal is the reverse: the code that a refusal is told by.
func CodeOfRefusal(reason identity.Reason) Code {
	for code, of := range refusals {
		if of == reason {
			return code
		}
	}
	return InactiveAccount
}
