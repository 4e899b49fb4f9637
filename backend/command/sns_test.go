package command_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
)

// oldScan stands before the sandbox and plays the older scan: a page that sends
// whoever comes straight back with a code, and the call that takes it.
func oldScan(t *testing.T, m *machine, unionID string) *httptest.Server {
	t.Helper()
	behind, err := url.Parse(m.sandbox.URL())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", httputil.NewSingleHostReverseProxy(behind))
	mux.HandleFunc("GET /connect/qrconnect", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Get("appid") != m.env["DINGPASS_CLIENT_ID"] || query.Get("scope") != "snsapi_login" {
			t.Errorf("the page was asked for with %v", query)
		}
		back := url.Values{"code": {"c-9"}, "state": {query.Get("state")}}
		http.Redirect(w, r, query.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /sns/getuserinfo_bycode", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"errcode":0,"errmsg":"ok","user_info":{"nick":"阿明","unionid":%q,"openid":"oA1"}}`, unionID)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func TestTheOlderScanSignsInFromEndToEnd(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	first := m.login()
	newPerson(t).confirm(first.link(), "zhang01")
	byOAuth, _ := first.end()
	var zhang struct {
		UnionID string `json:"union_id"`
	}
	if err := json.Unmarshal(byOAuth.Identity, &zhang); err != nil || zhang.UnionID == "" {
		t.Fatalf("identity %s, %v", byOAuth.Identity, err)
	}

	old := m.with("DINGPASS_METHOD", "sns", "DINGPASS_OAPI_URL", oldScan(t, m, zhang.UnionID).URL)
	s := old.login()
	p := newPerson(t)
	link := s.link()
	p.get(link)
	site, _ := url.Parse(link)
	p.get("http://" + site.Host + "/login/start")
	t.Cleanup(p.follow(link))
	last, code := s.end()
	var who struct {
		UserID string `json:"user_id"`
	}
	if err := json.Unmarshal(last.Identity, &who); err != nil || code != 0 || who.UserID != "zhang01" {
		t.Errorf("ended with %+v and exit code %d", last, code)
	}
}
