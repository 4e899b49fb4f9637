package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
)

// Five thousand refreshes, a few minutes; and a run that failed, once more:
//
//	go test ./backend/store -run Refreshes -v -refreshes 5000
//	go test ./backend/store -run Refreshes -v -seed 7
var (
	refreshes = flag.Int("refreshes", 120, "token calls of the test of refreshes")
	seed      = flag.Uint64("seed", 0, "of the same test; 0: another one each time")
)

const personSlot = "zhang01"

// Two processes, with several callers each, use an app's token and a person's
// from one database. Tokens expire and are revoked, and processes are killed:
// before they have the answer to a refresh, before they have stored it, or
// while they wait for each other. Whatever happens,
//
//   - nobody asks for a token while another one does,
//   - no refresh token is sent a second time, but for one whose successor died
//     with its process,
//   - what is stored is never older than what was stored before, nor than what
//     somebody uses.
func TestRefreshesOfTwoProcessesNeitherOverlapNorGoBack(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := mustOpen(t, dir)
	d := newRotating(t, s.Tokens(), *seed)
	client := hasty(d.URL, "parent", d.began)
	client.Keeper = s.Tokens()
	person := &dingtalk.Session{Client: client, Keeper: s.Tokens(), Slot: personSlot}
	defer person.Close()
	ctx, stop := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() { d.watch(ctx, person) })

	killed := d.drive(t, dir)
	stop()
	watching.Wait()
	t.Logf("%d processes were killed", killed)
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := client.AppToken(t.Context()); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// drive keeps two processes running, and kills those that are to be, until
// there were enough refreshes.
func (d *rotating) drive(t *testing.T, dir string) (killed int) {
	t.Helper()
	running, begun := map[string]*child{}, 0
	begin := func() {
		begun++
		name := "process " + strconv.Itoa(begun)
		running[name] = start(t, command(t, "refresh", dir, fmt.Sprintf("%s\n%s\n%d", d.URL, name, d.began.UnixNano())))
	}
	end := func(name string) {
		d.mark(name)
		for _, said := range running[name].kill(t) {
			t.Errorf("%s: %s", name, said)
		}
		delete(running, name)
	}
	for begin(); ; {
		for len(running) < 2 {
			begin()
		}
		select {
		case victim := <-d.victims:
			for name := range running {
				if victim == "" || victim == name {
					end(name)
					killed++
					break
				}
			}
		case <-d.over:
			for name := range running {
				end(name)
			}
			return killed
		}
	}
}

// hasty is a client to whom a second is a day and more, so that a token of two
// hours lives for 72 ms. All of them have one clock.
func hasty(url, process string, began time.Time) *dingtalk.Client {
	return &dingtalk.Client{
		ClientID: "dingabc123", ClientSecret: secret.New("s"), APIURL: url, OAPIURL: url,
		HTTP: &http.Client{Transport: signedBy{process, dingtalk.NewTransport()}},
		Now:  func() time.Time { return began.Add(100_000 * time.Since(began)) },
	}
}

// signedBy says in each request which process it comes from.
type signedBy struct {
	process string
	next    http.RoundTripper
}

func (s signedBy) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Process", s.process)
	return s.next.RoundTrip(r)
}

// childRefresh is one of the two processes. It goes on until it is killed.
func childRefresh(ctx context.Context, dir, arg string) error {
	args := strings.Split(arg, "\n")
	began, err := strconv.ParseInt(args[2], 10, 64)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Unlock: store.Plain, Dir: dir})
	if err != nil {
		return err
	}
	c := hasty(args[0], args[1], time.Unix(0, began))
	c.Keeper = s.Tokens()
	person := &dingtalk.Session{Client: c, Keeper: s.Tokens(), Slot: personSlot}
	var callers sync.WaitGroup
	errs := make(chan error)
	for range 3 {
		callers.Go(func() { errs <- useAsApp(ctx, c) })
		callers.Go(func() { errs <- useAsPerson(ctx, c, person) })
	}
	return complain(ctx, c, <-errs) // mostly there is nothing to complain of, and we are killed here
}

// useAsApp asks something with the app's token, again and again.
func useAsApp(ctx context.Context, c *dingtalk.Client) error {
	for {
		if _, err := c.Scopes(ctx); err != nil && !refused(err) {
			return err
		}
	}
}

// useAsPerson asks something with the person's token, again and again, and
// often with little patience.
func useAsPerson(ctx context.Context, c *dingtalk.Client, person *dingtalk.Session) error {
	for {
		patience, cancel := context.WithTimeout(ctx, time.Duration(1+rand.IntN(100))*time.Millisecond)
		err := person.Use(patience, func(token secret.Text) error { return useToken(patience, c, token) })
		gone := patience.Err() != nil
		cancel()
		switch code := login.CodeOf(err); {
		case err == nil, gone, refused(err), code == login.NotSignedIn, code == login.CodeInvalid:
		default:
			return err
		}
	}
}

// useToken asks with a token of a person's.
func useToken(ctx context.Context, c *dingtalk.Client, token secret.Text) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.APIURL+"/use", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Token", token.Reveal())
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // reading told of any error
	answer, err := io.ReadAll(resp.Body)
	if strings.Contains(string(answer), "40014") {
		return &dingtalk.Error{Status: resp.StatusCode, Code: "40014"}
	}
	return err
}

// refused reports whether a token was revoked again, after it had been renewed.
func refused(err error) bool {
	e, ok := errors.AsType[*dingtalk.Error](err)
	return ok && e.Class() == dingtalk.Token
}

// complain tells the parent, who would otherwise wait for refreshes.
func complain(ctx context.Context, c *dingtalk.Client, complaint error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.APIURL+"/complaint", strings.NewReader(complaint.Error()))
	if err != nil {
		return err
	}
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
