package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// sizes builds the two minimal programs, and sees that they work.
func sizes(ctx context.Context, c *company) (_ row, err error) {
	dir, err := os.MkdirTemp("", "dingpass-bench-")
	if err != nil {
		return row{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var sizes [2]float64
	var names [2]string
	for i, name := range []string{"dingpass", "sdk"} {
		program := filepath.Join(dir, name)
		if err := build(ctx, "./bench/minimal/"+name, program); err != nil {
			return row{}, err
		}
		file, err := os.Stat(program)
		if err != nil {
			return row{}, err
		}
		sizes[i] = float64(file.Size()) / (1 << 20)
		if names[i], err = c.signIn(ctx, program); err != nil {
			return row{}, err
		}
	}
	if names[0] == "" || names[0] != names[1] {
		return row{}, fmt.Errorf("the two programs do not agree on who signed in: %q", names)
	}
	return beside("program with these three calls", "MB", sizes[:1], sizes[1:]), nil
}

func build(ctx context.Context, from, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", to, from) //nolint:gosec // our own programs
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", from, err, said)
	}
	return nil
}

// signIn has a minimal program sign a person in, and returns what it says.
func (c *company) signIn(ctx context.Context, program string) (string, error) {
	code, err := c.code(ctx)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = []string{
		"API_URL=" + c.url, "CODE=" + code,
		"CLIENT_ID=" + sandbox.DefaultClientID, "CLIENT_SECRET=" + sandbox.DefaultClientSecret,
	}
	said, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run %s: %w", filepath.Base(program), err)
	}
	return string(said), nil
}
