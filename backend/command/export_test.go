package command

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/dingpass/dingpass/backend/clock"
	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

// OpenSealed opens a database as a command does, with its key in a file.
func OpenSealed(ctx context.Context, dir, key string) (*store.Store, error) {
	r := &ring{vault: vault.New(vault.Options{Dir: dir, Source: vault.Source{Kind: vault.File, Path: key}})}
	return store.Open(ctx, store.Options{Dir: dir, Unlock: r.unlockToWrite, Unlocked: r.unlocked, LogKeys: r.logKeys})
}

// NewKey is a rotation that is killed after its first step.
func NewKey(ctx context.Context, dir, key string) error {
	_, err := vault.New(vault.Options{Dir: dir, Source: vault.Source{Kind: vault.File, Path: key}}).Rotate(ctx)
	return err
}

// IssueBadge issues a badge as «badge issue» does, and tells what is in its QR.
func IssueBadge(ctx context.Context, dir, key string, who identity.Who) (id string, text secret.Text, err error) {
	r := &ring{vault: vault.New(vault.Options{Dir: dir, Source: vault.Source{Kind: vault.File, Path: key}})}
	opened, err := store.Open(ctx, store.Options{Dir: dir, Unlock: r.unlockToWrite, Unlocked: r.unlocked, LogKeys: r.logKeys})
	if err != nil {
		return "", secret.Text{}, err
	}
	trusted, err := clock.New(ctx, opened, clock.Read, nil)
	if err != nil {
		return "", secret.Text{}, errors.Join(err, opened.Close())
	}
	b, text, err := (&database{Store: opened, ring: r, clock: trusted}).badges().Issue(ctx, who, time.Hour)
	return b.ID, text, errors.Join(err, opened.Close())
}

// ExitCodeOf lets the tests hold every code against the contract.
var ExitCodeOf = exitCodeOf

// VerdictOnLog is what «log verify» says of a report.
var VerdictOnLog = verdictOnLog

// Certificates judges DingTalk's certificates by a clock.
type Certificates = certificates

// NewCertificates makes one.
func NewCertificates(c *clock.Clock) *Certificates { return &certificates{clock: c} }

// Transport reaches DingTalk.
func (c *Certificates) Transport() *http.Transport { return c.transport() }

// Hear is told how a call went.
func (c *Certificates) Hear(heard login.Heard) { c.hear(heard) }

// Pace is how long the stage waits for people and pages.
type Pace struct{ ReadName, ReadProblem, ShownWithin, DesertedAfter, OpenWithin time.Duration }

// SetPace makes the program as patient as a test needs it: no test waits for a
// clock.
func (p *Program) SetPace(to Pace) {
	p.pace = pace{to.ReadName, to.ReadProblem, to.ShownWithin, to.DesertedAfter, to.OpenWithin}
}

// SetPatience has what is slow waited for: what a test wants to hear may take
// longer than anybody at a door would wait.
func (p *Program) SetPatience(to time.Duration) { p.patience = to }

// OpenLate opens a database whose key cannot be had until open is called.
func OpenLate(ctx context.Context, dir, key string, why error) (s *store.Store, open func(), err error) {
	r := &ring{vault: vault.New(vault.Options{Dir: dir, Source: vault.Source{Kind: vault.File, Path: key}})}
	var opened atomic.Bool
	s, err = store.Open(ctx, store.Options{Dir: dir, Unlock: func(ctx context.Context, sealed bool) (store.Keys, error) {
		if !opened.Load() {
			return nil, why
		}
		return r.unlockToWrite(ctx, sealed)
	}})
	return s, func() { opened.Store(true) }, err
}

// SharedTokens are a database's tokens as the app uses them.
func SharedTokens(s *store.Store) dingtalk.Keeper { return sharedTokens{s.Tokens(), s.Locked} }
