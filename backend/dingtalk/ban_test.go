package dingtalk_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

const guardJSON = `{"status":1111,"wait":5,"punish":"deny"}`

const guardPage = "<!DOCTYPE html><html>滑动验证</html>"

// banned is a client that has just been answered so, and its network.
func banned(t *testing.T, status int, body string) (*dingtalk.Client, *headed, error) {
	t.Helper()
	network := &headed{status: status, header: http.Header{}, body: body}
	c := &dingtalk.Client{ClientID: "x", HTTP: &http.Client{Transport: network}}
	return c, network, ask(t.Context(), c, exchangePath)
}

// Contract 0.1 and 7.9: ten thousand calls in 20 s of one address, and it is
// shut out of everything for five minutes.
func TestABanIsSatOutWithoutAnotherRequest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
		lasts  time.Duration
		code   login.Code
	}{
		"as documented":            {200, `{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"0a1b2c3d"}`, 5 * time.Minute, login.RateLimited},
		"two minutes, quoted":      {403, `{"status":"1111","wait":"2","punish":"deny"}`, 2 * time.Minute, login.RateLimited},
		"what can only be seconds": {200, `{"status":1111,"wait":240,"punish":"deny"}`, 4 * time.Minute, login.RateLimited},
		"what is out of reason":    {200, `{"status":1111,"wait":9999999999,"punish":"deny"}`, time.Hour, login.RateLimited},
		"no time":                  {200, `{"status":1111,"punish":"deny"}`, 5 * time.Minute, login.RateLimited},
		"a time that is none":      {200, `{"status":1111,"wait":{},"punish":"deny"}`, 5 * time.Minute, login.RateLimited},
		"a time gone by":           {200, `{"status":1111,"wait":-1,"punish":"deny"}`, 5 * time.Minute, login.RateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, network, first := banned(t, tc.status, tc.body)
				<-time.After(time.Minute)
				for _, path := range []string{exchangePath, mePath, tokenPath, memberPath} {
					err := ask(t.Context(), c, path)
					said, ok := errors.AsType[*dingtalk.Error](err)
					if !ok || said.RetryAfter != tc.lasts-time.Minute || said.Status != tc.status || said.Class() != dingtalk.Retry {
						t.Errorf("%s: %#v, want %v left", path, said, tc.lasts-time.Minute)
					}
					if login.CodeOf(err) != tc.code || login.CodeOf(first) != tc.code {
						t.Errorf("%s: %v, and first %v; want %s", path, err, first, tc.code)
					}
				}
				if err := c.Warm(t.Context()); login.CodeOf(err) != tc.code {
					t.Errorf("warm: %v", err)
				}
				if _, err := c.Check(t.Context()); login.CodeOf(err) != tc.code {
					t.Errorf("check: %v", err)
				}
				if len(network.when) != 1 {
					t.Errorf("%d requests while it was banned", len(network.when)-1)
				}
				<-time.After(tc.lasts - time.Minute)
				if err := ask(t.Context(), c, mePath); err != nil || len(network.when) != 2 {
					t.Errorf("afterwards: %v after %d requests", err, len(network.when))
				}
			})
		})
	}
}

func TestWhatIsNoBanHoldsNothingBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
	}{
		"a page in the place of JSON":               {200, guardPage},
		"a page that forbids":                       {403, guardPage},
		"a proxy's page for a server that is down":  {502, guardPage},
		"a redirect with a page":                    {302, guardPage},
		"a page that is not there":                  {404, guardPage},
		"text":                                      {200, "ok"},
		"XML":                                       {200, `<?xml version="1.0"?><error/>`},
		"a status of another meaning":               {400, `{"status":1111,"code":"whatever"}`},
		"the limit of one API, whose end is prose":  {200, `{"errcode":90002,"errmsg":"…将于2026-11-21 12:05:00结束惩罚"}`},
		"the limit of one API, inside 88 and prose": {200, `{"errcode":88,"sub_code":"90002","sub_msg":"…将于2026-11-21 12:05:00结束惩罚"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, network, err := banned(t, tc.status, tc.body)
				if said, ok := errors.AsType[*dingtalk.Error](err); !ok || said.RetryAfter != 0 {
					t.Errorf("the refusal is %#v", said)
				}
				if err := ask(t.Context(), c, mePath); err != nil || len(network.when) != 2 {
					t.Errorf("then: %v after %d requests", err, len(network.when))
				}
			})
		})
	}
}

func TestCancellingWinsOverABan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _, _ := banned(t, 200, guardJSON)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := ask(ctx, c, mePath); login.CodeOf(err) != login.Cancelled {
			t.Errorf("err = %v", err)
		}
		if err := c.Warm(ctx); login.CodeOf(err) != login.Cancelled {
			t.Errorf("warm: %v", err)
		}
	})
}

func TestAClockThatWasSetBackEndsABan(t *testing.T) {
	t.Parallel()
	network := &headed{status: 200, header: http.Header{}, body: guardJSON}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c := &dingtalk.Client{ClientID: "x", HTTP: &http.Client{Transport: network}, Now: func() time.Time { return now }}
	if err := ask(t.Context(), c, mePath); err == nil {
		t.Error("no ban")
	}
	now = now.Add(-24 * time.Hour)
	if err := ask(t.Context(), c, mePath); err != nil {
		t.Error(err)
	}
}
