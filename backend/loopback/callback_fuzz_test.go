package loopback_test

import (
	"net/url"
	"testing"

	"github.com/dingpass/dingpass/backend/loopback"
)

// FuzzCallback: whatever stands in the query, an accepted one has exactly one
// state, and either one code or a refusal.
func FuzzCallback(f *testing.F) {
	for _, query := range []string{
		"", "state=s", "state=s&code=c", "state=s&authCode=c", "state=s&authCode=c&code=c", "state=s&authCode=a&code=b",
		"state=s&error=x", "error=x", "state=s&state=s&code=c", "state=s&code=&error", "state=%zz&code=c", "state=s;code=c",
		"state=s&code=c&error=x", "st%61te=s&code=c&%63ode=d", "state=\x00&code=\xff", "state=s&code=c#", "state=+&code=+",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		cb, err := loopback.ParseCallback(raw)
		if err != nil {
			if cb.State != "" || !cb.Code.Empty() || cb.Denied {
				t.Errorf("refused with %v, and yet something of it is left", err)
			}
			return
		}
		query, err := url.ParseQuery(raw)
		if err != nil {
			t.Fatalf("a query that cannot be read was accepted: %v", err)
		}
		if len(query["state"]) != 1 || query["state"][0] != cb.State || cb.State == "" {
			t.Errorf("states %q, taken %q", query["state"], cb.State)
		}
		codes := make(map[string]bool)
		for _, name := range []string{"authCode", "code"} {
			if len(query[name]) > 1 {
				t.Errorf("%s stands there %d times", name, len(query[name]))
			}
			if value := query.Get(name); value != "" {
				codes[value] = true
			}
		}
		switch {
		case cb.Denied:
			if len(codes) != 0 || !cb.Code.Empty() || !query.Has("error") {
				t.Errorf("taken as a refusal: %d codes, error there: %t", len(codes), query.Has("error"))
			}
		case len(codes) != 1 || !codes[cb.Code.Reveal()]:
			t.Errorf("%d codes, and the taken one is among them: %t", len(codes), codes[cb.Code.Reveal()])
		}
	})
}
