package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
)

// maxHops is how many redirects lead from the client's first page to the
// provider; browsers give up after twenty.
const maxHops = 20

// browser is a browser without a screen: it keeps cookies and goes where it is
// sent, on loopback addresses.
type browser struct {
	client *http.Client
}

func newBrowser() (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{&http.Client{
		Jar:     jar,
		Timeout: answerWithin,
		// Each hop is looked at before it is taken.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// errNoWay says that a URL of the client's leads to no provider.
var errNoWay = errors.New("it leads to no authorization URL")

// walk goes from the URL to the authorization URL, which it does not open.
// Where the redirects end at a page, it goes on from start on the same origin,
// once.
func (b *browser) walk(ctx context.Context, at *url.URL, start string) (*url.URL, error) {
	for range maxHops {
		if isAuthorize(at) {
			return at, nil
		}
		r, err := b.open(ctx, at)
		if err != nil {
			return nil, err
		}
		next := r.header.Get("Location")
		if next == "" {
			next, start = start, ""
		}
		if next == "" {
			return nil, errNoWay
		}
		if at, err = at.Parse(next); err != nil {
			return nil, fmt.Errorf("a redirect to no URL: %w", err)
		}
	}
	return nil, errNoWay
}

// last follows the redirects on the same origin and returns the last answer
// that there was.
func (b *browser) last(ctx context.Context, at *url.URL) reply {
	var last reply
	for hop := range maxHops {
		r, err := b.open(ctx, at)
		if err != nil {
			if hop == 0 {
				return reply{err: err}
			}
			return last // the listener has done its work and is gone
		}
		last = r
		next, err := at.Parse(r.header.Get("Location"))
		if r.header.Get("Location") == "" || err != nil || next.Host != at.Host {
			return last
		}
		at = next
	}
	return last
}

// open asks for one page.
func (b *browser) open(ctx context.Context, at *url.URL) (reply, error) {
	if err := onlyLoopback(at); err != nil {
		return reply{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil) //nolint:gosec // a loopback address, see above
	if err != nil {
		return reply{}, err
	}
	resp, err := b.client.Do(req) //nolint:gosec // the same
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return reply{status: resp.StatusCode, header: resp.Header, body: string(body)}, err
}
