package stream

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

// keeper keeps one connection up: it opens links and replaces those that end.
type keeper struct {
	client   *Client
	web      *http.Client
	pace     pace
	delivery *delivery

	links sync.WaitGroup
	live  int // links that have not ended; under client.mu
}

// run returns after every link has ended: nil when ctx did, or an error that no
// other try would mend.
func (k *keeper) run(ctx context.Context) error {
	defer k.links.Wait()
	var current *link
	defer func() { current.leave() }()
	for failures := 0; ; {
		next, err := k.connect(ctx)
		switch {
		case err == nil:
			// Only now: until the new link is up, the old one is all there is.
			current.leave()
			current = next
			if k.attend(ctx, next, &failures) {
				continue
			}
		case ctx.Err() != nil:
			return nil
		case hopeless(err):
			k.client.note(func(s *Status) { s.Problem = login.CodeOf(err) })
			return err
		default:
			failures++
			k.trouble(ctx, err)
		}
		if !k.rest(ctx, failures, err) {
			return nil
		}
	}
}

// attend serves a link until it is to be replaced, counts that as a failure or
// as the end of a row of failures, and reports whether to go on at once.
func (k *keeper) attend(ctx context.Context, l *link, failures *int) (atOnce bool) {
	began := time.Now()
	k.up(ctx)
	k.links.Go(func() {
		l.serve()
		k.down(ctx, l)
	})
	inForm := false
	select {
	case <-ctx.Done():
		return false
	case <-l.replace:
		inForm = true
	case <-l.life.Done():
	}
	if time.Since(began) >= k.pace.healthy {
		*failures = 0
		if inForm {
			return true
		}
	}
	*failures++
	return false
}

// rest waits before the next try, as long as DingTalk wants after a refusal,
// and reports whether there is to be one.
func (k *keeper) rest(ctx context.Context, failures int, err error) bool {
	wait := k.pace.wait(failures)
	if said, ok := errors.AsType[*dingtalk.Error](err); ok {
		wait = max(wait, said.RetryAfter)
	}
	if ctx.Err() != nil {
		return false
	}
	k.client.note(func(s *Status) { s.Retry = k.client.now().Add(wait) })
	defer k.client.note(func(s *Status) { s.Retry = time.Time{} })
	return pause(ctx, wait)
}

func (k *keeper) trouble(ctx context.Context, err error) {
	code := login.CodeOf(err)
	k.client.note(func(s *Status) { s.Problem = code })
	k.client.log().LogAttrs(ctx, slog.LevelWarn, "stream not connected", slog.String("code", string(code)), slog.String("cause", err.Error()))
}

func (k *keeper) up(ctx context.Context) {
	k.client.note(func(s *Status) {
		if k.live++; k.live == 1 {
			s.Since = k.client.now()
		}
		s.Opened++
		s.Problem = ""
	})
	k.client.log().LogAttrs(ctx, slog.LevelInfo, "stream connected")
}

func (k *keeper) down(ctx context.Context, l *link) {
	why := l.why()
	k.client.note(func(s *Status) {
		if k.live--; k.live == 0 {
			s.Since = time.Time{}
		}
		s.Reason = why
	})
	k.client.log().LogAttrs(ctx, slog.LevelInfo, "stream disconnected", slog.String("cause", why))
}
