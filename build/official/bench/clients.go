package main

import (
	"context"
	"net/http"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	contact "github.com/alibabacloud-go/dingtalk/contact_1_0"
	oauth "github.com/alibabacloud-go/dingtalk/oauth2_1_0"
	util "github.com/alibabacloud-go/tea-utils/v2/service"
	"github.com/alibabacloud-go/tea/tea"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

// product is the product's client.
type product struct {
	url  string
	http *http.Client
}

func newProduct(c *company) *product {
	return &product{c.url, &http.Client{Transport: dingtalk.NewTransport()}}
}

// client is a new one each time: see the package comment.
func (p *product) client() *dingtalk.Client {
	return &dingtalk.Client{
		ClientID: sandbox.DefaultClientID, ClientSecret: secret.New(sandbox.DefaultClientSecret), APIURL: p.url, HTTP: p.http,
	}
}

func (p *product) appToken(ctx context.Context) error {
	_, err := p.client().AppToken(ctx)
	return err
}

func (p *product) exchange(ctx context.Context, code string) error {
	_, err := p.client().ExchangeCode(ctx, secret.New(code))
	return err
}

func (p *product) me(ctx context.Context, token string) error {
	_, err := p.client().Me(ctx, secret.New(token))
	return err
}

// sdk is the official SDK, which has a client for each part of the API and
// takes no context. Its clients share their connections.
type sdk struct {
	oauth   *oauth.Client
	contact *contact.Client
}

func newSDK(c *company) (*sdk, error) {
	host := strings.TrimPrefix(c.url, "http://")
	config := func() *openapi.Config {
		return &openapi.Config{Protocol: tea.String("http"), Endpoint: tea.String(host), NoProxy: tea.String(host)}
	}
	tokens, err := oauth.NewClient(config())
	if err != nil {
		return nil, err
	}
	people, err := contact.NewClient(config())
	return &sdk{tokens, people}, err
}

func (s *sdk) appToken(context.Context) error {
	_, err := s.oauth.GetAccessToken(&oauth.GetAccessTokenRequest{
		AppKey: tea.String(sandbox.DefaultClientID), AppSecret: tea.String(sandbox.DefaultClientSecret),
	})
	return err
}

func (s *sdk) exchange(_ context.Context, code string) error {
	_, err := s.oauth.GetUserToken(&oauth.GetUserTokenRequest{
		ClientId: tea.String(sandbox.DefaultClientID), ClientSecret: tea.String(sandbox.DefaultClientSecret),
		GrantType: tea.String("authorization_code"), Code: tea.String(code),
	})
	return err
}

func (s *sdk) me(_ context.Context, token string) error {
	_, err := s.contact.GetUserWithOptions(tea.String("me"),
		&contact.GetUserHeaders{XAcsDingtalkAccessToken: tea.String(token)}, &util.RuntimeOptions{})
	return err
}
