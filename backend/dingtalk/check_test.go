package dingtalk_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/login"
)

func TestCheckTellsHowFarTheClockIsOff(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		date   string
		answer http.HandlerFunc
		skew   time.Duration // beside the half second that a Date leaves open
		known  bool
		code   login.Code
	}{
		"right":                        {now.Format(http.TimeFormat), says(200, goodToken), 0, true, ""},
		"six minutes ahead":            {now.Add(-6 * time.Minute).Format(http.TimeFormat), says(200, goodToken), 6 * time.Minute, true, ""},
		"a day behind":                 {now.Add(24 * time.Hour).Format(http.TimeFormat), says(200, goodToken), -24 * time.Hour, true, ""},
		"off, and the secret is wrong": {now.Add(-time.Hour).Format(http.TimeFormat), newError(400, "invalidClientIdOrSecret"), time.Hour, true, login.AppMisconfigured},
		"a date that cannot be read":   {"yesterday", says(200, goodToken), 0, false, ""},
		"no answer":                    {"", drops, 0, false, login.Network},
		"an answer without a token":    {now.Format(http.TimeFormat), says(200, `{}`), 0, true, login.ProviderAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, map[string]http.HandlerFunc{tokenPath: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", tc.date)
				tc.answer(w, r)
			}})
			c := f.client()
			c.Now = func() time.Time { return now }
			health, err := c.Check(t.Context())
			if login.CodeOf(err) != tc.code {
				t.Errorf("err = %v, want %q", err, tc.code)
			}
			if off := health.ClockSkew - tc.skew; off < -time.Second || off > time.Second || health.ClockKnown != tc.known {
				t.Errorf("health = %+v, want %v", health, tc.skew)
			}
		})
	}
}

func TestCheckAsksEvenWithATokenAtHandAndKeepsTheNewOne(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{tokenPath: inTurn(says(200, `{"accessToken":"older"}`), says(200, goodToken))})
	c := f.client()
	if _, err := c.AppToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	token, err := c.AppToken(t.Context())
	if err != nil || token.Reveal() != appToken {
		t.Errorf("the older token is still in use, or %v", err)
	}
	if n := len(f.requests(tokenPath)); n != 2 {
		t.Errorf("%d token calls, want 2", n)
	}
}

func TestCheckNoticesThatTheOlderApiCannotBeReached(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{"/": drops})
	health, err := f.client().Check(t.Context())
	if login.CodeOf(err) != login.Network || !health.ClockKnown {
		t.Errorf("%+v, %v", health, err)
	}
}
