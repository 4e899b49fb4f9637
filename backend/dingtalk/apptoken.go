package dingtalk

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// renewEarly is how long before its end an app token is renewed. Asked for
// within its life, DingTalk gives the same token again and extends it.
const renewEarly = 5 * time.Minute

// appToken caches the app's own token, in memory. Many callers who need it at
// once make one call, and none of them fails because another went away.
type appToken struct {
	mu     sync.Mutex
	token  secret.Text // guarded by mu, as is all below
	until  time.Time   // when to renew it
	flight *flight     // the fetch that is under way, or nil
}

// flight is one fetch. Its result is readable once done is closed.
type flight struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int // guarded by appToken.mu; the last one to leave cancels

	token secret.Text
	err   error
}

// AppToken is the app's own token: the cached one while it is good for more
// than five minutes, else a new one.
func (c *Client) AppToken(ctx context.Context) (secret.Text, error) {
	c.app.mu.Lock()
	if c.app.fresh(c.now()) {
		defer c.app.mu.Unlock()
		return c.app.token, nil
	}
	f := c.app.flight
	if f == nil {
		f = c.takeOff(ctx)
	}
	f.waiting++
	c.app.mu.Unlock()

	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		c.app.leave(f)
		return secret.Text{}, fail(&Error{Endpoint: c.tokenCall().path, Err: ctx.Err()})
	}
}

// takeOff starts a fetch that no single caller can cancel. It is called with
// the lock held.
func (c *Client) takeOff(ctx context.Context) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{done: make(chan struct{}), cancel: cancel}
	c.app.flight = f
	go func() {
		defer cancel()
		f.token, f.err = c.fetchAppToken(ctx)
		c.app.land(f)
	}()
	return f
}

// land ends a fetch that is still wanted.
func (a *appToken) land(f *flight) {
	a.mu.Lock()
	if a.flight == f {
		a.flight = nil
	}
	a.mu.Unlock()
	close(f.done)
}

// leave gives up waiting. The last one to leave ends the fetch and waits for
// its goroutine.
func (a *appToken) leave(f *flight) {
	a.mu.Lock()
	f.waiting--
	last := f.waiting == 0
	if last && a.flight == f {
		a.flight = nil
	}
	a.mu.Unlock()
	if last {
		f.cancel()
		<-f.done
	}
}

// ready reports whether a cached token is good for a while.
func (a *appToken) ready(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fresh(now)
}

// fresh is ready with the lock held.
func (a *appToken) fresh(now time.Time) bool { return !a.token.Empty() && now.Before(a.until) }

// keep caches a token until shortly before its end; a short-lived one for half
// its life.
func (a *appToken) keep(token secret.Text, now time.Time, life time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.token, a.until = token, now.Add(life-min(renewEarly, life/2))
}

// drop forgets the token that was refused, unless another caller has replaced
// it already. It compares fetches, not contents (see secret.Text): DingTalk may
// well hand out the same token again, and a herd that was refused together
// must not fetch it once for each.
func (a *appToken) drop(refused secret.Text) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == refused {
		a.token = secret.Text{}
	}
}

// fetchAppToken asks for the token and caches it.
//
// There is no falling back to the older /gettoken: it gives the same kind of
// token, but takes the secret in the URL, where proxies log it; and where this
// call is refused, for a wrong secret or a missing address, so would be that
// one, with a second error to explain.
func (c *Client) fetchAppToken(ctx context.Context) (secret.Text, error) {
	fetch := c.tokenCall()
	var got tokenAnswer
	asked := c.now() // the token is at least that young
	if err := c.read(ctx, fetch, &got); err != nil {
		return secret.Text{}, err
	}
	if got.AccessToken == "" {
		return secret.Text{}, fetch.wrong(errMissing)
	}
	token := secret.New(string(got.AccessToken))
	c.app.keep(token, asked, got.duration())
	return token, nil
}

func (c *Client) tokenCall() call {
	return call{
		api:    newer,
		method: http.MethodPost,
		path:   "/v1.0/oauth2/accessToken",
		body:   map[string]string{"appKey": c.ClientID, "appSecret": c.ClientSecret.Reveal()},
	}
}

type tokenAnswer struct {
	AccessToken text `json:"accessToken"`
	lifetime
}

// asApp makes a read with the app token. A token that DingTalk refuses is
// dropped and fetched once more.
func (c *Client) asApp(ctx context.Context, call call, out any) error {
	for again := false; ; again = true {
		token, err := c.AppToken(ctx)
		if err != nil {
			return err
		}
		call.token = token
		err = c.read(ctx, call, out)
		if err == nil || again || !cause(err).refusesToken() {
			return err
		}
		c.app.drop(token)
	}
}
