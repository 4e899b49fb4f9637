// Package signlog is the sign-in log: what is written down of each event at a
// device, and how it is shown that nothing was changed, left out or cut off.
//
// An [Entry] is one event. Encoded and sealed it is the body of a [Row], and a
// [Chain] links each row to the one before by a keyed hash. A [Verifier] reads
// the rows in their order, in the same little memory however many there are,
// and its [Report] names the first one that is not as it was written and what
// is wrong with it. A [Head] that is kept outside the log shows a tail that is
// missing. [CSV] and [JSONLines] write entries for others.
//
// Promises:
//
//   - Without the key nobody can write, change, move or remove a row unnoticed;
//     and nobody at all can cut the end off while the head is out of their
//     reach.
//   - Device time and trusted time stand side by side, as they were at the
//     event; neither ever replaces the other (Uni-Event PR 248).
//   - An entry has no phone number, e-mail address, token or PIN: there is no
//     field for one.
//   - A correction is a new entry (kimai #429: people edited their own times).
//
// What it does not do: hold out against somebody who has the key and the head,
// which is whoever is this user on this machine; and a log without a key shows
// accidents only. It knows nothing of SQL and keeps nothing.
package signlog

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
)

// Event is what happened. The values are part of the exported formats.
type Event string

// The events.
const (
	SignedIn      Event = "signed_in"
	SignedOut     Event = "signed_out"
	Refused       Event = "refused" // see Code online, Verdict and Reason offline
	PINFailed     Event = "pin_failed"
	Locked        Event = "locked"   // too many wrong PINs
	Enrolled      Event = "enrolled" // a PIN or a badge was given
	Revoked       Event = "revoked"  // and taken away
	Forgotten     Event = "forgotten"
	TimeSuspended Event = "time_suspended" // the clock was found to be set back

	// LogCut is written when the head outside shows that entries are missing
	// here, or are others than there were (see Entry.Missing), or when the epoch
	// outside shows that the database is an older copy.
	LogCut Event = "log_cut"

	// Restored is written when an administrator puts a copy in the place of the
	// database. Entry.Missing says what of the log is not in the copy; nothing is
	// said where no head outside can tell.
	Restored Event = "restored"
)

// Method is how somebody showed who they are.
type Method string

// The methods.
const (
	ByQR    Method = "qr"
	ByPIN   Method = "pin"
	ByBadge Method = "badge"
)

// Source says whose word it was.
type Source string

// The sources, as in login.Source.
const (
	FromDingTalk Source = "online"
	FromCache    Source = "cache"
)

// Entry is one event. Fields that do not apply are empty.
type Entry struct {
	Sequence int64  `json:"sequence"` // from 1, without gaps; given when it is written
	ID       string `json:"id"`       // random; the same event has the same one wherever it is sent
	Event    Event  `json:"event"`

	DeviceTime  time.Time      `json:"device_time"` // UTC; what the clock showed that people set
	TrustedTime time.Time      `json:"trusted_time"`
	Trust       identity.Trust `json:"-"` // how TrustedTime is known; «trust» in JSON, in words

	Method Method `json:"method,omitempty"`
	Source Source `json:"source,omitempty"`

	CorpID string `json:"corp_id,omitempty"`
	UserID string `json:"user_id,omitempty"`
	Name   string `json:"name,omitempty"` // a label, as it was at the time

	Verdict identity.Answer `json:"verdict,omitempty"`
	Reason  string          `json:"reason,omitempty"` // an identity.Reason, or that of the PIN or badge
	Code    string          `json:"code,omitempty"`   // a login.Code

	// Times is how often the same event of the same person came again, for the
	// same reason, since the last entry of it and up to this one, which stands for
	// all of them: whoever tries again and again must not be able to fill a disk.
	Times int `json:"times,omitempty"`

	Missing *Span `json:"missing,omitempty"` // of a LogCut or Restored: which entries are not there, or not the same
	Cut     int64 `json:"cut,omitempty"`     // the sequence of the last LogCut or Restored up to here
}

// Span is a range of entries, both ends included.
type Span struct {
	From    int64 `json:"from"`
	Through int64 `json:"through"`
}

// Of fills in who an entry is about.
func (e Entry) Of(who identity.Identity) Entry {
	e.CorpID, e.UserID, e.Name = who.CorpID, who.UserID, who.DisplayName()
	return e
}

// trusts are the words for how a time is known.
var trusts = []string{identity.Unconfirmed: "unconfirmed", identity.Measured: "measured", identity.Behind: "behind"}

// trust is the word for how TrustedTime is known.
func (e Entry) trust() string {
	if e.Trust < 0 || int(e.Trust) >= len(trusts) {
		return trusts[identity.Unconfirmed]
	}
	return trusts[e.Trust]
}

// MarshalJSON writes the trust in words.
func (e Entry) MarshalJSON() ([]byte, error) {
	type plain Entry
	return json.Marshal(struct {
		plain
		Trust string `json:"trust"`
	}{plain(e), e.trust()})
}

// UnmarshalJSON is the reverse. It refuses a trust that it does not know.
func (e *Entry) UnmarshalJSON(text []byte) error {
	type plain Entry
	var read struct {
		plain
		Trust string `json:"trust"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*e = Entry(read.plain)
	for trust, word := range trusts {
		if word == read.Trust {
			e.Trust = identity.Trust(trust)
			return nil
		}
	}
	return fmt.Errorf("an entry's trust is %q, which is none", read.Trust)
}
