package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// phone is a person with a phone before the sandbox's full page.
type phone struct{ client *http.Client }

func newPhone() phone { return phone{&http.Client{Timeout: 10 * time.Second, CheckRedirect: stay}} }

// stay keeps a client from following redirects.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// The page says in its attributes where the QR leads, and where a program
// without JavaScript waits for the outcome.
var (
	scanAttribute     = regexp.MustCompile(`data-scan="[^"]*(/scan/[^"]+)"`)
	continueAttribute = regexp.MustCompile(`data-continue="([^"]+)"`)
)

// confirm opens DingTalk's page, scans its QR, confirms as a person, and
// returns the redirect that the page would go to.
func (p phone) confirm(ctx context.Context, authorize, userID string) (*url.URL, error) {
	at, err := url.Parse(authorize)
	if err != nil {
		return nil, err
	}
	page, _, err := send(ctx, p.client, http.MethodGet, authorize, nil)
	if err != nil {
		return nil, fmt.Errorf("open the login page: %w", err)
	}
	scan, follow := scanAttribute.FindStringSubmatch(page), continueAttribute.FindStringSubmatch(page)
	if scan == nil || follow == nil {
		return nil, errors.New("the login page shows no QR")
	}
	form := url.Values{"action": {"confirm"}, "userid": {userID}}
	if _, _, err := send(ctx, p.client, http.MethodPost, at.ResolveReference(&url.URL{Path: scan[1]}).String(), form); err != nil {
		return nil, fmt.Errorf("confirm: %w", err)
	}
	_, location, err := send(ctx, p.client, http.MethodGet, at.ResolveReference(&url.URL{Path: follow[1]}).String(), nil)
	if err != nil {
		return nil, fmt.Errorf("wait for the redirect: %w", err)
	}
	return url.Parse(location)
}

// send makes one request, with a form if there is one, and reads the answer.
func send(ctx context.Context, client *http.Client, method, to string, form url.Values) (body, location string, err error) {
	req, err := http.NewRequestWithContext(ctx, method, to, strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return read(client, req)
}

// read sends a request and reads the answer to its end, so that its connection
// can be used again.
func read(client *http.Client, req *http.Request) (body, location string, err error) {
	resp, err := client.Do(req)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = resp.Body.Close() }() // was read
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: status %d", req.Method, req.URL.Path, resp.StatusCode)
	}
	return string(text), resp.Header.Get("Location"), err
}
