package dingtalk

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// Session is a person's own token, renewed for as long as they stay signed in:
// 30 days after the last renewal, by DingTalk's rules. Set the fields, then use
// it by pointer from any number of goroutines.
//
// DingTalk rotates refresh tokens: each is good for one use. A Session
// therefore renews under the Keeper's lock, stores the new refresh token
// before anybody gets the access token that came with it, and stores it in one
// slot, so that an older one can never be found there. Many callers, and many
// processes with one Keeper, make one refresh.
//
// A process that is killed between DingTalk's answer and the write has lost
// the new refresh token, and nobody can help that: the next renewal is answered
// with code_invalid, and the person signs in again.
type Session struct {
	Client *Client
	Keeper Keeper // nil: the session ends with the process
	Slot   string // the Keeper's slot, one for each person; kept beside those of app tokens

	own     memory        // stands in for a Keeper
	renewal flights[kept] // lingering; see renewals
	once    sync.Once

	mu      sync.Mutex
	unsaved rotation // guarded by mu
}

// rotation is a new refresh token that could not be stored, and the fetch that
// it takes the place of.
type rotation struct {
	from string
	to   kept
}

var errNoSession = errors.New("the session has no token")

// Begin starts the session with what a sign-in was granted, in the place of
// any older one.
func (s *Session) Begin(ctx context.Context, grant Grant) error {
	return s.locked(ctx, func(ctx context.Context) error {
		return s.save(ctx, s.keepable(grant))
	})
}

// End forgets the session. DingTalk has no call that ends a token's life.
func (s *Session) End(ctx context.Context) error {
	return s.locked(ctx, func(ctx context.Context) error {
		if err := s.keeper().Save(ctx, s.Slot, secret.Text{}); err != nil {
			return keeping("forget session", err)
		}
		return nil
	})
}

// Token is the person's access token, good for five minutes at least. The
// error is not_signed_in when there is no session, and code_invalid when
// DingTalk no longer takes its refresh token, which ends it.
//
// A caller who goes away does not stop a renewal that DingTalk may have
// counted already; Close waits for it.
func (s *Session) Token(ctx context.Context) (secret.Text, error) {
	held, err := s.get(ctx, "")
	return secret.New(held.Token), err
}

// Use asks DingTalk something with the token. If the answer is that it is no
// longer taken (class [Token]), the token is renewed and ask is called once
// more.
func (s *Session) Use(ctx context.Context, ask func(token secret.Text) error) error {
	held, err := s.get(ctx, "")
	if err != nil {
		return err
	}
	if err := ask(secret.New(held.Token)); err == nil || !cause(err).refusesToken() {
		return err
	}
	if held, err = s.get(ctx, held.Fetch); err != nil {
		return err
	}
	return ask(secret.New(held.Token))
}

// Close waits for a renewal that is under way. The session goes on where it
// was stored.
func (s *Session) Close() { s.renewals().wait() }

func (s *Session) renewals() *flights[kept] {
	s.once.Do(func() { s.renewal.lingers = true })
	return &s.renewal
}

// get is a token of another fetch than the refused one.
func (s *Session) get(ctx context.Context, refused string) (kept, error) {
	for {
		held, err := s.load(ctx)
		if err != nil || s.usable(held, refused) {
			return held, err
		}
		held, err = s.renewals().join(ctx, func(ctx context.Context) (kept, error) { return s.renew(ctx, refused) })
		if err != nil && ctx.Err() != nil {
			return kept{}, fail(&Error{Endpoint: grantPath, Err: ctx.Err()})
		}
		// Who joined another's renewal may have got what they cannot use.
		if err != nil || held.Fetch != refused {
			return held, err
		}
	}
}

func (s *Session) usable(held kept, refused string) bool {
	return held.good(s.Client.now()) && (refused == "" || held.Fetch != refused)
}

// renew brings the slot up to date. Until the lock is held it ends with ctx;
// from then on it goes to its end, for the refresh token may be spent.
func (s *Session) renew(ctx context.Context, refused string) (renewed kept, err error) {
	err = s.locked(ctx, func(ctx context.Context) error {
		ctx = context.WithoutCancel(ctx)
		held, err := s.load(ctx)
		if err != nil {
			return err
		}
		if renewed, err = s.settle(ctx, held); err != nil || s.usable(renewed, refused) {
			return err
		}
		renewed, err = s.rotate(ctx, renewed)
		return err
	})
	return renewed, err
}

// settle stores what an earlier renewal could not, unless the slot has moved
// on meanwhile.
func (s *Session) settle(ctx context.Context, held kept) (kept, error) {
	s.mu.Lock()
	left := s.unsaved
	s.mu.Unlock()
	if left.to.Fetch == "" {
		return held, nil
	}
	if left.from == held.Fetch {
		if err := s.save(ctx, left.to); err != nil {
			return kept{}, err
		}
		held = left.to
	}
	s.leave(rotation{})
	return held, nil
}

// rotate spends the refresh token and stores the next one.
func (s *Session) rotate(ctx context.Context, held kept) (kept, error) {
	if held.Refresh == "" {
		return kept{}, login.Fail(login.NotSignedIn, errNoSession)
	}
	grant, err := s.Client.Refresh(ctx, secret.New(held.Refresh))
	if login.CodeOf(err) == login.CodeInvalid {
		// It is dead for good, and so is the session.
		return kept{}, errors.Join(err, s.keeper().Save(ctx, s.Slot, secret.Text{}))
	}
	if err != nil {
		return kept{}, err
	}
	next := s.keepable(grant)
	if next.Refresh == "" { // not rotated, against the documentation
		next.Refresh = held.Refresh
	}
	if next.CorpID == "" {
		next.CorpID = held.CorpID
	}
	if err := s.save(ctx, next); err != nil {
		s.leave(rotation{from: held.Fetch, to: next})
		return kept{}, err
	}
	return next, nil
}

func (s *Session) leave(unsaved rotation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = unsaved
}

// locked does something with the slot's lock held.
func (s *Session) locked(ctx context.Context, do func(context.Context) error) error {
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	unlock, err := s.keeper().Lock(wait, s.Slot)
	if err != nil {
		return keeping("lock session", err)
	}
	defer unlock()
	return do(ctx)
}

func (s *Session) load(ctx context.Context) (kept, error) {
	value, err := s.keeper().Load(ctx, s.Slot)
	if err != nil {
		return kept{}, keeping("load session", err)
	}
	return unseal(value), nil
}

func (s *Session) save(ctx context.Context, held kept) error {
	if err := s.keeper().Save(ctx, s.Slot, held.seal()); err != nil {
		return keeping("store session", err)
	}
	return nil
}

func (s *Session) keepable(grant Grant) kept {
	return kept{
		Token:   grant.AccessToken.Reveal(),
		Renew:   renewAt(s.Client.now(), grant.ExpiresIn),
		Fetch:   rand.Text(),
		Refresh: grant.RefreshToken.Reveal(),
		CorpID:  grant.CorpID,
	}
}

func (s *Session) keeper() Keeper {
	if s.Keeper == nil {
		return &s.own
	}
	return s.Keeper
}
