package vault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

// Keychain is what this package asks of an operating system's keychain. Of the
// errors only these are told apart, with errors.Is: ErrNoEntry where there is no
// such entry, Locked where somebody has to unlock it; any other means that it
// does not work. No call may show the text in an error. Calls need not come
// back, and may panic: [Chain] expects both.
type Keychain interface {
	Get(service, account string) (text string, err error)
	Set(service, account, text string) error
	Delete(service, account string) error
}

// ErrNoEntry is a keychain's answer for an entry that it does not have.
var ErrNoEntry = errors.New("no such entry")

// service is what all our entries in a keychain are filed under.
const service = "dingpass"

// Chain is a keychain whose calls end in time and whose writes are true. Share
// one among all that use the same keychain.
type Chain struct {
	keychain Keychain
	patience time.Duration
	pause    time.Duration

	mu     sync.Mutex
	lost   int       // calls left behind that have not come back
	writes int       // those of them that write
	rest   time.Time // no call before
}

// How a keychain is treated.
const (
	// usualPatience is long for a keychain and short for a person who waits. A
	// call that asks somebody for a password takes longer: it goes on without
	// us, and the next call finds the keychain unlocked.
	usualPatience = 5 * time.Second

	// usualPause is how long a keychain is left alone that did not answer, so
	// that not every sign-in waits for it.
	usualPause = time.Minute

	// mostLost bounds what calls that never come back can hold.
	mostLost = 4
)

// NewChain guards a keychain.
func NewChain(keychain Keychain) *Chain {
	return &Chain{keychain: keychain, patience: usualPatience, pause: usualPause}
}

// errSilent is a keychain that did not answer. Nothing but a question to the
// person takes so long, which is why it counts as locked.
var errSilent = errors.New("the keychain did not answer")

const keychainSilent = "the keychain does not answer; it may be waiting for its password"

// read returns the text of an entry. The error is errNothing, or one for callers.
func (c *Chain) read(ctx context.Context, account string) (string, error) {
	return c.call(ctx, false, func() (string, error) { return c.keychain.Get(service, account) })
}

// write stores a text and reads it back: keychains have reported success and
// stored nothing (RushB-fr/freekiosk #200).
func (c *Chain) write(ctx context.Context, account, text string) error {
	_, err := c.call(ctx, true, func() (string, error) { return "", c.keychain.Set(service, account, text) })
	if err != nil {
		return err
	}
	back, err := c.read(ctx, account)
	if err != nil && !errors.Is(err, errNothing) {
		return err
	}
	if back != text {
		return fail(Unavailable, "the keychain says that it stored an entry, and gives another one back", nil)
	}
	return nil
}

// erase removes an entry; that there is none is no error.
func (c *Chain) erase(ctx context.Context, account string) error {
	_, err := c.call(ctx, true, func() (string, error) { return "", c.keychain.Delete(service, account) })
	if errors.Is(err, errNothing) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := c.read(ctx, account); !errors.Is(err, errNothing) {
		return errors.Join(fail(Unavailable, "the keychain says that it removed an entry, and still has it", nil), err)
	}
	return nil
}

// errNothing is what there is not.
var errNothing = errors.New("nothing there")

type answer struct {
	text string
	err  error
}

// call waits for a call no longer than the deadline. The goroutine of one that
// does not come back cannot be ended, only counted: go-keyring has no contexts,
// and a prompt of the Secret Service waits for ever (zalando/go-keyring #88).
func (c *Chain) call(ctx context.Context, writes bool, do func() (string, error)) (string, error) {
	if err := c.ready(writes); err != nil {
		return "", err
	}
	done := make(chan answer, 1)
	go func() { done <- caught(do) }()
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	select {
	case a := <-done:
		return a.text, translated(a.err)
	case <-ctx.Done():
	}
	c.leave(writes, done)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "", fail(Locked, keychainSilent, errSilent)
	}
	return "", login.Fail(login.Cancelled, ctx.Err())
}

// ready refuses a call while the keychain is left alone. A write that may still
// come through must not come after a newer one.
func (c *Chain) ready(writes bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost > 0 && time.Now().Before(c.rest) || c.lost >= mostLost || writes && c.writes > 0 {
		return fail(Locked, keychainSilent, errSilent)
	}
	return nil
}

// leave counts a call as lost until it comes back.
func (c *Chain) leave(writes bool, done <-chan answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest = time.Now().Add(c.pause)
	c.count(writes, 1)
	go func() {
		<-done
		c.mu.Lock()
		defer c.mu.Unlock()
		c.count(writes, -1)
	}()
}

// count changes what is counted as lost; the caller holds mu.
func (c *Chain) count(writes bool, n int) {
	c.lost += n
	if writes {
		c.writes += n
	}
}

// caught is a call whose panic is an error. go-keyring trusts the types in what
// the Secret Service answers, and whoever is on the bus first may be it.
func caught(do func() (string, error)) (a answer) {
	defer func() {
		if value := recover(); value != nil {
			a = answer{err: fmt.Errorf("the keychain's answer made no sense: %T", value)}
		}
	}()
	text, err := do()
	return answer{text, err}
}

// translated makes a keychain's error one for callers.
func translated(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoEntry):
		return errNothing
	case errors.Is(err, Locked):
		return fail(Locked, "keychain", err)
	}
	return fail(Unavailable, "keychain", err)
}
