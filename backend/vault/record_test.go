package vault_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/vault"
)

func TestWhatCountsAsAKeyOfTheAdministrators(t *testing.T) {
	t.Parallel()
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	random[31], random[0] = 0xff, '{' // no text, and like the beginning of a record
	text := hex.EncodeToString(random)
	for name, c := range map[string]struct {
		content string
		good    bool
	}{
		"32 random bytes":          {string(random), true},
		"64 hexadecimal digits":    {text, true},
		"31 bytes":                 {string(random[1:]), false},
		"nothing":                  {"", false},
		"a line's end":             {"\n", false},
		"zeros, as after a crash":  {strings.Repeat("\x00", 64), false},
		"one byte again and again": {strings.Repeat("\xff", 64), false},
		"a record without keys":    {`{"version":1,"current":"","keys":[]}` + strings.Repeat(" ", 40), false},
		"a record of the future":   {`{"version":2,"current":"x","keys":[{"id":"x","key":""}]}`, false},
	} {
		if id, err := vault.ParseRecord([]byte(c.content)); (err == nil) != c.good {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
	plain, _ := vault.ParseRecord([]byte(text))
	for _, end := range []string{"\n", "\r\n"} {
		if id, _ := vault.ParseRecord([]byte(text + end)); id != plain {
			t.Errorf("%q at the end makes another key", end)
		}
	}
	if a, _ := vault.ParseRecord(append(bytes.Clone(random), '\n')); a == "" {
		t.Error("33 bytes are none")
	} else if b, _ := vault.ParseRecord(random); a == b {
		t.Error("the last of 33 bytes has no part in the key")
	}
}

// authd's password file: one that was cut made the check panic. Whatever becomes
// of a key file, it is the same key or none.
func TestEveryByteOfARecordCutOrFlippedIsAnErrorOrTheSameKey(t *testing.T) {
	t.Parallel()
	p := newPlace(t, vault.File)
	p.mustEnsure()
	keys, err := p.vault().Rotate(t.Context())
	p.must(err)
	want := strings.Join(keys.IDs(), " ")
	content, err := os.ReadFile(p.Source.Path)
	p.must(err)
	for i := range content {
		if id, err := vault.ParseRecord(content[:i]); err == nil {
			t.Errorf("cut to %d: key %s", i, id)
		}
		for bit := range 8 {
			blob := bytes.Clone(content)
			blob[i] ^= 1 << bit
			if i < len(`{"version":`) {
				continue // no record any more: its bytes are a key, another one
			}
			if id, err := vault.ParseRecord(blob); err == nil && id != want {
				t.Errorf("bit %d of byte %d: key %s", bit, i, id)
			}
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"version":1,"current":"fb33ebb0a1ffb0dc","keys":[{"id":"fb33ebb0a1ffb0dc","key":"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="}]}`))
	f.Add([]byte(strings.Repeat("x1", 16)))
	f.Fuzz(func(t *testing.T, content []byte) {
		if id, err := vault.ParseRecord(content); err == nil && len(id)%17 != 16 {
			t.Errorf("key %q", id)
		}
	})
}
