package dingtalk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

func mustParse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// clean fails the test if something secret stands in what others may read.
func clean(t *testing.T, where, text string) {
	t.Helper()
	for _, canary := range []string{appSecret, oneTimeCode, userToken, refreshToken, appToken, mobile, "canary"} {
		if strings.Contains(text, canary) {
			t.Errorf("%s holds %q: %s", where, canary, text)
		}
	}
}

// echo repeats the whole request wherever a server can put text.
func echo(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		all := fmt.Sprintf("%s %s %s", r.URL, body, r.Header.Get("x-acs-dingtalk-access-token"))
		w.Header().Set("Location", "http://%zz/"+url.PathEscape(all))
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"errcode":%q,"sub_code":%q,"code":%q,"message":%q,"errmsg":%q,"requestid":%q,"accessdenieddetail":{"requiredScopes":[%q]}}`,
			all, all, all, all, all, all, all)
	}
}

func TestNoSecretIsInAnyErrorOrLog(t *testing.T) {
	t.Parallel()
	everywhere := func(answer http.HandlerFunc) map[string]http.HandlerFunc {
		script := map[string]http.HandlerFunc{}
		for _, path := range []string{
			exchangePath, mePath, tokenPath, memberPath, userPath, "/gettoken", oldMemberPath, oldUserPath, visitorPath, oldVisitorPath,
			scanPath, scanTokenPath, persistentPath, snsTokenPath, scanInfoPath, "/topapi/v2/department/get", "/department/get",
			ssoTokenPath, ssoUserPath, suitePath, signedPath, deviceCodePath, searchUsersPath, signOutPath, "/topapi/v2/user/getbymobile", "/topapi/user/count", "/user/get_org_user_count",
		} {
			script[path] = answer
		}
		return script
	}
	withToken := func(answer http.HandlerFunc) map[string]http.HandlerFunc {
		script := everywhere(answer)
		script[tokenPath] = says(200, goodToken)
		return script
	}
	for name, script := range map[string]map[string]http.HandlerFunc{
		"all is well":          nil,
		"echo with 200":        withToken(echo(200)),
		"echo with 302":        withToken(echo(302)),
		"echo with 403":        everywhere(echo(403)),
		"echo with 500":        withToken(echo(500)),
		"drop":                 withToken(drops),
		"HTML":                 withToken(says(200, "<html>"+appToken)),
		"types that clash":     withToken(says(200, `{"errcode":0,"result":"`+mobile+`","accessToken":`+mobile+`}`)),
		"refused token":        withToken(oldError(40014)),
		"no permission":        withToken(newError(403, "Forbidden.AccessDenied.AccessTokenPermissionDenied")),
		"a field that clashes": {userPath: says(200, `{"errcode":0,"result":{"userid":"zhang01","mobile":"`+mobile+`","active":"`+mobile+`"}}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			c := newFake(t, script).client()
			c.Log = slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
			for _, path := range []string{exchangePath, mePath, tokenPath, memberPath, userPath} {
				cleanError(t, ask(t.Context(), c, path))
			}
			_, err := c.Identify(t.Context(), secret.New(oneTimeCode), isZhang)
			cleanError(t, err)
			cleanError(t, c.Warm(t.Context()))
			_, err = c.Check(t.Context())
			cleanError(t, err)
			for _, err := range everyOtherCall(t, c) {
				cleanError(t, err)
			}
			if logged.Len() == 0 {
				t.Error("nothing was logged: the test sees nothing")
			}
			clean(t, "the log", logged.String())
		})
	}
}

// cleanError looks at an error and all that it wraps, printed in every way.
func cleanError(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		clean(t, "the error", fmt.Sprintf("%v %+v %#v %q %s", err, err, err, err, login.DetailOf(err)))
	}
}

// A socket that sends back what it gets is what a wrong port answers with:
// net/http quotes it, "malformed HTTP response".
func TestNoSecretComesBackFromAPortThatEchoes(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = listener.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 4096)
			if n, err := conn.Read(buffer); err == nil {
				_, _ = conn.Write(buffer[:n])
			}
			_ = conn.Close()
		}
	}()
	refusesSecretly(t, "http://"+listener.Addr().String())
}

// A *url.Error quotes the URL, and the older API's has the token in it.
func TestNoSecretComesBackFromAPortWhereNobodyListens(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	refusesSecretly(t, gone.URL)
}

func refusesSecretly(t *testing.T, oapi string) {
	t.Helper()
	var logged bytes.Buffer
	c := newFake(t, nil).client()
	c.OAPIURL = oapi
	c.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	_, err := c.UserIDByUnionID(t.Context(), "uXyZ34iEiE")
	if login.CodeOf(err) != login.Network {
		t.Errorf("err = %v", err)
	}
	cleanError(t, err)
	clean(t, "the log", logged.String())
}

func TestAClientPrintsNoSecret(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	c := f.client()
	if _, err := c.AppToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	grant, err := c.ExchangeCode(t.Context(), secret.New(oneTimeCode))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		clean(t, "the client", fmt.Sprintf(verb, c))
		clean(t, "the grant", fmt.Sprintf(verb, grant))
	}
}

// everyOtherCall makes the calls that ask does not know, those of the frozen
// API and of the older scan included.
func everyOtherCall(t *testing.T, c *dingtalk.Client) (all []error) {
	t.Helper()
	ctx, code := t.Context(), secret.New(oneTimeCode)
	for _, legacy := range []bool{false, true} {
		c := &dingtalk.Client{ClientID: c.ClientID, ClientSecret: c.ClientSecret, CorpID: c.CorpID, APIURL: c.APIURL, OAPIURL: c.OAPIURL, Log: c.Log, Legacy: legacy}
		scan := &dingtalk.SNS{Client: c, Chain: legacy}
		if legacy {
			c.TokenCall = dingtalk.TokenByQuery
		}
		_, e1 := c.IdentifyVisitor(ctx, code)
		_, e2 := scan.Identify(ctx, code, nil)
		_, e3 := collect(c.Everyone(ctx, 1))
		_, _, e4 := c.UserIDsByMobile(ctx, mobile)
		_, e5 := c.Refresh(ctx, secret.New(refreshToken))
		_, e6 := c.CountUsers(ctx, true)
		_, e7 := (&dingtalk.SSO{Client: c, Secret: secret.New("canary-sso-secret")}).User(ctx, code)
		_, e8 := collect(c.SearchUsers(ctx, "canary", true))
		e9 := c.SignOut(ctx, "zhang01", "canary", nil)
		suite := &dingtalk.Client{ClientID: c.ClientID, ClientSecret: c.ClientSecret, CorpID: c.CorpID, APIURL: c.APIURL, OAPIURL: c.OAPIURL, LoginURL: c.OAPIURL,
			Log: c.Log, TokenCall: dingtalk.TokenBySuite, SuiteTicket: ticketed(suiteTicket)}
		if legacy {
			suite.TokenCall = dingtalk.TokenBySignature
		}
		_, e10 := suite.AppToken(ctx)
		_, e11 := suite.AuthorizeDevice(ctx)
		all = append(all, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11)
	}
	return all
}
