package dingtalk

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// DeviceAuth is a sign-in on a device that has no browser, or none that
// DingTalk could send back (RFC 8628). The person opens the page elsewhere.
type DeviceAuth struct {
	UserCode string // for the person to compare, or to type at Page

	// Page is where to sign in. PageWithCode is the same with UserCode filled
	// in, and what a QR should hold.
	Page, PageWithCode string

	Expires  time.Time     // when it is too late, by the client's clock
	Interval time.Duration // between two questions whether the person has signed in

	code secret.Text
}

// What is not in DingTalk's answer is as RFC 8628 section 3.5 and DingTalk's
// own command line have it.
const (
	deviceInterval = 5 * time.Second // and what slow_down adds
	slowestPoll    = 30 * time.Second
	deviceLife     = 10 * time.Minute
)

// AuthorizeDevice begins a sign-in on a device. Show the person where to go,
// then call [Client.AwaitDevice].
//
// It is experimental: DingTalk documents no such calls. They are those of its
// own command line, and an app must have https://login.dingtalk.com among its
// redirect addresses. That program's broker has no part in it.
func (c *Client) AuthorizeDevice(ctx context.Context) (DeviceAuth, error) {
	begin := devicePost("/oauth2/device/code.json", url.Values{"client_id": {c.ClientID}, "scope": {"openid corpid"}})
	asked := c.now()
	got, err := c.askDevice(ctx, begin)
	if err != nil {
		return DeviceAuth{}, err
	}
	auth := DeviceAuth{
		UserCode:     string(got.UserCode),
		Page:         string(cmp.Or(got.Page, got.PageWithCode)),
		PageWithCode: string(cmp.Or(got.PageWithCode, got.Page)),
		Expires:      asked.Add(inSeconds(got.ExpiresIn, time.Hour, deviceLife)),
		Interval:     inSeconds(got.Interval, slowestPoll, deviceInterval),
		code:         secret.New(string(got.DeviceCode)),
	}
	if auth.code.Empty() || auth.Page == "" {
		return DeviceAuth{}, begin.wrong(errMissing)
	}
	for _, page := range []string{auth.Page, auth.PageWithCode} {
		if u, err := url.Parse(page); err != nil || !allowed(u) { // a person will sign in there
			return DeviceAuth{}, begin.wrong(errPlain)
		}
	}
	return auth, nil
}

// AwaitDevice waits until the person has signed in, and gives the one-time code
// for [Client.Identify] or [Client.ExchangeCode]. The error is denied when they
// refused, and expired when they did not come in time.
//
// It asks every Interval, less often when DingTalk says so, and goes on when an
// answer is lost. A context that ends wins over everything.
func (c *Client) AwaitDevice(ctx context.Context, auth DeviceAuth) (secret.Text, error) {
	poll := devicePost("/oauth2/device/token.json", url.Values{
		"grant_type":  {"urn:ietf:params:oauth:grant-type:device_code"},
		"device_code": {auth.code.Reveal()},
		"client_id":   {c.ClientID},
	})
	for interval := max(auth.Interval, time.Second); ; {
		code, err := c.pollDevice(ctx, poll)
		said, wait := cause(err), interval
		if err == nil || said.Class() != Retry || ctx.Err() != nil {
			return code, err
		}
		if said.Code != "authorization_pending" { // slow_down, or a lost answer, which calls for the same
			interval = min(interval+deviceInterval, slowestPoll)
			wait = max(interval, said.RetryAfter)
		}
		left := auth.Expires.Sub(c.now())
		if left <= 0 {
			return secret.Text{}, err
		}
		if err := sleep(ctx, min(wait, left)); err != nil {
			return secret.Text{}, fail(&Error{Endpoint: poll.path, Err: err})
		}
	}
}

// pollDevice asks once whether the person has signed in.
func (c *Client) pollDevice(ctx context.Context, poll call) (secret.Text, error) {
	got, err := c.askDevice(ctx, poll)
	switch {
	case err != nil:
		return secret.Text{}, err
	case got.AuthCode == "":
		return secret.Text{}, poll.wrong(errMissing)
	}
	return secret.New(string(got.AuthCode)), nil
}

// wireDevice is the result of both calls.
type wireDevice struct {
	DeviceCode   text   `json:"deviceCode"`
	UserCode     text   `json:"userCode"`
	Page         text   `json:"verificationUri"`
	PageWithCode text   `json:"verificationUriComplete"`
	ExpiresIn    number `json:"expiresIn"`
	Interval     number `json:"interval"`

	AuthCode text `json:"authCode"`
	Error    text `json:"error"`
}

// askDevice makes one of the calls. They have an envelope of their own, in
// which a refusal of the poll is a success with an error in its result.
func (c *Client) askDevice(ctx context.Context, ask call) (wireDevice, error) {
	var got struct {
		Success   flag       `json:"success"`
		Result    wireDevice `json:"result"`
		ErrorCode text       `json:"errorCode"`
	}
	if err := c.do(ctx, ask, &got); err != nil {
		return wireDevice{}, err
	}
	said := got.Result.Error
	switch {
	case !got.Success.value:
		said = cmp.Or(said, got.ErrorCode)
	case said == "":
		return got.Result, nil
	}
	return wireDevice{}, fail(&Error{Endpoint: ask.path, Status: http.StatusOK, Code: label(string(said))})
}

// devicePost is a call of the sign-in page's host, which takes forms.
func devicePost(path string, form url.Values) call {
	return call{api: pages, method: http.MethodPost, path: path, form: form}
}

// inSeconds is a time that DingTalk gave, where it is one within reason.
func inSeconds(n number, most, otherwise time.Duration) time.Duration {
	if n <= 0 || n > number(most/time.Second) {
		return otherwise
	}
	return time.Duration(n) * time.Second
}
