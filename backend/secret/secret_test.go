package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/secret"
)

const planted = "hunter2-Pl4nted"

// forms are the ways in which a secret may lie about when somebody prints what
// they have.
func forms() map[string]any {
	text := secret.New(planted)
	type inner struct{ token secret.Text }
	return map[string]any{
		"alone":                text,
		"behind a pointer":     &text,
		"in an exported field": struct{ Token secret.Text }{text},
		"in a hidden field":    inner{text},
		"hidden two levels in": &struct{ in inner }{inner{text}},
		"in a slice":           []secret.Text{text},
		"as a value of a map":  map[string]secret.Text{"token": text},
		"as a key of a map":    map[secret.Text]bool{text: true},
		"in an interface":      []any{text},
	}
}

func TestNoVerbOfFmtPrintsTheContent(t *testing.T) {
	t.Parallel()
	var formats []string
	for verb := '!'; verb <= '~'; verb++ {
		for _, flags := range []string{"%", "%+", "%#", "% ", "%-40.30", "%040"} {
			formats = append(formats, flags+string(verb))
		}
	}
	for name, form := range forms() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, format := range formats {
				wantHidden(t, format, fmt.Sprintf(format, form))
			}
			wantHidden(t, "Sprint", fmt.Sprint(form))
			wantHidden(t, "Sprintln", fmt.Sprintln(form))
		})
	}
}

// wantHidden looks for the content as it is and as %x, %X and %d of its bytes
// would show it.
func wantHidden(t *testing.T, how, printed string) {
	t.Helper()
	for _, shape := range []string{
		planted,
		fmt.Sprintf("%x", planted), fmt.Sprintf("%X", planted), fmt.Sprintf("% x", planted),
		strings.Trim(fmt.Sprint([]byte(planted)), "[]"), //nolint:staticcheck // QF1010: the numbers are meant
	} {
		if strings.Contains(printed, shape) {
			t.Errorf("%s prints the content: %s", how, printed)
		}
	}
}

func TestTheUsualVerbsSayThatSomethingIsHidden(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, secret.New(planted)); got != "[redacted]" {
			t.Errorf("%s prints %q, want [redacted]", format, got)
		}
	}
	// Nor can be told whether there is a secret at all.
	if got := fmt.Sprint(secret.Text{}); got != "[redacted]" {
		t.Errorf("the empty secret prints %q, want [redacted]", got)
	}
}

func TestNoHandlerOfSlogWritesTheContent(t *testing.T) {
	t.Parallel()
	handlers := map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	}
	for kind, handler := range handlers {
		for name, form := range forms() {
			t.Run(kind+" "+name, func(t *testing.T) {
				t.Parallel()
				var out bytes.Buffer
				log := slog.New(handler(&out)).With("with", form)
				log.Info("one", "form", form)
				log.WithGroup("group").Info("two", slog.Any("form", form), "error", fmt.Errorf("use %v", form))
				wantHidden(t, "slog", out.String())
			})
		}
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("one", "token", secret.New(planted))
	if !strings.Contains(out.String(), "token=[redacted]") {
		t.Errorf("log line %q does not say that something is hidden", out.String())
	}
}

func TestEncodersWriteThatSomethingIsHidden(t *testing.T) {
	t.Parallel()
	for name, form := range forms() {
		encoded, err := json.Marshal(form)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		wantHidden(t, "JSON "+name, string(encoded))
	}
	encoded, err := json.Marshal(secret.New(planted))
	if err != nil || string(encoded) != `"[redacted]"` {
		t.Errorf("JSON is %s (error %v), want \"[redacted]\"", encoded, err)
	}
	encoded, err = xml.Marshal(secret.New(planted))
	if err != nil || string(encoded) != "<Text>[redacted]</Text>" {
		t.Errorf("XML is %s (error %v), want [redacted]", encoded, err)
	}
}

func TestErrorsThatNameASecretHideIt(t *testing.T) {
	t.Parallel()
	text := secret.New(planted)
	err := errors.Join(
		fmt.Errorf("exchange %s", text),
		fmt.Errorf("exchange %q", text),
		errors.New("concatenated: "+text.String()),
	)
	wantHidden(t, "the error", err.Error())
	wantHidden(t, "the error with %+v", fmt.Sprintf("%+v", err))
}

func TestTheContentIsThereForWhoAsksByName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		text  secret.Text
		plain string
	}{
		{"a secret", secret.New(planted), planted},
		{"an empty string is no secret", secret.New(""), ""},
		{"the zero value is no secret", secret.Text{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.text.Reveal(); got != test.plain {
				t.Errorf("content %q, want %q", got, test.plain)
			}
			if got := test.text.Empty(); got != (test.plain == "") {
				t.Errorf("empty %t for %q", got, test.plain)
			}
		})
	}
}
