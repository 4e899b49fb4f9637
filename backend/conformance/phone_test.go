package conformance_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// redirectURI is where sign-ins come back to. Nobody listens there: a browser
// that does not follow redirects shows what was sent.
const redirectURI = "http://127.0.0.1:9/callback"

// request is an authorization request as a sign-in makes it.
func request() login.AuthorizeRequest {
	return login.AuthorizeRequest{State: "s-1+/= &", RedirectURI: redirectURI}
}

// screen is what a browser shows of DingTalk's.
type screen struct {
	w      *world
	status int
	body   string
	to     *url.URL // where it is sent; nil: nowhere
}

var (
	dataAttributes = regexp.MustCompile(`data-(scan|watch|continue|target)="([^"]*)"`)
	titles         = regexp.MustCompile(`<h1>([^<]*)`)
)

// browse opens an address.
func (w *world) browse(address string) screen {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, address, http.NoBody)
	return w.screen(req, err)
}

// submit sends a form.
func (w *world) submit(address string, form url.Values) screen {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err == nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return w.screen(req, err)
}

// screen makes a request; what comes back is the answer as it is shown.
func (w *world) screen(req *http.Request, err error) screen {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := w.web.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // read to the end
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	to, err := resp.Location()
	if err != nil {
		to = nil
	}
	return screen{w, resp.StatusCode, string(body), to}
}

// data is one of the page's attributes.
func (s screen) data(name string) string {
	for _, found := range dataAttributes.FindAllStringSubmatch(s.body, -1) {
		if found[1] == name {
			return found[2]
		}
	}
	return ""
}

// title is the page's heading.
func (s screen) title() string {
	if found := titles.FindStringSubmatch(s.body); found != nil {
		return found[1]
	}
	return ""
}

// answer scans the QR and does what is asked on the phone.
func (s screen) answer(action, userID string) {
	s.w.t.Helper()
	if phone := s.phone(action, userID); phone.status != http.StatusOK {
		s.w.t.Fatalf("the phone says %d:\n%s", phone.status, phone.body)
	}
}

// phone is what the phone shows after it.
func (s screen) phone(action, userID string) screen {
	s.w.t.Helper()
	scan := s.data("scan")
	if scan == "" {
		s.w.t.Fatalf("no QR on the page (%d):\n%s", s.status, s.body)
	}
	return s.w.submit(scan, url.Values{"userid": {userID}, "action": {action}})
}

// onward is where the full page goes after the phone has answered.
func (s screen) onward() screen {
	s.w.t.Helper()
	return s.w.browse(s.w.URL() + s.data("continue"))
}

// posted is what the framed page is told, and posts.
func (s screen) posted() string {
	s.w.t.Helper()
	return strings.TrimSpace(s.w.browse(s.w.URL() + s.data("watch") + "?seen=waiting").body)
}

// scan signs somebody in on DingTalk's page and brings the one-time code.
func (w *world) scan(userID string) secret.Text {
	w.t.Helper()
	page := w.browse(w.client.AuthorizeURL(request()))
	page.answer("confirm", userID)
	back := page.onward()
	if back.to == nil {
		w.t.Fatalf("no redirect (%d):\n%s", back.status, back.body)
	}
	return w.hide(secret.New(back.to.Query().Get("code")))
}

// grant is what somebody's scan is exchanged for.
func (w *world) grant(userID string) dingtalk.Grant {
	w.t.Helper()
	grant, err := w.client.ExchangeCode(w.t.Context(), w.scan(userID))
	if err != nil {
		w.t.Fatal(err)
	}
	w.hide(grant.AccessToken)
	w.hide(grant.RefreshToken)
	return grant
}

// appToken is the app's.
func (w *world) appToken() secret.Text {
	w.t.Helper()
	token, err := w.client.AppToken(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return w.hide(token)
}

// visit opens a page inside DingTalk and brings the code that it gets there.
func (w *world) visit(userID string) secret.Text {
	w.t.Helper()
	var got struct{ Code string }
	if err := json.Unmarshal(w.control("codes", map[string]string{"action": "no_login", "userid": userID}), &got); err != nil {
		w.t.Fatal(err)
	}
	return w.hide(secret.New(got.Code))
}

// jsonText is a field of a JSON object.
func jsonText(t *testing.T, object, field string) string {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(object), &fields); err != nil {
		t.Fatal(err)
	}
	text, ok := fields[field].(string)
	if !ok {
		t.Fatalf("no text in %s", field)
	}
	return text
}
