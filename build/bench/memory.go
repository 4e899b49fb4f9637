package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const (
	megabyte = 1 << 20

	// crowd is how many people sign in, again and again.
	crowd = 50

	promisedMemory = 1.1
)

// measureMemory is the core's resident memory with its first QR up, after the
// first sign-in, and after many.
func measureMemory(ctx context.Context, p plan) (_ []row, err error) {
	var start, later []float64
	for run := range min(p.runs, 3) {
		before, after, err := growth(ctx, p)
		if err != nil {
			return nil, err
		}
		p.tell("memory: %d: %.1f MB, after %d sign-ins %.1f MB", run+1, before, p.signIns, after)
		start, later = append(start, before), append(later, after)
	}
	ratios := make([]float64, len(start))
	for i := range ratios {
		ratios[i] = later[i] / start[i]
	}
	return []row{
		{Name: "resident memory of the core, QR up", Unit: "MB", Values: start, Spread: spreadOf(start)},
		{
			Name: fmt.Sprintf("… after %d sign-ins", p.signIns), Unit: "MB", Values: later, Spread: spreadOf(later),
			Against: []against{{"at start", ratios, spreadOf(ratios), promisedMemory}},
		},
	}, nil
}

// growth is the memory of one core before and after the sign-ins.
func growth(ctx context.Context, p plan) (before, after float64, err error) {
	dir, err := os.MkdirTemp("", "dingpass-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := sandbox.Listen(ctx, "", sandbox.Options{})
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = server.Close() }() // nothing of it outlives us
	c, err := startCore(ctx, p.bin, coreEnvironment(dir, server.App(), server.URL(), server.URL(), server.URL()))
	if err != nil {
		return 0, 0, err
	}
	defer c.close()
	if before, err = resident(c.cmd.Process.Pid); err != nil {
		return 0, 0, err
	}
	for i := range p.signIns {
		if _, err := c.signIn(ctx, fmt.Sprintf("user%06d", 1+i%crowd), atOnce); err != nil {
			return 0, 0, fmt.Errorf("sign-in %d: %w", i+1, err)
		}
	}
	after, err = resident(c.cmd.Process.Pid)
	return before, after, err
}

// atOnce waits for nothing.
func atOnce(context.Context) error { return nil }

// resident is a process's resident memory in MB (proc(5), VmRSS, in kB).
func resident(pid int) (float64, error) {
	status, err := os.Open(filepath.Join("/proc", fmt.Sprint(pid), "status"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = status.Close() }() // it was only read
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		var kilobytes float64
		if value, ok := strings.CutPrefix(lines.Text(), "VmRSS:"); ok {
			_, err := fmt.Sscan(value, &kilobytes)
			return kilobytes / 1024, err
		}
	}
	return 0, errors.New("the system does not tell a process's memory")
}

// measureSize is the size of the programs as they are shipped.
func measureSize(_ context.Context, p plan) (rows []row, err error) {
	for _, name := range []string{"dingpass", "dingpass-window"} {
		file, err := os.Stat(filepath.Join(p.bin, name))
		if err != nil {
			return rows, err
		}
		size := []float64{float64(file.Size()) / megabyte}
		rows = append(rows, row{Name: "size of " + name, Unit: "MB", Values: size, Spread: spreadOf(size)})
	}
	return rows, nil
}
