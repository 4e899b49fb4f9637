package command_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// The environment is read once in a process: hence processes of their own.
func TestTheEnvironmentsProxyStandsBeforeEveryHost(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[string]bool{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.Method+" "+r.Host] = true
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	m := newMachine(t).with("HTTPS_PROXY", proxy.URL, "NO_PROXY", "direct.invalid",
		"DINGPASS_LOGIN_URL", "https://login.invalid", "DINGPASS_API_URL", "https://api.invalid", "DINGPASS_OAPI_URL", "https://oapi.invalid")
	for _, api := range []string{"https://api.invalid", "https://direct.invalid"} {
		if err := m.with("DINGPASS_API_URL", api).command("login", "--json").Run(); err == nil {
			t.Error("somebody is signed in")
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, host := range []string{"api", "oapi", "login"} {
		if !asked["CONNECT "+host+".invalid:443"] {
			t.Errorf("the proxy was never asked for %s: %v", host, asked)
		}
	}
	if asked["CONNECT direct.invalid:443"] {
		t.Error("the proxy was asked for what NO_PROXY names")
	}
}
