package command_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/dingpass/dingpass/backend/command"
)

// full makes the disk of a running process full, or gives it room again: no file
// of it may grow beyond so many bytes. That is the nearest to a full disk that a
// test can have without a disk of its own.
func full(t *testing.T, pid int, bytes uint64) {
	t.Helper()
	var limit unix.Rlimit
	err := unix.Prlimit(pid, unix.RLIMIT_FSIZE, nil, &limit)
	if limit.Cur = bytes; err == nil {
		err = unix.Prlimit(pid, unix.RLIMIT_FSIZE, &limit, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// onFullDisk makes a command start when the disk is full already.
func onFullDisk(cmd *exec.Cmd) *exec.Cmd {
	limited := exec.Command("/bin/sh", append([]string{"-c", `ulimit -S -f 8 && exec "$@"`, "sh"}, cmd.Args...)...)
	limited.Env = cmd.Env
	return limited
}

// wantVerdict wants whoami and status to tell who is known, and status why
// nothing can be written.
func (m *machine) wantVerdict(t *testing.T, as func(*exec.Cmd) *exec.Cmd, why string) {
	t.Helper()
	out, err := as(m.command("whoami", "--json")).Output()
	if err != nil || !strings.Contains(string(out), `"verdict":"allow"`) {
		t.Errorf("whoami: %v, %s", err, out)
	}
	var got status
	out, err = as(m.command("status", "--json")).Output()
	if err != nil || json.Unmarshal(out, &got) != nil || got.Person == nil || got.Person.Verdict != "allow" {
		t.Errorf("status: %v, %s", err, out)
	}
	if got.Database.State != "problem" || !strings.Contains(got.Database.Detail, why) {
		t.Errorf("status says of the database: %+v, want %q", got.Database, why)
	}
}

// canonical/authd #1182: on a full disk people who were known were refused.
func TestKnownPersonHasAVerdictOnADiskThatIsFull(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	m.wantVerdict(t, onFullDisk, "is full")
	s := startSession(t, onFullDisk(m.command("login", "--json")))
	s.wantFailed("store_unavailable", 1)
}

// The disk becomes full while somebody scans: they are told, who is known has a
// verdict, and the event is in the log once there is room again.
func TestEventOfAFullDiskIsWrittenLater(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	cmd, said, p := m.command(), newWatched(), newPerson(t)
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // where the test has failed
	link := said.waitFor(t, `http://\S+/open/\S+`)
	site, _, _ := strings.Cut(link, "/open/")
	p.get(link)
	p.post(site, "/api/login")
	c := p.code(site)

	full(t, cmd.Process.Pid, 4<<10)
	if _, err := p.answer(c, "confirm", "li02"); err != nil {
		t.Fatal(err)
	}
	p.follows(site, `"code":"store_unavailable"`)
	said.waitFor(t, "waits in memory")
	m.wantVerdict(t, onFullDisk, "is full")
	if events, _ := m.exported(); !slices.Equal(events, []string{"signed_in  张三"}) {
		t.Errorf("meanwhile the log has %q", events)
	}

	full(t, cmd.Process.Pid, unix.RLIM_INFINITY)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the app ended with %v: %s", err, said)
	}
	if events, _ := m.exported(); !slices.Equal(events, []string{"signed_in  张三", "refused store_unavailable"}) {
		t.Errorf("afterwards the log has %q", events)
	}
	typed{"log verify", 0, "as it was written: 2 entries", ""}.check(t, m)
}

// The disk of a kiosk is full: who is known passes by badge and by PIN, and is
// written down when there is room again. Who guesses has three tries in all, of
// which none is forgotten.
func TestKnownPeoplePassOnADiskThatIsFull(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	_, badge, err := command.IssueBadge(t.Context(), m.data, filepath.Join(m.home, "key"), m.zhang())
	if err != nil {
		t.Fatal(err)
	}
	p := m.gone().appProcess()
	p.follows(p.site, `"network":\{"state":"offline"`)
	pid, err := strconv.Atoi(filepath.Base(p.process))
	if err != nil {
		t.Fatal(err)
	}
	full(t, pid, 4<<10)
	p.ask("badge", map[string]string{"badge": badge.Reveal()}).want(t, "")
	p.wantShown("signed_in", "张三")
	p.follows(p.site, `"source":"cache".*"uses_left":19.*"disk":\{"code":"store_unavailable","detail":"[^"]+ make room`)
	p.post(p.site, "/api/logout")
	p.wantShown("idle", "")
	for left := 2; left >= 0; left-- {
		if left == 0 {
			p.pin("A001", goodPIN).want(t, "") // which forgives only itself
			p.post(p.site, "/api/logout")
		}
		if r := p.pin("A001", "739264"); r.Reason != "wrong_pin" || r.Left != left {
			t.Errorf("a wrong PIN: %+v, want %d left", r, left)
		}
	}
	if status, answer := p.send("pin", `{"job_number":"A001","pin":"`+goodPIN+`"}`); !strings.Contains(answer, "store_unavailable") {
		t.Errorf("after three: %d %s", status, answer)
	}
	full(t, pid, unix.RLIM_INFINITY)
	p.pin("A001", goodPIN).want(t, "locked") // three were wrong
	p.ask("badge", map[string]string{"badge": badge.Reveal()}).want(t, "")
	p.follows(p.site, `"uses_left":17`)
	if page := p.get(p.site + "/api/snapshot"); strings.Contains(page, `"disk"`) {
		t.Errorf("the disk takes everything again: %s", page)
	}
	p.kill() // nothing is in memory only
	events, _ := m.exported()
	want := []string{
		"signed_in  张三", "enrolled  张三", "signed_out  张三", "enrolled  张三", // before
		"signed_in  张三", "signed_out  张三", "pin_failed  张三", "pin_failed  张三", "signed_in  张三", "signed_out  张三", "pin_failed  张三", "locked  张三",
		"signed_in  张三",
	}
	if events = slices.DeleteFunc(events, func(e string) bool { return strings.HasPrefix(e, "refused") }); !slices.Equal(events, want) {
		t.Errorf("the log has %q", events)
	}
	if got := m.run("log", "verify"); got.code != 0 {
		t.Errorf("log verify: %+v", got)
	}
}
