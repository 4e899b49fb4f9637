// Package secret has a string that does not print itself.
//
// App secrets, tokens and one-time codes travel as [Text], so that a log line,
// an error or a JSON dump shows «[redacted]» unless someone asks for the
// content by name with [Text.Reveal]. The idea is hashicorp/cap's; the reason
// is that every peer that we read had printed a secret at least once.
package secret

import "log/slog"

const redacted = "[redacted]"

// Text is a secret string. The zero value is no secret at all. Compare what
// [Text.Reveal] returns; == tells nothing of the content.
type Text struct {
	// A pointer, because fmt calls none of the methods below for a verb that is
	// not for strings (%d, %p) or for an unexported field of somebody's struct:
	// it prints what it finds, and that must be an address.
	plain *string
}

// New wraps a plain string.
func New(plain string) Text { return Text{&plain} }

// Reveal returns the content, for the one place that sends or seals it.
func (t Text) Reveal() string {
	if t.plain == nil {
		return ""
	}
	return *t.plain
}

// Empty reports whether there is nothing in it.
func (t Text) Empty() bool { return t.Reveal() == "" }

// String hides the content from fmt.
func (t Text) String() string { return redacted }

// GoString hides the content from %#v.
func (t Text) GoString() string { return redacted }

// LogValue hides the content from slog.
func (t Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText hides the content from JSON and the other encoders.
func (t Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }

var _ slog.LogValuer = Text{}
