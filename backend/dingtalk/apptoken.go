package dingtalk

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// appToken caches the app's own token. Many callers who need it at once make
// one call, and none of them fails because another went away.
type appToken struct {
	mu      sync.Mutex
	token   secret.Text // guarded by mu, as is all below
	renew   time.Time   // when to get another
	fetch   string      // names the fetch that the token came from
	refused string      // the fetch whose token DingTalk refused last

	fetching flights[secret.Text]
}

// AppToken is the app's own token: the cached one while it is good for more
// than five minutes, else the Keeper's, else a new one. A Keeper that fails
// costs a call and nothing else.
func (c *Client) AppToken(ctx context.Context) (secret.Text, error) {
	if token, ok := c.app.cached(c.now()); ok {
		return token, nil
	}
	token, err := c.app.fetching.join(ctx, c.obtainAppToken)
	if err != nil && ctx.Err() != nil {
		return secret.Text{}, fail(&Error{Endpoint: c.tokenCall(secret.Text{}).path, Err: ctx.Err()})
	}
	return token, err
}

// cached is the token in memory, while it is good.
func (a *appToken) cached(now time.Time) (secret.Text, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.token, !a.token.Empty() && now.Before(a.renew)
}

// keep caches what a fetch brought.
func (a *appToken) keep(got kept) secret.Text {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.token, a.renew, a.fetch = secret.New(got.Token), got.Renew, got.Fetch
	return a.token
}

// drop forgets the token that was refused, unless another caller has replaced
// it already. It compares fetches, not contents (see secret.Text): DingTalk may
// well hand out the same token again, and a herd that was refused together
// must not fetch it once for each.
func (a *appToken) drop(refused secret.Text) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == refused {
		a.token, a.refused = secret.Text{}, a.fetch
	}
}

// takes reports whether a Keeper's token is of use: it is good, and no token of
// that fetch was refused.
func (a *appToken) takes(held kept, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return held.good(now) && held.Fetch != "" && held.Fetch != a.refused
}

// obtainAppToken finds the token or fetches it. With a Keeper it does so under
// the slot's lock, so that of several processes one asks DingTalk, and the
// others find what it got.
func (c *Client) obtainAppToken(ctx context.Context) (secret.Text, error) {
	if token, ok := c.app.cached(c.now()); ok {
		return token, nil // fetched between our look and this
	}
	if c.Keeper == nil {
		got, err := c.fetchAppToken(ctx)
		return c.hold(got, err)
	}
	if held, ok := c.sharedAppToken(ctx); ok {
		return c.app.keep(held), nil
	}
	wait, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	unlock, err := c.Keeper.Lock(wait, c.appSlot())
	if err != nil {
		c.warn(ctx, "lock app token", err)
		got, err := c.fetchAppToken(ctx)
		return c.hold(got, err)
	}
	defer unlock()
	if held, ok := c.sharedAppToken(ctx); ok {
		return c.app.keep(held), nil
	}
	got, err := c.fetchAppToken(ctx)
	if err == nil {
		if err := c.Keeper.Save(ctx, c.appSlot(), got.seal()); err != nil {
			c.warn(ctx, "store app token", err)
		}
	}
	return c.hold(got, err)
}

func (c *Client) hold(got kept, err error) (secret.Text, error) {
	if err != nil {
		return secret.Text{}, err
	}
	return c.app.keep(got), nil
}

// sharedAppToken is the Keeper's token, if it is of use.
func (c *Client) sharedAppToken(ctx context.Context) (kept, bool) {
	value, err := c.Keeper.Load(ctx, c.appSlot())
	if err != nil {
		c.warn(ctx, "load app token", err)
		return kept{}, false
	}
	held := unseal(value)
	return held, c.app.takes(held, c.now())
}

// appSlot is the Keeper's slot: one for each app and host, so that a token of a
// stand-in's never reaches DingTalk or the other way round. A suite has a token
// for each company.
func (c *Client) appSlot() string {
	slot := "app token " + c.ClientID + " " + c.address(c.tokenHost(), "")
	if c.forSuite() {
		slot += " " + c.CorpID
	}
	return slot
}

func (c *Client) warn(ctx context.Context, doing string, err error) {
	c.log().LogAttrs(ctx, slog.LevelWarn, "keep tokens", slog.String("doing", doing), slog.String("error", err.Error()))
}

// fetchAppToken asks for the token.
func (c *Client) fetchAppToken(ctx context.Context) (kept, error) {
	fetch, err := c.tokenRequest(ctx)
	if err != nil {
		return kept{}, err
	}
	asked := c.now() // the token is at least that young
	var got tokenAnswer
	if err := c.read(ctx, fetch, &got); err != nil {
		return kept{}, err
	}
	return got.kept(fetch, asked)
}

// asApp makes a read with the app token. A token that DingTalk refuses is
// dropped and fetched once more.
func (c *Client) asApp(ctx context.Context, call call, out any) error {
	return c.withAppToken(ctx, func(token secret.Text) error {
		call.token = token
		return c.read(ctx, call, out)
	})
}

// asAppOnce is asApp for a call that spends something. It is made again only
// for a token that was refused, because then DingTalk has looked no further.
func (c *Client) asAppOnce(ctx context.Context, call call, out any) error {
	return c.withAppToken(ctx, func(token secret.Text) error {
		call.token = token
		return c.do(ctx, call, out)
	})
}

func (c *Client) withAppToken(ctx context.Context, ask func(secret.Text) error) error {
	for again := false; ; again = true {
		token, err := c.AppToken(ctx)
		if err != nil {
			return err
		}
		err = ask(token)
		if err == nil || again || !cause(err).refusesToken() {
			return err
		}
		c.app.drop(token)
	}
}

// tokenAnswer is the answer of all token calls.
type tokenAnswer struct {
	AccessToken text `json:"accessToken"`
	Snake       text `json:"access_token"`
	lifetime
}

func (got tokenAnswer) kept(fetch call, asked time.Time) (kept, error) {
	token := cmp.Or(string(got.AccessToken), string(got.Snake))
	if token == "" {
		return kept{}, fetch.wrong(errMissing)
	}
	return kept{Token: token, Renew: renewAt(asked, got.duration()), Fetch: rand.Text()}, nil
}
