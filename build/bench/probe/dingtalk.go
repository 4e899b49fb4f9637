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
	"sync"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// dingtalk is the sandbox with a scripted phone.
type dingtalk struct {
	*sandbox.Sandbox

	mu   sync.Mutex // guards next
	next int        // index of the next person
}

var _ provider = (*dingtalk)(nil)

func newDingtalk() *dingtalk { return &dingtalk{Sandbox: sandbox.New(sandbox.Options{})} }

func (d *dingtalk) app() facts {
	app := d.App()
	return facts{ClientID: app.ClientID, ClientSecret: app.ClientSecret.Reveal(), CorpID: app.CorpID}
}

// answer has the code under both names, as DingTalk sends it.
func (d *dingtalk) answer(code string) url.Values {
	return url.Values{"authCode": {code}, "code": {code}}
}

// people are two employees: the sandbox lets everyone be anyone.
var people = []string{"zhang01", "li02"}

// The login page says in its attributes where the QR leads and where a program
// without JavaScript waits for the outcome.
var (
	scanAttribute     = regexp.MustCompile(`data-scan="[^"]*(/scan/[^"]+)"`)
	continueAttribute = regexp.MustCompile(`data-continue="([^"]+)"`)
)

// mint opens DingTalk's page as the window does, scans its QR as the phone
// does, confirms, and reads the code from the redirect in place of following
// it.
func (d *dingtalk) mint(ctx context.Context, authorize *url.URL) (string, error) {
	d.mu.Lock()
	person := people[d.next%len(people)]
	d.next++
	d.mu.Unlock()

	page, _, err := d.visit(ctx, http.MethodGet, fullPage(authorize), nil)
	if err != nil {
		return "", fmt.Errorf("open the login page: %w", err)
	}
	scan, follow := scanAttribute.FindStringSubmatch(page), continueAttribute.FindStringSubmatch(page)
	if scan == nil || follow == nil {
		return "", errors.New("the login page shows no QR")
	}
	answer := url.Values{"action": {"confirm"}, "userid": {person}}
	if _, _, err := d.visit(ctx, http.MethodPost, authorize.ResolveReference(&url.URL{Path: scan[1]}), answer); err != nil {
		return "", fmt.Errorf("confirm on the phone: %w", err)
	}
	_, location, err := d.visit(ctx, http.MethodGet, authorize.ResolveReference(&url.URL{Path: follow[1]}), nil)
	if err != nil {
		return "", fmt.Errorf("wait for the redirect: %w", err)
	}
	redirect, err := url.Parse(location)
	if err != nil || redirect.Query().Get("authCode") == "" {
		return "", errors.New("the redirect carries no code")
	}
	return redirect.Query().Get("authCode"), nil
}

// fullPage is the authorization URL without the wish to stand in a frame,
// which has no redirect that could be read.
func fullPage(authorize *url.URL) *url.URL {
	page := *authorize
	query := page.Query()
	query.Del("iframe")
	page.RawQuery = query.Encode()
	return &page
}

// visit asks the sandbox and follows nothing.
func (d *dingtalk) visit(ctx context.Context, method string, to *url.URL, form url.Values) (body, location string, err error) {
	if err := onlyLoopback(to); err != nil {
		return "", "", err
	}
	req, err := http.NewRequestWithContext(ctx, method, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return "", "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return "", "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= http.StatusBadRequest {
		return "", "", fmt.Errorf("status %d", resp.StatusCode)
	}
	return string(text), resp.Header.Get("Location"), err
}
