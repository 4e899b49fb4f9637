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

	// settled is how many sign-ins it takes until Go's heap, which is first
	// collected at 4 MB, has found its size.
	settled = 100

	promisedMemory = 40 // MB
	promisedGrowth = 1.1
)

// measureMemory is the core's resident memory with its first QR up, when its
// heap has settled, and at the end.
func measureMemory(ctx context.Context, p plan) (_ []row, err error) {
	early, promise := settled, promisedGrowth
	if p.signIns < 2*settled {
		early, promise = p.signIns/2, 0 // too few to judge by
	}
	var all [3][]float64
	for run := range min(p.runs, 3) {
		sizes, err := growth(ctx, p, 0, early, p.signIns)
		if err != nil {
			return nil, err
		}
		p.tell("memory: %d: %.1f MB", run+1, sizes)
		for i, size := range sizes {
			all[i] = append(all[i], size)
		}
	}
	end := sized(fmt.Sprintf("… after %d sign-ins", p.signIns), all[2]...)
	end.Limit = promisedMemory
	end.Against = []against{
		ratios(fmt.Sprintf("after %d", early), promise, all[2], all[1]), ratios("at first", 0, all[2], all[0]),
	}
	return []row{
		sized("resident memory of the core, first QR up", all[0]...),
		sized(fmt.Sprintf("… after %d sign-ins", early), all[1]...),
		end,
	}, nil
}

// growth is the memory of one core in MB, at each of the numbers of sign-ins.
func growth(ctx context.Context, p plan, at ...int) (sizes []float64, err error) {
	dir, err := os.MkdirTemp("", "dingpass-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := sandbox.Listen(ctx, "", sandbox.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Close() }() // nothing of it outlives us
	c, err := startCore(ctx, p.bin, coreEnvironment(dir, server.App(), server.URL(), server.URL(), server.URL()))
	if err != nil {
		return nil, err
	}
	defer c.close()
	for done := 0; ; done++ {
		for len(sizes) < len(at) && at[len(sizes)] == done {
			size, err := resident(c.cmd.Process.Pid)
			if err != nil {
				return nil, err
			}
			sizes = append(sizes, size)
		}
		if len(sizes) == len(at) {
			return sizes, nil
		}
		if _, err := c.signIn(ctx, fmt.Sprintf("user%06d", 1+done%crowd), atOnce); err != nil {
			return nil, fmt.Errorf("sign-in %d: %w", done+1, err)
		}
	}
}

// atOnce waits for nothing.
func atOnce(context.Context) error { return nil }

// resident is a process's resident memory in MB, and peak the most that it had.
func resident(pid int) (float64, error) { return memoryOf(pid, "VmRSS:") }
func peak(pid int) (float64, error)     { return memoryOf(pid, "VmHWM:") }

// memoryOf reads one of the sizes that the system tells (proc(5), in kB).
func memoryOf(pid int, name string) (float64, error) {
	status, err := os.Open(filepath.Join("/proc", fmt.Sprint(pid), "status"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = status.Close() }() // it was only read
	lines := bufio.NewScanner(status)
	for lines.Scan() {
		var kilobytes float64
		if value, ok := strings.CutPrefix(lines.Text(), name); ok {
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
		rows = append(rows, sized("size of "+name, float64(file.Size())/megabyte))
	}
	return rows, nil
}
