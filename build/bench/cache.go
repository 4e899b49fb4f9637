package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	// rowSize is what a person takes in the store, keys included: the others have
	// rows of this size.
	rowSize = 340

	logged = 100_000 // entries of the sign-in log

	readsAtOnce, appendsAtOnce = 2000, 20

	promisedVerdict = 20   // µs
	promisedWorst   = 1000 // µs
)

// cache is one size of company in the store and in the two plain databases.
type cache struct {
	p                plan
	dir              string
	store            string // programs
	bare, mattn      string
	people           int
	ours, modernc, c *contestant // which plays through mattn/go-sqlite3, C
}

// measureCache is the identity cache beside SQLite without anything.
func measureCache(ctx context.Context, p plan) (rows []row, err error) {
	programs, err := os.MkdirTemp("", "dingpass-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(programs)) }()
	c := cache{p: p, store: filepath.Join(programs, "store"), bare: filepath.Join(programs, "bare"), mattn: filepath.Join(programs, "mattn")}
	p.tell("cache: building the contestants")
	for _, build := range []struct {
		folder string
		args   []string
	}{
		{".", []string{"test", "-c", "-o", c.store, "./backend/store"}},
		{".", []string{"build", "-o", c.bare, "./build/bench/bare"}},
		{"build/bench/mattn", []string{"build", "-o", c.mattn, "."}},
	} {
		cmd := exec.CommandContext(ctx, "go", build.args...) //nolint:gosec // constants
		cmd.Dir = build.folder
		if said, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %v: %w\n%s", build.args, err, said)
		}
	}
	for _, c.people = range p.people {
		more, err := c.measure(ctx)
		if err != nil {
			return rows, fmt.Errorf("with %d people: %w", c.people, err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func (c cache) measure(ctx context.Context) (rows []row, err error) {
	if c.dir, err = os.MkdirTemp("", "dingpass-bench-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(c.dir)) }()
	c.p.tell("cache: making %d people", c.people)
	fill := command(ctx, c.environ("fill", fmt.Sprint(c.people, " ", logged)), c.store)
	if said, err := fill.CombinedOutput(); err != nil || string(said) != "done\n" {
		return nil, fmt.Errorf("fill: %w: %s", err, said)
	}
	if c.modernc, err = c.startPlain(ctx, c.bare); err != nil {
		return nil, err
	}
	defer c.modernc.end()
	if c.c, err = c.startPlain(ctx, c.mattn); err != nil {
		return nil, err
	}
	defer c.c.end()
	if c.ours, err = c.startStore(ctx); err != nil {
		return nil, err
	}
	defer func() { c.ours.end() }()

	for _, part := range []func(context.Context) ([]row, error){c.reads, c.appends, c.crashes, c.whole} {
		more, err := part(ctx)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func (c *cache) environ(what, arg string) []string {
	return environ(c.dir, "STORE_CHILD="+what, "STORE_DIR="+filepath.Join(c.dir, "data"), "STORE_ARG="+arg)
}

func (c *cache) startStore(ctx context.Context) (*contestant, error) {
	return startContestant(ctx, c.environ("measure", fmt.Sprint(c.people)), c.store)
}

func (c *cache) startPlain(ctx context.Context, program string) (*contestant, error) {
	args := []string{filepath.Join(c.dir, filepath.Base(program)+".db"), fmt.Sprint(c.people), fmt.Sprint(rowSize)}
	fill := command(ctx, environ(c.dir), program, args...) // a process of its own, for the memory that this takes
	if said, err := fill.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("fill: %w: %s", err, said)
	}
	return startContestant(ctx, environ(c.dir), program, args...)
}

// race has all three do something n times in each round, one after the other,
// and gives the shares of each round.
func (c *cache) race(what, plain string, n int, shares ...float64) (took [3][][]time.Duration, err error) {
	for who := range took {
		took[who] = make([][]time.Duration, len(shares))
	}
	for run := range c.p.runs + 1 {
		for who, one := range []*contestant{c.ours, c.modernc, c.c} {
			asked := plain
			if one == c.ours {
				asked = what
			}
			all, err := one.ask(asked, n)
			if err != nil {
				return took, err
			}
			for i, share := range shares {
				if run > 0 { // the first fills caches
					took[who][i] = append(took[who][i], of(all, share))
				}
			}
		}
		c.p.tell("cache: %d people, %s: %d of %d", c.people, what, run, c.p.runs)
	}
	return took, nil
}

const (
	throughModernc = "a bare statement through modernc"
	throughMattn   = "a bare statement through mattn"
)

// beside makes the row of a share, and those of the other two.
func beside(name string, took [3][][]time.Duration, share int) []row {
	ours := quick(name, took[0][share], ratios(throughModernc, 0, took[0][share], took[1][share]),
		ratios(throughMattn, 0, took[0][share], took[2][share]))
	return []row{ours, quick("… "+throughModernc, took[1][share]), quick("… "+throughMattn, took[2][share])}
}

// reads is a verdict (Record and Decide) beside a prepared SELECT by key.
func (c *cache) reads(context.Context) ([]row, error) {
	took, err := c.race("read", "read", readsAtOnce, 0.5, 0.99)
	if err != nil {
		return nil, err
	}
	p50 := beside(fmt.Sprintf("verdict with %d people, p50", c.people), took, 0)
	p99 := beside("… p99", took, 1)
	p50[0].Limit, p99[0].Limit = promisedVerdict, promisedWorst
	return append(p50, p99...), nil
}

// appends are what is on the disk when it returns, beside a bare INSERT.
func (c *cache) appends(context.Context) (rows []row, err error) {
	for _, what := range []struct{ name, ask string }{
		{"an event into the sign-in log, on the disk", "append"}, {"a sign-in kept, logged and read back", "keep"},
	} {
		took, err := c.race(what.ask, "append", appendsAtOnce, 0.5)
		if err != nil {
			return rows, err
		}
		rows = append(rows, beside(what.name, took, 0)...)
	}
	return rows, nil
}

// crashes is opening after a kill, with the write-ahead log that it left.
func (c *cache) crashes(ctx context.Context) ([]row, error) {
	var took []time.Duration
	for range c.p.runs {
		if _, err := c.ours.ask("append", appendsAtOnce); err != nil {
			return nil, err
		}
		c.ours.crash()
		var err error
		if c.ours, err = c.startStore(ctx); err != nil {
			return nil, err
		}
		took = append(took, c.ours.opened)
	}
	return []row{timed("open after a crash", took)}, nil
}

// whole is what reads all of the database, and the memory that it took.
func (c *cache) whole(context.Context) (rows []row, err error) {
	before, err := peak(c.ours.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct{ name, ask string }{
		{fmt.Sprintf("verify a sign-in log of %d entries and more", logged), "verify"}, {"back up", "backup"},
	} {
		took, err := c.ours.ask(part.ask, min(c.p.runs, 3))
		if err != nil {
			return nil, err
		}
		rows = append(rows, timed(part.name, took))
	}
	sizes := []float64{before}
	for _, one := range []*contestant{c.ours, c.modernc, c.c} {
		size, err := peak(one.cmd.Process.Pid)
		if err != nil {
			return nil, err
		}
		sizes = append(sizes, size)
	}
	return append(rows, sized("peak memory of a test program with the store, after opening it", sizes[0]),
		sized("… after verifying and backing up", sizes[1]),
		sized("… of one with modernc, after its statements", sizes[2]), sized("… of one with mattn, after its statements", sizes[3])), nil
}
