package command_test

import (
	"net"
	"path/filepath"
	"testing"
)

// The app that runs has its redirect address, as it should; another program
// that has it is the problem.
func TestDoctorKnowsTheRunningAppByItsRedirect(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	a := m.app()
	taken := m.with("DINGPASS_REDIRECT", a.site+"/callback")
	typed{"doctor", 0, `ok    redirect  in use by dingpass, which is running`, ""}.check(t, taken)
	a.end()

	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }() // the test is over
	taken = m.with("DINGPASS_REDIRECT", "http://"+other.Addr().String()+"/callback")
	typed{"doctor", 2, `FAIL  redirect  [^\n]*` + other.Addr().String() + `.*→`, ""}.check(t, taken)
}

// A window program whose libraries are missing ends before its first line, with
// the loader's words.
func TestDoctorTriesWhetherTheWindowProgramStarts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		code   int
		want   string
	}{
		"it starts":            {"exit 0", 0, `ok    window    the window program starts`},
		"a library is missing": {"echo noise; echo 'libwebkit: cannot open' >&2; exit 127", 2, `FAIL  window    [^\n]*127 libwebkit: cannot open\n +→ install WebKitGTK`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t).with("DISPLAY", ":none")
			script := "#!/bin/sh\n[ \"$1\" = --help ] || exit 9\n" + c.script + "\n"
			installScript(t, filepath.Join(m.home, "dingpass-window"), script)
			typed{"doctor", c.code, c.want, ""}.check(t, m)
		})
	}
}
