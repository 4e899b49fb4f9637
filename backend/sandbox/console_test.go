package sandbox_test

import (
	"bufio"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestTheConsoleIsAPageOfItsOwn(t *testing.T) {
	t.Parallel()
	k := start(t)
	res := k.do(http.MethodGet, "/_console", "", "Accept-Language", "en")
	if res.status != http.StatusOK || !strings.Contains(res.body, "Every call") || !strings.Contains(res.body, "<option>/topapi/v2/user/get</option>") {
		t.Fatalf("console: %d %s", res.status, res.body)
	}
	if strings.Contains(res.body, k.App().ClientSecret.Reveal()) {
		t.Error("it shows the secret")
	}
	if policy := res.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("policy %q", policy)
	}
	if regexp.MustCompile(`(src|href)="(https?:)?//`).MatchString(res.body) {
		t.Error("it loads something from elsewhere")
	}
	for _, asset := range []string{"console.js", "console.css"} {
		if !strings.Contains(res.body, "/oauth2/assets/"+asset) || k.do(http.MethodGet, "/oauth2/assets/"+asset, "").status != http.StatusOK {
			t.Errorf("%s is not there", asset)
		}
	}
	if front := k.do(http.MethodGet, "/", "").body; !strings.Contains(front, `href="/_console"`) {
		t.Error("the front page has no link to it")
	}
}

func TestTheConsoleIsGuardedLikeTheControls(t *testing.T) {
	t.Parallel()
	k := start(t)
	for _, path := range []string{"/_console", "/_console/live"} {
		for name, value := range map[string]string{"Host": "evil.example", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
			if res := k.do(http.MethodGet, path, "", name, value); res.status != http.StatusForbidden {
				t.Errorf("%s with %s %s: %d", path, name, value, res.status)
			}
		}
	}
}

// Every button sets a fault that the control takes.
func TestTheConsolesFaultsCanBeSet(t *testing.T) {
	t.Parallel()
	k := start(t)
	buttons := regexp.MustCompile(`data-fault="([^"]*)"`).FindAllStringSubmatch(k.do(http.MethodGet, "/_console", "").body, -1)
	if len(buttons) < 10 {
		t.Fatalf("%d buttons", len(buttons))
	}
	for _, button := range buttons {
		body := `{"endpoint":"/gettoken","faults":[` + html.UnescapeString(button[1]) + `]}`
		if res := k.control(http.MethodPost, "faults", body); res.status != http.StatusNoContent {
			t.Errorf("%s: %d %s", body, res.status, res.body)
		}
	}
}

func TestTheConsoleIsLive(t *testing.T) {
	t.Parallel()
	k := start(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, k.URL()+"/_console/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := k.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	type news struct {
		Requests []struct {
			Endpoint string `json:"endpoint"`
		} `json:"requests"`
		Faults map[string]any `json:"faults"`
		People int            `json:"people"`
		Rev    uint64         `json:"people_revision"`
	}
	next := func() (n news) {
		for lines.Scan() {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				if err := json.Unmarshal([]byte(text), &n); err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
		t.Fatal(lines.Err())
		return n
	}
	first := next()
	if len(first.Requests) != 0 || first.People != 31 {
		t.Errorf("at first: %+v", first)
	}
	k.control(http.MethodPut, "people/zhang01", `{"disabled":true}`)
	changed := next()
	for changed.Rev == first.Rev {
		changed = next()
	}
	k.control(http.MethodDelete, "people/user000001", "")
	for n := next(); n.Rev == changed.Rev; {
		n = next()
	}
	k.control(http.MethodPost, "faults", `{"endpoint":"/topapi/v2/user/get","faults":[{"status":503}]}`)
	k.appToken()
	for n := next(); len(n.Requests) != 1 || len(n.Faults) != 1; n = next() {
		if len(n.Requests) > 1 {
			t.Fatalf("the console's own requests are listed: %+v", n)
		}
	}
}
