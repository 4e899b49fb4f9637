package command_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The kill comes a little later each time, from the start on until after the
// end. Whichever moment it hits, there is the database of before or the copy, and
// the same command once more goes through.
func TestKillWhileTheCacheIsRestored(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	file := m.backup()
	m.signIn("li02")
	began := time.Now()
	first, _ := m.restore(file)
	took, seen := time.Since(began), make(map[string]bool)
	const kills = 24
	for n := range kills {
		m.restore(first.Kept)
		cmd := m.command("cache", "restore", file)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(2 * took * time.Duration(n) / kills)
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // likewise
		got := m.run("cache", "list")
		people := strings.Count(got.stdout, "\n")
		if got.code != 0 || people == 0 {
			t.Fatalf("after kill %d: %+v", n, got)
		}
		seen[map[int]string{1: "the copy", 2: "before"}[people]] = true
		m.restore(file)
		typed{"cache list", 0, `^zhang01 .*\n$`, ""}.check(t, m)
	}
	t.Logf("a kill has left %v", seen)
	if rooms, err := filepath.Glob(filepath.Join(m.data, "*.part")); err != nil || len(rooms) > 0 {
		t.Errorf("left over: %v, %v", rooms, err)
	}
}
