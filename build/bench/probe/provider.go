package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"
)

// provider is who the client signs in with.
type provider interface {
	http.Handler

	// mint makes a one-time code as a person who follows the authorization URL
	// gets it. Each call is another person's.
	mint(ctx context.Context, authorize *url.URL) (code string, err error)

	// answer is what the redirect carries beside the state.
	answer(code string) url.Values

	// app fills in what a client has to know.
	app() facts
}

// facts are what templates may use.
type facts struct {
	URL                            string // of the provider, no slash at the end
	ClientID, ClientSecret, CorpID string
	Dir                            string // an empty folder of this run
}

// oauth is the least that RFC 6749 asks of a provider. Codes are minted, not
// asked for on a page, and exchanged once.
type oauth struct {
	mu    sync.Mutex // guards codes
	codes map[string]bool
}

var _ provider = (*oauth)(nil)

func (o *oauth) mint(context.Context, *url.URL) (string, error) {
	code := rand.Text()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.codes == nil {
		o.codes = make(map[string]bool)
	}
	o.codes[code] = true
	return code, nil
}

func (o *oauth) answer(code string) url.Values { return url.Values{"code": {code}} }

func (o *oauth) app() facts {
	return facts{ClientID: "probe-client", ClientSecret: "probe-secret-for-nothing-real", CorpID: "probe-corp"}
}

// ServeHTTP plays the endpoints. Whatever is posted anywhere is an exchange:
// clients differ in the path that they are set up with.
func (o *oauth) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	base := "http://" + r.Host
	switch {
	case r.Method == http.MethodPost:
		o.token(w, r)
	case r.URL.Path == "/.well-known/openid-configuration", r.URL.Path == "/.well-known/oauth-authorization-server":
		tell(w, http.StatusOK, map[string]any{
			"issuer": base, "authorization_endpoint": base + "/authorize", "token_endpoint": base + "/token",
			"userinfo_endpoint": base + "/userinfo", "response_types_supported": []string{"code"},
		})
	case r.URL.Path == "/userinfo":
		tell(w, http.StatusOK, map[string]string{"sub": "probe", "name": "probe"})
	default:
		tell(w, http.StatusNotFound, map[string]string{"error": "not_found"})
	}
}

// token is RFC 6749, 4.1.3 to 5.2.
func (o *oauth) token(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // from memory: exchanges has read it
	code := codeIn(body)
	o.mu.Lock()
	known := o.codes[code]
	delete(o.codes, code)
	o.mu.Unlock()
	if !known {
		tell(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	tell(w, http.StatusOK, map[string]any{
		"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 3600, "refresh_token": rand.Text(),
	})
}

func tell(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone if this fails
}
