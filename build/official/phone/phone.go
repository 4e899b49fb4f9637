// Package phone is a person with a phone before the sandbox's sign-in page, for
// the tests and the bench of this module. No client by DingTalk does this part:
// it is a browser's.
package phone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Phone speaks to the sandbox at a base URL.
type Phone struct {
	URL  string
	HTTP *http.Client // must not follow redirects; see NewClient
}

// NewClient is a client that follows nothing.
func NewClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// The page says in its attributes where the QR leads, and where a program
// without JavaScript waits for the outcome.
var (
	scanAttribute     = regexp.MustCompile(`data-scan="[^"]*(/scan/[^"]+)"`)
	continueAttribute = regexp.MustCompile(`data-continue="([^"]+)"`)
)

// Code opens the sign-in page of an app, scans its QR, confirms as a person,
// and returns the one-time code of the redirect.
func (p Phone) Code(ctx context.Context, clientID, userID string) (string, error) {
	query := url.Values{
		"client_id": {clientID}, "redirect_uri": {"http://127.0.0.1/callback"}, "response_type": {"code"},
		"scope": {"openid corpid"}, "prompt": {"consent"}, "state": {"s"},
	}
	page, _, err := p.Visit(ctx, http.MethodGet, "/oauth2/auth?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	scan, follow := scanAttribute.FindStringSubmatch(page), continueAttribute.FindStringSubmatch(page)
	if scan == nil || follow == nil {
		return "", errors.New("the sign-in page shows no QR")
	}
	if _, _, err := p.Visit(ctx, http.MethodPost, scan[1], url.Values{"action": {"confirm"}, "userid": {userID}}); err != nil {
		return "", err
	}
	_, location, err := p.Visit(ctx, http.MethodGet, follow[1], nil)
	if err != nil {
		return "", err
	}
	redirect, err := url.Parse(location)
	if err != nil || redirect.Query().Get("authCode") == "" {
		return "", errors.New("the redirect has no code")
	}
	return redirect.Query().Get("authCode"), nil
}

// Visit makes one request, with a form if there is one, and reads the answer to
// its end. A status of 400 or more is an error.
func (p Phone) Visit(ctx context.Context, method, path string, form url.Values) (body, location string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, p.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := p.HTTP.Do(req)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: status %d", method, req.URL.Path, resp.StatusCode)
	}
	return string(text), resp.Header.Get("Location"), err
}
