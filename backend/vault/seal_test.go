package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/vault"
)

func mustKeys(t testing.TB, letters ...byte) *vault.Keys {
	t.Helper()
	var plain [][]byte
	for _, letter := range letters {
		plain = append(plain, bytes.Repeat([]byte{letter}, 32))
	}
	keys, err := vault.KeysOf(plain...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

const planted = "张三 +86-13800138000"

func TestSealedValueOpensAtItsPlaceAlone(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, 'a')
	s := keys.Sealer(7)
	sealed := s.Seal("identities", "row 1", "body", []byte(planted))
	if bytes.Contains(sealed, []byte("138")) || bytes.Contains(sealed, []byte("张")) {
		t.Error("the value shows")
	}
	plain, err := s.Open("identities", "row 1", "body", sealed)
	if err != nil || string(plain) != planted {
		t.Fatalf("open = %q, %v", plain, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another table":                func() ([]byte, error) { return s.Open("people", "row 1", "body", sealed) },
		"another row":                  func() ([]byte, error) { return s.Open("identities", "row 2", "body", sealed) },
		"another column":               func() ([]byte, error) { return s.Open("identities", "row 1", "name", sealed) },
		"an earlier epoch":             func() ([]byte, error) { return keys.Sealer(6).Open("identities", "row 1", "body", sealed) },
		"a later epoch":                func() ([]byte, error) { return keys.Sealer(8).Open("identities", "row 1", "body", sealed) },
		"names that run together":      func() ([]byte, error) { return s.Open("identitiesrow 1", "", "body", sealed) },
		"the same names, cut anew":     func() ([]byte, error) { return s.Open("identities", "row 1b", "ody", sealed) },
		"a value with something after": func() ([]byte, error) { return s.Open("identities", "row 1", "body", append(bytes.Clone(sealed), 0)) },
	} {
		if plain, err := open(); !errors.Is(err, vault.ErrDamaged) || plain != nil {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
}

func TestSealingTwiceLooksDifferent(t *testing.T) {
	t.Parallel()
	s := mustKeys(t, 'a').Sealer(1)
	if a, b := s.Seal("t", "r", "c", []byte("x")), s.Seal("t", "r", "c", []byte("x")); bytes.Equal(a, b) {
		t.Error("two sealed values are equal")
	}
	for _, plain := range [][]byte{nil, {}, {0}, bytes.Repeat([]byte("x"), 1<<16)} {
		got, err := s.Open("t", "r", "c", s.Seal("t", "r", "c", plain))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %v", len(plain), err)
		}
	}
}

// canonical/authd panicked on a hash file that was cut.
func TestEverySealedByteCutOrFlippedIsATypedError(t *testing.T) {
	t.Parallel()
	s := mustKeys(t, 'a').Sealer(1)
	sealed := s.Seal("t", "r", "c", []byte(planted))
	refused := func(what string, blob []byte) {
		plain, err := s.Open("t", "r", "c", blob)
		if plain != nil || !errors.Is(err, vault.ErrDamaged) && vault.StateOf(err) != vault.Gone {
			t.Errorf("%s: %q, %v", what, plain, err)
		}
	}
	for i := range sealed {
		refused(fmt.Sprintf("cut to %d", i), sealed[:i])
		refused(fmt.Sprintf("without the first %d", i+1), sealed[i+1:])
		for bit := range 8 {
			blob := bytes.Clone(sealed)
			blob[i] ^= 1 << bit
			refused(fmt.Sprintf("bit %d of byte %d", bit, i), blob)
		}
	}
	refused("nothing", nil)
}

func TestKeyThatIsNotHereIsNamed(t *testing.T) {
	t.Parallel()
	before, after := mustKeys(t, 'a'), mustKeys(t, 'b')
	sealed := before.Sealer(1).Seal("t", "r", "c", []byte(planted))
	_, err := after.Sealer(1).Open("t", "r", "c", sealed)
	wantState(t, "another key", err, vault.Gone)
	if login.CodeOf(err) != login.KeyUnavailable || !strings.Contains(login.DetailOf(err), before.Current()) {
		t.Errorf("code %s, detail %q, want key %s", login.CodeOf(err), login.DetailOf(err), before.Current())
	}
}

func TestOlderKeyOpensAndFindsUntilItIsGone(t *testing.T) {
	t.Parallel()
	before, both := mustKeys(t, 'a'), mustKeys(t, 'b', 'a')
	sealed := before.Sealer(1).Seal("t", "r", "c", []byte(planted))
	plain, err := both.Sealer(1).Open("t", "r", "c", sealed)
	if err != nil || string(plain) != planted {
		t.Errorf("open: %q, %v", plain, err)
	}
	if _, err := before.Sealer(1).Open("t", "r", "c", both.Sealer(1).Seal("t", "r", "c", []byte(planted))); vault.StateOf(err) != vault.Gone {
		t.Errorf("the newer key did not seal: %v", err)
	}
	old := before.Current()
	if !bytes.Equal(both.Lookup(old, "user", "zhang"), before.Lookup(old, "user", "zhang")) {
		t.Error("the older key does not find any more")
	}
	if both.Lookup(old, "user", "") != nil || before.Lookup(both.Current(), "user", "zhang") != nil {
		t.Error("an empty value, or a key that is not here, finds something")
	}
}

func TestLookupIsTheSameForTheSameColumnAndValueAlone(t *testing.T) {
	t.Parallel()
	keys, other := mustKeys(t, 'a'), mustKeys(t, 'b')
	id := keys.Current()
	want := keys.Lookup(id, "user", "zhang")
	if len(want) != 32 || !bytes.Equal(want, mustKeys(t, 'a').Lookup(id, "user", "zhang")) {
		t.Errorf("look-up = %x", want)
	}
	for name, got := range map[string][]byte{
		"another value":  keys.Lookup(id, "user", "li"),
		"another column": keys.Lookup(id, "union", "zhang"),
		"cut elsewhere":  keys.Lookup(id, "userz", "hang"),
		"another key":    other.Lookup(other.Current(), "user", "zhang"),
	} {
		if bytes.Equal(got, want) {
			t.Errorf("%s gives the same", name)
		}
	}
}

// The values below were computed once: what was sealed by an older dingpass must
// be found and opened by a newer one.
func TestDerivedKeysStayTheSame(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, 'a')
	if got := keys.Current(); got != wantID {
		t.Errorf("id = %s", got)
	}
	seen := make(map[string]vault.Purpose)
	for _, purpose := range []vault.Purpose{vault.Sealing, vault.Lookup, vault.LogChain, vault.PINPepper, vault.BadgeSigning} {
		key, err := keys.Key(keys.Current(), purpose)
		if err != nil || len(key.Reveal()) != 32 {
			t.Fatalf("%s: %d bytes, %v", purpose, len(key.Reveal()), err)
		}
		if other, taken := seen[key.Reveal()]; taken {
			t.Errorf("%s and %s are the same key", purpose, other)
		}
		seen[key.Reveal()] = purpose
	}
	if got := fmt.Sprintf("%x", keys.Lookup(keys.Current(), "user", "zhang")); got != wantLookup {
		t.Errorf("look-up = %s", got)
	}
	plain, err := keys.Sealer(3).Open("t", "r", "c", unhex(t, wantSealed))
	if err != nil || string(plain) != planted {
		t.Errorf("open = %q, %v", plain, err)
	}
	if _, err := keys.Key("0000000000000000", vault.Sealing); vault.StateOf(err) != vault.Gone {
		t.Errorf("a key that is not here: %v", err)
	}
}

func TestKeysDoNotPrintThemselves(t *testing.T) {
	t.Parallel()
	keys := mustKeys(t, 'k', 'l')
	out := &strings.Builder{}
	slog.New(slog.NewJSONHandler(out, nil)).Info("x", "keys", keys, "sealer", keys.Sealer(1))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x", "%q"} {
		fmt.Fprintf(out, verb+" "+verb+" "+verb, keys, *keys, keys.Sealer(1))
	}
	for _, trace := range []string{"kkkk", "llll", "107 107 107", "108 108 108", "6b6b6b", "6c6c6c", "0x6b, 0x6b"} {
		if strings.Contains(out.String(), trace) {
			t.Errorf("%q shows in %s", trace, out)
		}
	}
}

func FuzzOpen(f *testing.F) {
	s := mustKeys(f, 'a').Sealer(1)
	sealed := s.Seal("t", "r", "c", []byte(planted))
	f.Add(sealed)
	f.Add(sealed[:40])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, blob []byte) {
		plain, err := s.Open("t", "r", "c", blob)
		switch {
		case err == nil && !bytes.Equal(blob, sealed):
			t.Errorf("%x opens to %q", blob, plain)
		case err != nil && !errors.Is(err, vault.ErrDamaged) && vault.StateOf(err) != vault.Gone:
			t.Errorf("%x: %v", blob, err)
		}
	})
}
