package main

import (
	"context"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// endWithin is how long a client may take to end when it is told to.
const endWithin = 2 * time.Second

// client is the program under test, once.
type client struct {
	urls   chan *url.URL // what it printed or opened, in order
	exited chan struct{} // closed when it has ended
	code   int           // its exit code; read it after exited
	said   string        // its last line; read it after exited

	stop    context.CancelFunc
	openers *served
	reading sync.WaitGroup // of what it prints
}

// maxURLs is how many URLs of a client are looked at.
const maxURLs = 64

// startClient starts the command with its environment in the folder dir, which
// also gets the stand-ins for the browser.
func startClient(ctx context.Context, command, env []string, dir string) (*client, error) {
	ctx, stop := context.WithCancel(ctx)
	c := &client{urls: make(chan *url.URL, maxURLs), exited: make(chan struct{}), stop: stop}
	var err error
	if c.openers, err = serve(ctx, heard(c.found)); err != nil {
		stop()
		return nil, err
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		c.abandon()
		return nil, err
	}
	installOpeners(bin)

	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // the caller's own client is what is probed
	cmd.Env = append(os.Environ(), env...)
	cmd.Env = append(cmd.Env, reportTo+"="+c.openers.url, "BROWSER="+filepath.Join(bin, openers[0]),
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	output, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	inGroup(cmd)
	cmd.WaitDelay = endWithin
	if err := cmd.Start(); err != nil {
		c.abandon()
		return nil, err
	}
	c.reading.Go(func() { c.said = urlsIn(output, c.found) })
	go func() { // ends with the client, for which close waits
		_ = cmd.Wait() // the exit code tells
		_ = write.Close()
		c.reading.Wait()
		c.code = cmd.ProcessState.ExitCode()
		close(c.exited)
	}()
	return c, nil
}

// found takes note of a URL, up to a number that no client needs.
func (c *client) found(u *url.URL) {
	select {
	case c.urls <- u:
	default:
	}
}

// close ends the client with everything that it started, and waits for it.
func (c *client) close() {
	c.stop()
	<-c.exited
	c.openers.close()
}

// abandon is close for a client that never started.
func (c *client) abandon() {
	c.stop()
	c.openers.close()
}
