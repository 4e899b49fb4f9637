package config_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/config"
)

func TestWhatASignInNeedsIsToldWithTheRest(t *testing.T) {
	t.Parallel()
	missing := []string{"client_id missing", "client_secret missing", "corp_id missing"}
	given := map[string]string{"DINGPASS_CLIENT_ID": "key", "DINGPASS_CLIENT_SECRET": "s3cret", "DINGPASS_CORP_ID": "ding1"}
	for _, c := range []struct {
		name  string
		env   map[string]string
		flags map[string]string
		file  string
		want  []string
	}{
		{"all is there", given, nil, "", nil},
		{"nothing is there", nil, nil, "", missing},
		{"a bad value beside", nil, map[string]string{"embed": "nope"}, "", append([]string{"embed malformed"}, missing...)},
		{"a bad value and all is there", given, map[string]string{"embed": "nope"}, "", []string{"embed malformed"}},
		{"a value that was refused is not missing", nil, map[string]string{"client_id": "two words"}, "",
			[]string{"client_id malformed", "client_secret missing", "corp_id missing"}},
		{"nor is a secret whose file was refused", nil, map[string]string{"client_secret_file": filepath.Join(t.TempDir(), "none")}, "",
			[]string{"client_secret_file unreadable", "client_id missing", "corp_id missing"}},
		{"nor is a secret in the wrong place", nil, nil, `app-secret = "x"`,
			[]string{"app-secret misplaced", "client_id missing", "corp_id missing"}},
		{"nor is what may stand in a file that cannot be read", nil, map[string]string{"embed": "nope"}, `client_id "x"`,
			[]string{" unreadable", "embed malformed"}},
	} {
		src := config.Sources{Env: vars(c.env), Flags: c.flags}
		if c.file != "" {
			src.Path = write(t, c.file)
		}
		_, err := config.LoadForSignIn(src)
		var got []string
		for _, p := range problems(t, err) {
			got = append(got, p.Key+" "+string(p.Fault))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: problems = %q, want %q", c.name, got, c.want)
		}
	}
}

// Doctor reads the settings once and goes on with what is good.
func TestWhatLoadHasFoundIsNotChanged(t *testing.T) {
	t.Parallel()
	s, found := config.Load(config.Sources{Env: vars(nil), Flags: map[string]string{"embed": "nope"}})
	before := found.Error()
	if both := s.ForSignIn(found); !strings.HasPrefix(both.Error(), before+"\n") || len(problems(t, both)) != 4 {
		t.Errorf("together: %v", both)
	}
	if found.Error() != before {
		t.Errorf("Load's own problems have become %v", found)
	}
	other := errors.New("no settings problem")
	if err := s.ForSignIn(other); err != other { //nolint:errorlint // the same one is meant
		t.Errorf("error = %v, want the one that was given", err)
	}
}
