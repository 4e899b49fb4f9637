package main_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// The README is read before any other text; what it says of the settings is
// what config does. To write the table anew, paste config.Table between the
// two comments.
func TestTheReadmeHasTheTableOfSettings(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, begins := strings.Cut(string(readme), "<!-- settings: written by config.Table; a test compares them -->\n")
	table, _, ends := strings.Cut(rest, "<!-- end of settings -->")
	if !begins || !ends {
		t.Fatal("README.md has no place for the table of settings")
	}
	if table != config.Table() {
		t.Errorf("README.md has another table of settings than config.Table:\n%s", config.Table())
	}
}

func TestReadmeNamesTheSandboxsApp(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"DINGPASS_CLIENT_ID=" + sandbox.DefaultClientID + " ",
		"DINGPASS_CLIENT_SECRET=" + sandbox.DefaultClientSecret + " ",
		"DINGPASS_CORP_ID=" + sandbox.DefaultCorpID + "\n",
	} {
		if !strings.Contains(string(readme), want) {
			t.Errorf("README.md does not say %s", want)
		}
	}
}
