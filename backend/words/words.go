// Package words turns an error code into a sentence and a next step, for
// people.
//
// [Of] has the words for a code, [For] those for an error: a code may have cases
// that are mended in different ways, and an error's detail then begins with the
// name of the case and a colon. The table is problems.json: every code of package
// login in every language, CODE:CASE for a case, and nothing else. The interface in the
// window is built from the same file, so that the screen and the command line
// say the same. A reader who can mend the problem is told how; the person at
// the door is told whom to ask.
//
// The package does not choose a language from the system and does not print.
package words

import (
	_ "embed" // for the table
	"encoding/json"
	"strings"
	"sync"

	"github.com/dingpass/dingpass/backend/login"
)

// The languages of the table, as BCP 47 tags.
const (
	Chinese = "zh-CN"
	English = "en"
)

// Words tell a person what happened and what to do next. Both are plain
// sentences without any markup; Title has no full stop.
type Words struct {
	Title string `json:"title"`
	Next  string `json:"next"`
}

// String joins both into one line, as the command line prints them.
func (w Words) String() string {
	if strings.HasSuffix(w.Next, "。") {
		return w.Title + "。" + w.Next
	}
	return w.Title + ". " + w.Next
}

//go:embed problems.json
var problems []byte

// table is decoded at the first question: a core that never fails never pays
// for it. A table that cannot be read is empty, and a test fails.
var table = sync.OnceValue(func() map[string]map[login.Code]Words {
	var decoded map[string]map[login.Code]Words
	if err := json.Unmarshal(problems, &decoded); err != nil {
		return nil
	}
	return decoded
})

// Of returns the words for code in the language: zh-CN for every kind of
// Chinese, en for anything else. A code that is not in the list is told as
// [login.Internal].
func Of(language string, code login.Code) Words {
	sentences := table()[tag(language)]
	if found, ok := sentences[code]; ok {
		return found
	}
	return sentences[login.Internal]
}

// For returns the words for an error: those of its case where the table has it,
// else those of its code.
func For(language string, err error) Words {
	code := login.CodeOf(err)
	named, _, _ := strings.Cut(login.DetailOf(err), ":")
	if found, ok := table()[tag(language)][code+login.Code(":"+named)]; ok {
		return found
	}
	return Of(language, code)
}

// tag maps a BCP 47 tag («zh-Hans-CN») or a POSIX locale («zh_CN.UTF-8») to a
// language of the table.
func tag(language string) string {
	primary, _, _ := strings.Cut(strings.ToLower(language), "-")
	primary, _, _ = strings.Cut(primary, "_")
	if primary == "zh" {
		return Chinese
	}
	return English
}
