package dingtalk_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

const (
	deviceCodePath  = "/oauth2/device/code.json"
	deviceTokenPath = "/oauth2/device/token.json"

	goodDevice = `{"success":true,"result":{"deviceCode":"canary-device","userCode":"ABCD-EFGH","verificationUri":"https://login.dingtalk.com/oauth2/device",
		"verificationUriComplete":"https://login.dingtalk.com/oauth2/device?user_code=ABCD-EFGH","expiresIn":900,"interval":2,"flowId":"fl_77"},"errorCode":null,"errorMsg":null}`
	goodPoll = `{"success":true,"result":{"authCode":"` + oneTimeCode + `","redirectUrl":"","error":""}}`
)

func pollSays(name string) reply {
	return reply{200, `{"success":true,"result":{"authCode":"","redirectUrl":"","error":"` + name + `"}}`}
}

// Contract 1.7.
func TestADeviceAsksForAPageAndPollsUntilSomebodyHasSignedIn(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{deviceCodePath: says(200, goodDevice), deviceTokenPath: says(200, goodPoll)})
	c := f.client()
	auth, err := c.AuthorizeDevice(t.Context())
	if err != nil || auth.UserCode != "ABCD-EFGH" || auth.Page != "https://login.dingtalk.com/oauth2/device" ||
		auth.PageWithCode != auth.Page+"?user_code=ABCD-EFGH" || auth.Interval != 2*time.Second {
		t.Fatalf("auth = %+v, %v", auth, err)
	}
	if left := time.Until(auth.Expires); left < 14*time.Minute || left > 15*time.Minute {
		t.Errorf("expires in %v", left)
	}
	code, err := c.AwaitDevice(t.Context(), auth)
	if err != nil || code.Reveal() != oneTimeCode {
		t.Fatalf("err = %v", err)
	}
	if _, err := c.Identify(t.Context(), code, nil); err != nil {
		t.Error(err)
	}
	for path, want := range map[string]url.Values{
		deviceCodePath:  {"client_id": {"dingabc123"}, "scope": {"openid corpid"}},
		deviceTokenPath: {"client_id": {"dingabc123"}, "device_code": {"canary-device"}, "grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}},
	} {
		req := f.requests(path)[0]
		if req.method != http.MethodPost || req.header.Get("Content-Type") != "application/x-www-form-urlencoded" || req.body != want.Encode() || len(req.query) != 0 {
			t.Errorf("%s: %+v", path, req)
		}
	}
}

func TestADevicePollsNoFasterThanItIsTold(t *testing.T) {
	t.Parallel()
	pending, slower := pollSays("authorization_pending"), pollSays("slow_down")
	for name, tc := range map[string]struct {
		answers []reply
		waits   []time.Duration // between the polls
	}{
		"as often as the answer said": {[]reply{pending, pending, {200, goodPoll}}, []time.Duration{2 * time.Second, 2 * time.Second}},
		"five seconds more for each slow_down, and it stays": {[]reply{slower, pending, slower, {200, goodPoll}},
			[]time.Duration{7 * time.Second, 7 * time.Second, 12 * time.Second}},
		"never more than thirty": {[]reply{slower, slower, slower, slower, slower, slower, slower, {200, goodPoll}},
			[]time.Duration{7 * time.Second, 12 * time.Second, 17 * time.Second, 22 * time.Second, 27 * time.Second, 30 * time.Second, 30 * time.Second}},
		"a lost answer":   {[]reply{{502, "<html>"}, {200, goodPoll}}, []time.Duration{7 * time.Second}},
		"the flood guard": {[]reply{{200, `{"status":1111,"wait":5,"punish":"deny"}`}, {200, goodPoll}}, []time.Duration{5 * time.Minute}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wire := &wire{answers: map[string][]reply{deviceCodePath: {{200, goodDevice}}, deviceTokenPath: tc.answers}}
				c := wire.client()
				auth, err := c.AuthorizeDevice(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if code, err := c.AwaitDevice(t.Context(), auth); err != nil || code.Reveal() != oneTimeCode {
					t.Errorf("err = %v", err)
				}
				when := wire.when[deviceTokenPath]
				if len(when) != len(tc.waits)+1 {
					t.Fatalf("%d polls, want %d", len(when), len(tc.waits)+1)
				}
				for i, want := range tc.waits {
					if got := when[i+1].Sub(when[i]); got != want {
						t.Errorf("wait %d was %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

func TestADevicesSignInEnds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		poll  reply
		took  time.Duration
		code  login.Code
		class dingtalk.Class
	}{
		"refused":                  {pollSays("access_denied"), 0, login.Denied, dingtalk.Refuse},
		"expired, DingTalk says":   {pollSays("expired_token"), 0, login.Expired, dingtalk.SignInAgain},
		"expired, by our clock":    {pollSays("authorization_pending"), 15 * time.Minute, login.Expired, dingtalk.Retry},
		"slowed down to the end":   {pollSays("slow_down"), 15 * time.Minute, login.Expired, dingtalk.Retry},
		"never heard of again":     {reply{503, `{"code":"ServiceUnavailable"}`}, 15 * time.Minute, login.ProviderUnavailable, dingtalk.Retry},
		"another app":              {reply{200, `{"success":false,"errorCode":"invalid_client","errorMsg":"x"}`}, 0, login.AppMisconfigured, dingtalk.Settings},
		"a name never seen":        {reply{200, `{"success":false,"errorCode":"whatever"}`}, 0, login.ProviderAnswer, dingtalk.Bug},
		"no success and no name":   {reply{200, `{"success":false}`}, 0, login.ProviderAnswer, dingtalk.Bug},
		"a success without a code": {reply{200, `{"success":true,"result":{}}`}, 0, login.ProviderAnswer, dingtalk.Bug},
		"a refusal in quoted form": {reply{200, `{"success":"true","result":{"error":"access_denied"}}`}, 0, login.Denied, dingtalk.Refuse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := (&wire{answers: map[string][]reply{deviceCodePath: {{200, goodDevice}}, deviceTokenPath: {tc.poll}}}).client()
				auth, err := c.AuthorizeDevice(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				_, err = c.AwaitDevice(t.Context(), auth)
				classed(t, err, tc.class, tc.code)
				cleanError(t, err)
				if took := time.Since(began); took != tc.took {
					t.Errorf("took %v, want %v", took, tc.took)
				}
			})
		})
	}
}

func TestCancellingWinsOverAPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := (&wire{answers: map[string][]reply{deviceCodePath: {{200, goodDevice}}, deviceTokenPath: {pollSays("authorization_pending")}}}).client()
		auth, err := c.AuthorizeDevice(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		if _, err := c.AwaitDevice(ctx, auth); login.CodeOf(err) != login.Cancelled || time.Since(began) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestADevicesPageIsOneToSignInAt(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"no code":                   `{"success":true,"result":{"verificationUri":"https://login.dingtalk.com/oauth2/device"}}`,
		"no page":                   `{"success":true,"result":{"deviceCode":"x"}}`,
		"a page in plain http":      `{"success":true,"result":{"deviceCode":"x","verificationUri":"http://login.dingtalk.com/oauth2/device"}}`,
		"a page that is none":       `{"success":true,"result":{"deviceCode":"x","verificationUri":"javascript:alert(1)"}}`,
		"a page with code in http":  `{"success":true,"result":{"deviceCode":"x","verificationUri":"https://login.dingtalk.com/","verificationUriComplete":"http://x.example/"}}`,
		"no result":                 `{"success":true}`,
		"a refusal without a name":  `{"success":false,"errorCode":null}`,
		"a refusal that names text": `{"success":false,"errorCode":"<b>canary</b>"}`,
	} {
		f := newFake(t, map[string]http.HandlerFunc{deviceCodePath: says(200, answer)})
		_, err := f.client().AuthorizeDevice(t.Context())
		if login.CodeOf(err) != login.ProviderAnswer {
			t.Errorf("%s: %v", name, err)
		}
		cleanError(t, err)
	}
}

// What DingTalk leaves out is as RFC 8628 has it.
func TestADevicesTimesHaveDefaults(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string][2]time.Duration{
		`"expiresIn":900,"interval":2`:      {15 * time.Minute, 2 * time.Second},
		`"expiresIn":"60","interval":"1"`:   {time.Minute, time.Second},
		`"interval":null`:                   {10 * time.Minute, 5 * time.Second},
		`"expiresIn":-1,"interval":0`:       {10 * time.Minute, 5 * time.Second},
		`"expiresIn":99999,"interval":3600`: {10 * time.Minute, 5 * time.Second},
	} {
		f := newFake(t, map[string]http.HandlerFunc{deviceCodePath: says(200, `{"success":true,"result":{"deviceCode":"x","verificationUriComplete":"https://login.dingtalk.com/d",`+answer+`}}`)})
		c, now := f.client(), time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
		c.Now = func() time.Time { return now }
		auth, err := c.AuthorizeDevice(t.Context())
		if err != nil || auth.Expires.Sub(now) != want[0] || auth.Interval != want[1] || auth.Page != auth.PageWithCode {
			t.Errorf("%s: %+v, %v", answer, auth, err)
		}
	}
}

// The code goes on to the exchange as it is; the answer's redirect is nobody's
// business.
func TestADeviceFollowsNoRedirectOfTheAnswer(t *testing.T) {
	t.Parallel()
	f := newFake(t, map[string]http.HandlerFunc{
		deviceCodePath: says(200, goodDevice),
		deviceTokenPath: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"success":true,"result":{"authCode":"`+oneTimeCode+`","redirectUrl":"http://127.0.0.1:1/?authCode=other"}}`)
		},
	})
	c := f.client()
	auth, err := c.AuthorizeDevice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	code, err := c.AwaitDevice(t.Context(), auth)
	if err != nil || code.Reveal() != oneTimeCode || len(f.requests("")) != 2 {
		t.Errorf("%v after %d requests", err, len(f.requests("")))
	}
}
