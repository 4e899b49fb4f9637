package command_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/command"
)

// current makes somebody who is known the one who is signed in.
func (m *machine) current(userID string) {
	m.t.Helper()
	db, err := command.OpenSealed(m.t.Context(), m.data, filepath.Join(m.home, "key"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // what it acknowledged is kept
	rec, err := db.Record(m.t.Context(), m.sandbox.App().CorpID, userID)
	if err == nil {
		err = db.Keep(m.t.Context(), rec)
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// People who were kept for long enough go without anybody's doing, once DingTalk
// has told the time.
func TestRetentionIsKept(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("li02")
	m.signIn("zhang01")
	m.age(31 * 24 * time.Hour)
	m.current("li02") // who is shown is asked about, and stays
	m.mark(time.Now())
	a := m.gone().app()
	a.follows(a.site, `"network":\{"state":"offline"`)
	a.end()
	if got := m.run("cache", "list"); strings.Count(got.stdout, "\n") != 2 {
		t.Fatalf("without DingTalk's time: %s", got.stdout)
	}
	a = m.with("DINGPASS_LOG", "info").app()
	a.stderr.waitFor(t, `people were kept long enough`)
	a.end()
	if got := m.run("cache", "list"); strings.Contains(got.stdout, "zhang01") || !strings.Contains(got.stdout, "li02") {
		t.Errorf("cache list: %s", got.stdout)
	}
}
