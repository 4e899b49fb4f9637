package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/build/official/phone"
)

// company is a sandbox in a process of its own, and one of its people.
type company struct {
	url   string
	phone phone.Phone
	stop  func()
}

func openCompany(ctx context.Context, bin string) (*company, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "dingpass"), "sandbox") //nolint:gosec // our own program
	cmd.Env = []string{}                                                       // none of the caller's settings
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	c := &company{stop: func() {
		cancel()
		_ = cmd.Wait() // it was killed
	}}
	var listening struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(out).Decode(&listening); err != nil {
		c.close()
		return nil, err
	}
	c.url = listening.URL
	c.phone = phone.Phone{URL: c.url, HTTP: phone.NewClient(nil)}
	return c, nil
}

func (c *company) close() { c.stop() }

// codes has a person scan and confirm, n times.
func (c *company) codes(ctx context.Context, n int) ([]string, error) {
	var codes []string
	for range n {
		code, err := c.code(ctx)
		if err != nil {
			return nil, err
		}
		codes = append(codes, code)
	}
	return codes, nil
}

// userToken signs a person in. The client is one of ours that is not measured.
func (c *company) userToken(ctx context.Context) (string, error) {
	code, err := c.code(ctx)
	if err != nil {
		return "", err
	}
	transport := dingtalk.NewTransport()
	defer transport.CloseIdleConnections()
	client := &dingtalk.Client{
		ClientID: sandbox.DefaultClientID, ClientSecret: secret.New(sandbox.DefaultClientSecret),
		APIURL: c.url, HTTP: &http.Client{Transport: transport},
	}
	grant, err := client.ExchangeCode(ctx, secret.New(code))
	return grant.AccessToken.Reveal(), err
}

func (c *company) code(ctx context.Context) (string, error) {
	return c.phone.Code(ctx, sandbox.DefaultClientID, "zhang01")
}

// keptConnections makes sure that both clients kept theirs: else the comparison
// would be one of handshakes. The last calls were all of one kind.
func (c *company) keptConnections(ctx context.Context) error {
	body, _, err := c.phone.Visit(ctx, http.MethodGet, "/_control/state", nil)
	if err != nil {
		return err
	}
	var state struct {
		Requests []sandbox.Request `json:"requests"`
	}
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		return err
	}
	var remotes []string
	for _, request := range state.Requests {
		if request.Endpoint == "/v1.0/contact/users/{unionId}" && !slices.Contains(remotes, request.Remote) {
			remotes = append(remotes, request.Remote)
		}
	}
	if len(remotes) != 2 {
		return fmt.Errorf("the calls came over %d connections, want one for each client", len(remotes))
	}
	return nil
}
