package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"
)

// session is one run: a client that waits for its redirect, and two people's
// codes.
type session struct {
	wait      time.Duration
	exchanges *exchanges
	answer    func(code string) url.Values
	client    *client
	browser   *browser
	target    *target

	genuine string // the person's code
	other   string // somebody else's
}

// try starts a client for the row and says how the row went. A run that could
// not be made is bad: nothing was shown.
func (p *plan) try(ctx context.Context, r row) verdict {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	v, err := p.run(ctx, r)
	if err != nil {
		return verdict{Word: "not tried: " + err.Error(), Bad: true}
	}
	return v
}

func (p *plan) run(ctx context.Context, r row) (verdict, error) {
	dir, err := os.MkdirTemp("", "probe-")
	if err != nil {
		return verdict{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a folder that stays harms nobody
	provider := p.newProvider()
	exchanges := newExchanges(provider)
	stage, err := serve(ctx, exchanges)
	if err != nil {
		return verdict{}, err
	}
	defer stage.close()

	app := provider.app()
	app.URL, app.Dir = stage.url, filepath.Join(dir, "client")
	if err := os.Mkdir(app.Dir, 0o700); err != nil {
		return verdict{}, err
	}
	command, err := app.fill(p.client)
	if err != nil {
		return verdict{}, err
	}
	env, err := app.fill(p.env)
	if err != nil {
		return verdict{}, err
	}
	client, err := startClient(ctx, command, env, dir)
	if err != nil {
		return verdict{}, err
	}
	defer client.close()

	s := &session{wait: p.wait, exchanges: exchanges, answer: provider.answer, client: client}
	if err := s.learn(ctx, provider, p.start); err != nil {
		return verdict{}, err
	}
	return r.try(ctx, s), nil
}

func (p *plan) newProvider() provider {
	if p.provider == "dingtalk" {
		return newDingtalk()
	}
	return new(oauth)
}

// fill puts the facts into the templates.
func (f facts) fill(texts []string) ([]string, error) {
	var filled []string
	for _, text := range texts {
		t, err := template.New("argument").Option("missingkey=error").Parse(text) //nolint:gosec // the caller's own arguments, with five strings to choose from
		if err != nil {
			return nil, err
		}
		var out strings.Builder
		if err := t.Execute(&out, f); err != nil {
			return nil, err
		}
		filled = append(filled, out.String())
	}
	return filled, nil
}

// learn waits for a URL of the client's that leads to the provider, and has
// two people confirm there.
func (s *session) learn(ctx context.Context, p provider, start string) error {
	authorize, err := s.find(ctx, start)
	if err != nil {
		return err
	}
	if s.target, err = targetOf(authorize); err != nil {
		return err
	}
	for _, code := range []*string{&s.genuine, &s.other} {
		if *code, err = p.mint(ctx, authorize); err != nil {
			return fmt.Errorf("play the provider: %w", err)
		}
	}
	return nil
}

func (s *session) find(ctx context.Context, start string) (*url.URL, error) {
	why := errors.New("the client printed and opened no URL")
	for {
		select {
		case u := <-s.client.urls:
			var err error
			if s.browser, err = newBrowser(); err != nil {
				return nil, err
			}
			authorize, err := s.browser.walk(ctx, u, start)
			if err == nil {
				return authorize, nil
			}
			why = fmt.Errorf("of the client's URLs, the last one tried: %w", err)
		case <-s.client.exited:
			return nil, fmt.Errorf("the client ended with exit code %d and the words «%s»; %w", s.client.code, s.client.said, why)
		case <-ctx.Done():
			return nil, why
		}
	}
}

// callback is the redirect with the code. state is as it is to be sent.
func (s *session) callback(code, state string) url.Values {
	query := s.answer(code)
	if state != "" {
		query.Set("state", state)
	}
	return query
}

// finish sends the genuine redirect and waits for the end of the sign-in.
func (s *session) finish(ctx context.Context) ending {
	s.target.send(ctx, request{query: s.callback(s.genuine, s.target.state)})
	return s.end(ctx)
}

// ending is what a sign-in ended with.
type ending struct {
	genuine, other int  // how often each code was exchanged
	exited         bool // the client has ended, with
	code           int
}

// settle is how long a client that has exchanged a code gets to end.
const settle = time.Second

// end waits until the client has ended, or an exchange has had its
// consequences, or nothing is to be waited for any more.
func (s *session) end(ctx context.Context) ending {
	over := time.NewTimer(s.wait)
	defer over.Stop()
	settled := time.NewTimer(s.wait)
	defer settled.Stop()
	for settling := false; ; {
		genuine, changed := s.exchanges.of(s.genuine)
		other, _ := s.exchanges.of(s.other)
		if !settling && genuine+other > 0 {
			settling = true
			settled.Reset(settle)
		}
		select {
		case <-s.client.exited:
			genuine, _ = s.exchanges.of(s.genuine)
			other, _ = s.exchanges.of(s.other)
			return ending{genuine, other, true, s.client.code}
		case <-settled.C:
			return ending{genuine, other, false, 0}
		case <-over.C:
			return ending{genuine, other, false, 0}
		case <-ctx.Done():
			return ending{genuine, other, false, 0}
		case <-changed:
		}
	}
}

// signedIn reports whether the person got in: by the genuine code, and the
// client is content or goes on.
func (e ending) signedIn() bool {
	return e.genuine > 0 && (!e.exited || e.code == 0)
}
