package command

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/clock"
	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/loopback"
	"github.com/dingpass/dingpass/backend/network"
	"github.com/dingpass/dingpass/backend/words"
)

// core is everything of a running sign-in but its window: database, DingTalk
// client, listener, service and server.
type core struct {
	settings config.Settings
	policy   identity.Policy
	store    *database
	clock    *clock.Clock
	network  *network.Monitor
	gate     *gate
	service  *login.Service
	server   *loopback.Server
	log      *slog.Logger

	contact   context.Context // ends when DingTalk has told the time
	contacted context.CancelFunc

	stop    context.CancelFunc
	serving sync.WaitGroup
}

// coreOptions are what the commands differ in.
type coreOptions struct {
	demo     bool
	canRetry bool
	lifetime time.Duration // of a QR; 0 = login.DefaultLifetime
	until    time.Time     // no QR waits longer; zero = no such moment
}

// startCore opens and starts it all. The listener comes first: a taken port is
// an error before any QR is shown. Whoever started it calls close.
func (p *Program) startCore(ctx context.Context, settings config.Settings, opts coreOptions) (_ *core, err error) {
	defer func() {
		if err != nil && ctx.Err() != nil { // what a signal stopped is not what is wrong
			err = login.Fail(login.Cancelled, err)
		}
	}()
	c := &core{settings: settings, policy: policyOf(settings), log: p.log()}
	c.contact, c.contacted = context.WithCancel(context.Background())
	address, err := loopback.Listen(ctx, redirectsOf(settings))
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(p.Assets, "index.html"); err != nil {
		address.Close()
		return nil, usage("the interface is not built into this program; «make build» builds both")
	}
	if err := c.assemble(ctx, p, address, opts); err != nil {
		address.Close()
		return nil, errors.Join(err, c.closeParts())
	}
	serve, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop = stop
	c.serving.Go(func() {
		if err := c.server.Serve(serve); err != nil {
			c.log.Error("listener ended", "error", err)
		}
	})
	c.serving.Go(func() { c.clock.Run(serve) })
	c.serving.Go(func() { c.network.Run(serve) })
	c.serving.Go(func() { c.rememberNetwork(serve) })
	c.serving.Go(func() { c.keepRetention(serve) })
	c.serving.Go(func() { c.lookAgain(serve) })
	return c, nil
}

// assemble makes the parts that stand on the address.
func (c *core) assemble(ctx context.Context, p *Program, address *loopback.Address, opts coreOptions) (err error) {
	if c.store, err = p.openToWrite(ctx, c.settings); err != nil {
		return err
	}
	if locked := c.store.Locked(); locked != nil {
		p.say("%s", words.For(c.settings.Language, locked))
	}
	c.clock = c.store.clock
	client := clientOf(c.settings, c.log)
	client.Keeper = sharedTokens{c.store.Tokens(), c.store.Locked}
	c.network = c.watchNetwork(client)
	c.gate = newGate(c.store, c.policy, c.network)
	c.gate.noteTime(ctx)
	c.store.glance(ctx) // first: the service reads who is signed in
	c.service, err = login.New(ctx, login.Options{
		Provider:      providerOf(c.settings, client),
		Store:         c.store,
		RedirectURI:   address.RedirectURI(),
		Embed:         embedOf(c.settings),
		Lifetime:      opts.lifetime,
		Until:         opts.until,
		ConfirmWithin: max(login.DefaultConfirmWithin, p.patience),
		Refresh:       refreshOf(c.settings, opts),
		Offline:       c.gate,
		Network:       c.network,
		Clock:         c.clock.Now,
		Log:           c.log,
	})
	if err != nil {
		return err
	}
	c.server, err = loopback.New(address, loopback.Options{
		Service: c.service, Assets: p.Assets,
		ProviderOrigin: originOf(c.settings.LoginURL),
		Policy:         c.policy,
		Language:       c.settings.Language,
		Demo:           opts.demo,
		CanRetry:       opts.canRetry,
		Offline:        c.service,
		Locked:         c.store.Locked,
		Unwritten:      c.store.Unwritten,
		Network:        c.network,
		Clock:          c.clock.Now,
		Log:            c.log,
	})
	return err
}

// close ends everything, in the opposite order of its start. What the database
// acknowledged is on disk, so that a failure to close it is nobody's result.
func (c *core) close() {
	c.stop()
	c.serving.Wait()
	if err := c.closeParts(); err != nil {
		c.log.Warn("close", "error", err)
	}
}

func (c *core) closeParts() error {
	if c.service != nil {
		c.service.Close()
	}
	if c.store != nil {
		return c.store.Close()
	}
	return nil
}

// providerOf is DingTalk in the way that the settings name.
func providerOf(settings config.Settings, client *dingtalk.Client) login.Provider {
	if settings.Method == config.SNS {
		return &dingtalk.SNS{Client: client}
	}
	return client
}

func clientOf(settings config.Settings, log *slog.Logger) *dingtalk.Client {
	return &dingtalk.Client{
		ClientID: settings.ClientID, ClientSecret: settings.ClientSecret, CorpID: settings.CorpID,
		LoginURL: settings.LoginURL, APIURL: settings.APIURL, OAPIURL: settings.OAPIURL,
		Page: dingtalk.SignInPage{Challenge: settings.LoginPage == config.ChallengePage},
		Log:  log,
	}
}

// embedOf is how DingTalk is shown. The older scan has no QR for a frame.
func embedOf(settings config.Settings) login.Embed {
	if settings.Method == config.SNS && settings.Embed == login.Auto {
		return login.Page
	}
	return settings.Embed
}

// insteadOfPage is how DingTalk is shown where its page kills the web view.
func insteadOfPage(settings config.Settings) login.Embed {
	if settings.Method == config.SNS {
		return login.Browser
	}
	return login.Frame
}

func redirectsOf(settings config.Settings) []loopback.Redirect {
	var redirects []loopback.Redirect
	for _, r := range settings.Redirects {
		redirects = append(redirects, loopback.Redirect{Host: r.Host, Port: r.Port, Path: r.Path})
	}
	return redirects
}

func policyOf(settings config.Settings) identity.Policy {
	return identity.Policy{
		Offline: settings.OfflineAllowed, For: settings.OfflineFor,
		Uses: settings.OfflineUses, DeviceUses: settings.DeviceUses,
		Refresh: settings.RefreshEvery, Retain: settings.RetainFor,
	}
}

// refreshOf is how often DingTalk is asked again about who is signed in. A
// command that is over after one sign-in asks at that, and nothing else.
func refreshOf(settings config.Settings, opts coreOptions) time.Duration {
	if !opts.canRetry {
		return 0
	}
	return settings.RefreshEvery
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "" // config has refused it before
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

// log writes warnings and worse to standard error, or everything where
// DINGPASS_LOG says so.
func (p *Program) log() *slog.Logger {
	level := slog.LevelWarn
	if value, ok := p.Getenv("DINGPASS_LOG"); ok {
		_ = level.UnmarshalText([]byte(value)) // a level that is none leaves the default
	}
	return slog.New(slog.NewTextHandler(p.Stderr, &slog.HandlerOptions{Level: level}))
}
