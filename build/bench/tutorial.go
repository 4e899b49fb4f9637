package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

// tutorial signs a person in as the documents do that most programs follow:
// exchange, me, app token, user id, record; one after the other, each on a new
// connection, the token fetched anew. It returns what that takes once the code
// is there.
func tutorial(ctx context.Context, w *wire, userID string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, signInWithin)
	defer cancel()
	app := w.App()
	asks := dingtalk.Client{ClientID: app.ClientID, CorpID: app.CorpID, LoginURL: w.URL()}
	page := asks.AuthorizeURL(login.AuthorizeRequest{State: "bench", RedirectURI: "http://127.0.0.1/callback"})
	redirect, err := newPhone().confirm(ctx, page, userID)
	if err != nil {
		return 0, err
	}
	t := &tutor{wire: w, client: &http.Client{Transport: w.freshConnections()}}
	began := time.Now()
	got := t.signIn(ctx, redirect.Query().Get("authCode"))
	took := time.Since(began)
	if t.err == nil && got != userID {
		return 0, errors.New("the record is somebody else's")
	}
	return took, t.err
}

// freshConnections is the same transport without any memory: no connection and
// no TLS session is kept.
func (w *wire) freshConnections() *http.Transport {
	t := w.transport()
	t.DisableKeepAlives = true
	t.TLSClientConfig.ClientSessionCache = nil
	return t
}

// tutor makes calls until one fails.
type tutor struct {
	wire   *wire
	client *http.Client
	err    error
}

func (t *tutor) signIn(ctx context.Context, code string) (userID string) {
	app := t.wire.App()
	var grant, token struct {
		AccessToken string `json:"accessToken"`
	}
	var me struct {
		UnionID string `json:"unionId"`
	}
	var member, record struct {
		Result struct {
			UserID string `json:"userid"`
		} `json:"result"`
	}
	t.call(ctx, t.wire.apiURL()+"/v1.0/oauth2/userAccessToken", "", map[string]string{
		"clientId": app.ClientID, "clientSecret": app.ClientSecret.Reveal(), "code": code, "grantType": "authorization_code",
	}, &grant)
	t.call(ctx, t.wire.apiURL()+"/v1.0/contact/users/me", grant.AccessToken, nil, &me)
	t.call(ctx, t.wire.apiURL()+"/v1.0/oauth2/accessToken", "", map[string]string{
		"appKey": app.ClientID, "appSecret": app.ClientSecret.Reveal(),
	}, &token)
	query := "?" + url.Values{"access_token": {token.AccessToken}}.Encode()
	t.call(ctx, t.wire.oapiURL()+"/topapi/user/getbyunionid"+query, "", map[string]string{"unionid": me.UnionID}, &member)
	t.call(ctx, t.wire.oapiURL()+"/topapi/v2/user/get"+query, "", map[string]string{"userid": member.Result.UserID}, &record)
	return record.Result.UserID
}

// call posts a body, or gets where there is none.
func (t *tutor) call(ctx context.Context, to, token string, body map[string]string, out any) {
	if t.err != nil {
		return
	}
	method, encoded := http.MethodGet, []byte(nil)
	if body != nil {
		method = http.MethodPost
		encoded, _ = json.Marshal(body) // a map of strings can always be encoded
	}
	req, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(encoded))
	if err != nil {
		t.err = err
		return
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("x-acs-dingtalk-access-token", token)
	}
	resp, err := t.client.Do(req)
	if err != nil {
		t.err = err
		return
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		t.err = fmt.Errorf("read %s: %w", req.URL.Path, err)
	}
	t.err = errors.Join(t.err, drain(resp))
}

// drain reads what is left of an answer, so that its connection can be used
// again.
func drain(resp *http.Response) error {
	_, err := io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}
