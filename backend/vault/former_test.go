package vault_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/vault"
)

// mustWith are keys and what was kept of those that were given up.
func mustWith(t *testing.T, keys, former *vault.Keys) *vault.Keys {
	t.Helper()
	kept, err := former.Former(former.Current())
	if err != nil {
		t.Fatal(err)
	}
	both, err := keys.With(former.Current(), kept)
	if err != nil {
		t.Fatal(err)
	}
	return both
}

// The vault has given a key up, and the database has kept what is derived from
// it: all that was made with it is as good as before, again and again.
func TestAFormerKeyDoesAllThatTheKeyDid(t *testing.T) {
	t.Parallel()
	former := mustKeys(t, 'a')
	sealed := former.Sealer(1).Seal("t", "r", "c", []byte(planted))
	both := mustWith(t, mustKeys(t, 'b'), former)
	for range 2 { // with the key that comes after
		if plain, err := both.Sealer(1).Open("t", "r", "c", sealed); err != nil || string(plain) != planted {
			t.Errorf("open: %q, %v", plain, err)
		}
		for _, purpose := range []vault.Purpose{vault.Sealing, vault.Lookup, vault.LogChain, vault.PINPepper, vault.BadgeSigning} {
			want, _ := former.Key(former.Current(), purpose)
			if got, err := both.Key(former.Current(), purpose); err != nil || got.Reveal() != want.Reveal() {
				t.Errorf("the key for %s is another: %v", purpose, err)
			}
		}
		kept, err := both.Former(former.Current())
		if err != nil {
			t.Fatal(err)
		}
		if both, err = mustKeys(t, 'c', 'b').With(former.Current(), kept); err != nil {
			t.Fatal(err)
		}
	}
	if want := append(mustKeys(t, 'c', 'b').IDs(), former.Current()); !slices.Equal(both.IDs(), want) {
		t.Errorf("keys %q, want the former one last: %q", both.IDs(), want)
	}
	if both.Current() != mustKeys(t, 'c').Current() {
		t.Error("a former key became the current one")
	}
}

func TestAFormerKeyThatIsNoneIsATypedError(t *testing.T) {
	t.Parallel()
	keys, former := mustKeys(t, 'b'), mustKeys(t, 'a')
	kept, err := former.Former(former.Current())
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(kept.Reveal()) {
		if _, err := keys.With(former.Current(), secret.New(kept.Reveal()[:i])); !errors.Is(err, vault.ErrDamaged) {
			t.Errorf("cut to %d: %v", i, err)
		}
	}
	for _, id := range []string{"", "no id", former.Current() + "00"} {
		if _, err := keys.With(id, kept); err == nil {
			t.Errorf("the id %q was taken", id)
		}
	}
	_, err = keys.Former(former.Current())
	wantState(t, "keep a key that is not here", err, vault.Gone)
	if same, err := former.With(former.Current(), secret.New("")); err != nil || same != former {
		t.Errorf("a key of the vault's own was replaced: %v", err)
	}
	if text := fmt.Sprintf("%v %+v %s", kept, kept, kept); len(text) > 100 {
		t.Errorf("it shows: %s", text)
	}
}
