package words_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/vault"
	"github.com/dingpass/dingpass/backend/words"
)

// readTable reads the file as another program (the interface) would.
func readTable(t *testing.T) map[string]map[string]words.Words {
	t.Helper()
	data, err := os.ReadFile("problems.json")
	if err != nil {
		t.Fatal(err)
	}
	var table map[string]map[string]words.Words
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&table); err != nil {
		t.Fatal(err)
	}
	return table
}

func TestTableHasEveryCodeInBothLanguagesAndNothingElse(t *testing.T) {
	t.Parallel()
	table := readTable(t)
	if len(table) != 2 {
		t.Errorf("got %d languages, want 2", len(table))
	}
	var want []string
	for _, code := range login.Codes() {
		want = append(want, string(code))
	}
	for _, state := range []vault.State{vault.Locked, vault.Gone, vault.Wrong, vault.Unavailable} {
		want = append(want, string(login.KeyUnavailable)+":"+string(state))
	}
	want = append(want, string(login.KeyUnavailable)+":mark") // vault.Anchor.Read
	// Those of package dingtalk, whose conformance tests say which code of
	// DingTalk's gets which.
	for code, cases := range map[login.Code]string{
		login.AppMisconfigured: "corp_id company authorization app_disabled address proxy callback callback_address callback_answer",
		login.ProviderAnswer:   "token not_found",
		login.RateLimited:      "quota ban",
	} {
		for name := range strings.FieldsSeq(cases) {
			want = append(want, string(code)+":"+name)
		}
	}
	slices.Sort(want)
	for _, language := range []string{words.Chinese, words.English} {
		if got := slices.Sorted(maps.Keys(table[language])); !slices.Equal(got, want) {
			t.Errorf("%s: words for %q, want %q", language, got, want)
		}
	}
}

func TestEverySentenceIsWhole(t *testing.T) {
	t.Parallel()
	stops := map[string]string{words.Chinese: "。", words.English: "."}
	for language, sentences := range readTable(t) {
		stop := stops[language]
		titles := map[string]string{}
		for code, w := range sentences {
			if w.Title == "" || strings.HasSuffix(w.Title, stop) {
				t.Errorf("%s %s: title %q must be there and carry no full stop", language, code, w.Title)
			}
			if !strings.HasSuffix(w.Next, stop) {
				t.Errorf("%s %s: next step %q is no sentence", language, code, w.Next)
			}
			if other, taken := titles[w.Title]; taken {
				t.Errorf("%s: %s and %s share the title %q", language, code, other, w.Title)
			}
			titles[w.Title] = code
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	const chinese, english = "二维码已过期", "The code has expired"
	for name, test := range map[string]struct {
		language string
		code     login.Code
		want     string
	}{
		"Chinese":                         {"zh-CN", login.Expired, chinese},
		"Chinese by its script":           {"zh-Hans-SG", login.Expired, chinese},
		"Chinese as a POSIX locale":       {"zh_CN.UTF-8", login.Expired, chinese},
		"English":                         {"en", login.Expired, english},
		"British English":                 {"en-GB", login.Expired, english},
		"a language that is not there":    {"fr", login.Expired, english},
		"no language":                     {"", login.Expired, english},
		"a word that only starts like zh": {"zhx", login.Expired, english},
		"a code that is not in the list":  {"en", "made_up", "Something went wrong in dingpass"},
		"no code at all":                  {"zh-CN", "", "程序出了问题"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := words.Of(test.language, test.code).Title; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// element-web #16343: a key that was only locked was told as lost.
func TestForTellsTheCasesOfACodeApart(t *testing.T) {
	t.Parallel()
	for _, language := range []string{words.Chinese, words.English} {
		usual := words.Of(language, login.KeyUnavailable)
		for detail, differs := range map[string]bool{
			"locked: keychain": true, "gone: key 0123": true, "wrong: /etc/key": true, "unavailable: x": true, "wrong": true,
			"none: no key was made yet": false, "": false, "keychain: locked": false,
		} {
			err := fmt.Errorf("open: %w", &login.Error{Code: login.KeyUnavailable, Detail: detail})
			if got := words.For(language, err); (got != usual) != differs {
				t.Errorf("%s: %q is told as %q", language, detail, got.Title)
			}
		}
	}
	if got, want := words.For("en", &login.Error{Code: login.Expired, Detail: "locked: x"}), words.Of("en", login.Expired); got != want {
		t.Errorf("another code: %q", got.Title)
	}
	if got, want := words.For("en", errors.New("x")), words.Of("en", login.Internal); got != want {
		t.Errorf("no code: %q", got.Title)
	}
}

func TestOneLineHasBothSentences(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{
		"en":    "The code has expired. Nobody confirmed in time. Get a new code to continue.",
		"zh-CN": "二维码已过期。时间到了，没有人确认。换一个新的二维码就可以继续。",
	} {
		if got := words.Of(language, login.Expired).String(); got != want {
			t.Errorf("%s: got %q, want %q", language, got, want)
		}
	}
}
