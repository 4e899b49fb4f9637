package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"time"
)

// contestant is a program with an open database, which does on demand what is
// measured and says how long each took.
type contestant struct {
	cmd    *exec.Cmd
	stop   context.CancelFunc
	in     io.WriteCloser
	out    *json.Decoder
	said   *tail
	opened time.Duration // how long opening the database took
}

func startContestant(ctx context.Context, env []string, program string, args ...string) (_ *contestant, err error) {
	ctx, stop := context.WithCancel(ctx)
	c := &contestant{stop: stop, said: &tail{}, cmd: command(ctx, env, program, args...)}
	c.cmd.Stderr = c.said
	c.in, err = c.cmd.StdinPipe()
	var out io.Reader
	if err == nil {
		out, err = c.cmd.StdoutPipe()
	}
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		stop()
		return nil, err
	}
	c.out = json.NewDecoder(bufio.NewReader(out))
	took, err := c.answer()
	if err != nil {
		c.end()
		return nil, err
	}
	c.opened = took[0]
	return c, nil
}

// ask has it do something n times.
func (c *contestant) ask(what string, n int) ([]time.Duration, error) {
	if _, err := fmt.Fprintln(c.in, what, n); err != nil {
		return nil, fmt.Errorf("%s: %w; it said: %s", what, err, c.said)
	}
	return c.answer()
}

func (c *contestant) answer() (took []time.Duration, err error) {
	if err := c.out.Decode(&took); err != nil {
		return nil, fmt.Errorf("%s: %w; it said: %s", c.cmd.Path, err, c.said)
	}
	return took, nil
}

// crash kills it.
func (c *contestant) crash() {
	_ = c.cmd.Process.Kill() // it may have ended
	c.end()
}

// end ends the process and waits for it.
func (c *contestant) end() {
	c.stop()
	_ = c.cmd.Wait() // it was told to end
}

// of is a share of sorted values: 0.5 is the median.
func of(took []time.Duration, share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
