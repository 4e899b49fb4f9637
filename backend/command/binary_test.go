package command_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Some promises are about the process: signals, a kill, what its children
// inherit. They are tested with the program that main makes, built once. Where
// the interface is not built, it is given a page all the same.

// scratch is where the built program lives; TestMain removes it.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "dingpass-command-"); err != nil {
		panic(err)
	}
	m.Run() // its result is the exit code of the tests
	if err := os.RemoveAll(scratch); err != nil {
		panic(err)
	}
}

// binary builds the program and returns its path.
func binary(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var build = sync.OnceValues(func() (string, error) {
	if err := os.Chmod(scratch, 0o755); err != nil { // other users run it in a test
		return "", err
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	page := filepath.Join(scratch, "index.html")
	if err := os.WriteFile(page, []byte(indexPage), 0o600); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{
		filepath.Join(root, "frontend", "dist", "index.html"): page,
	}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(scratch, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	path := filepath.Join(scratch, "dingpass")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-overlay", list, "-o", path, ".")
	cmd.Dir = root
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, said)
	}
	return path, nil
})

// indexPage is all of the interface that a program without JavaScript sees.
const indexPage = "<!doctype html><title>dingpass</title><p>the interface"
