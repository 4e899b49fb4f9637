package callback

import (
	"errors"
	"strconv"
)

// Code is a number of DingTalk's list of callback crypto errors, which its
// console and its samples in every language use.
type Code int

// The codes.
const (
	TextIllegal       Code = 900001 // there is nothing to encrypt
	TimestampIllegal  Code = 900002 // no timestamp
	NonceIllegal      Code = 900003 // no nonce
	AESKeyIllegal     Code = 900004 // the aes_key has not 43 characters of base64
	SignatureMismatch Code = 900005 // made with another token, changed on the way, or not DingTalk's
	SignatureFailed   Code = 900006 // no token to sign with
	EncryptFailed     Code = 900007 // the text is too large
	DecryptFailed     Code = 900008 // not encrypted with this aes_key
	LengthMismatch    Code = 900009 // the length within is not that of the text
	OwnerMismatch     Code = 900010 // meant for another app, company or suite
)

// String is what the code means, in words for logs.
func (c Code) String() string {
	switch c {
	case TextIllegal:
		return "there is no text"
	case TimestampIllegal:
		return "there is no timestamp"
	case NonceIllegal:
		return "there is no nonce"
	case AESKeyIllegal:
		return "the aes_key is not 43 characters of base64"
	case SignatureMismatch:
		return "the signature does not match"
	case SignatureFailed:
		return "there is no token to sign with"
	case EncryptFailed:
		return "the text is too large"
	case DecryptFailed:
		return "the message cannot be decrypted"
	case LengthMismatch:
		return "the length does not match"
	case OwnerMismatch:
		return "the owner key is not the expected one"
	}
	return "unknown error"
}

// Error is what [Crypto] refuses with. It holds nothing of the message.
type Error struct {
	// Code is what may be told. Of a message with a right signature that is
	// only ever DecryptFailed.
	Code Code

	found Code
}

// Error is one line for logs.
func (e *Error) Error() string { return strconv.Itoa(int(e.Code)) + ": " + e.Code.String() }

// Diagnosis is what exactly was wrong: for a signed message DecryptFailed,
// LengthMismatch or OwnerMismatch; otherwise it is Code. It is for this
// machine's log, where OwnerMismatch tells the administrator that the wrong
// owner key is set. Told to the sender, it would be a padding oracle.
func (e *Error) Diagnosis() Code {
	if e.found != 0 {
		return e.found
	}
	return e.Code
}

// CodeOf is the code that err carries; 0 for an error without one.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return 0
}
