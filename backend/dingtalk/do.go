package dingtalk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

const (
	callTimeout = 10 * time.Second // of one call; an employee record takes about 0.1 s
	maxBody     = 1 << 20          // of an answer; an employee record has about 1 kB
)

// api is one of the three hosts, and how it takes its token.
type api int

const (
	newer api = iota // api.dingtalk.com: a header
	older            // oapi.dingtalk.com: a query parameter
	pages            // login.dingtalk.com: none, it has pages for people
)

func (a api) String() string {
	switch a {
	case older:
		return "connect to oapi_url"
	case pages:
		return "connect to login_url"
	}
	return "connect to api_url"
}

// address is the URL of a path on the host.
func (c *Client) address(host api, path string) string {
	switch host {
	case older:
		return join(c.OAPIURL, DefaultOAPIURL, path)
	case pages:
		return join(c.LoginURL, DefaultLoginURL, path)
	}
	return join(c.APIURL, DefaultAPIURL, path)
}

// call is one request to DingTalk.
type call struct {
	api        api
	method     string
	path       string
	query      url.Values  // nil: none is sent but for the token
	token      secret.Text // empty: none is sent
	body       any         // sent as JSON; nil: none is sent
	form       url.Values  // sent in the place of a body; nil: none
	once       bool        // it changes something, and is not sent again when that may have been done, nor as a GET by net/http itself
	permission string      // what the app needs for it, for an administrator
}

// do makes one call, once, and decodes its result into out. Its errors are
// *login.Error around *Error.
//
// net/http sends a request a second time by itself only when not a byte of it
// was written, or when the server said by protocol that it did not look at it;
// so that a one-time code is safe here. With GET it is bolder, see call.once.
func (c *Client) do(ctx context.Context, call call, out any) error {
	gate := c.gates.at(call.path)
	kept := c.held(ctx, call.path)
	if kept == nil {
		kept = gate.pass(ctx)
	}
	if kept != nil {
		kept.Endpoint = call.path
		return fail(kept)
	}
	_, failure := c.try(ctx, call, out)
	if failure == nil {
		return nil
	}
	if failure.limited() && failure.transient() {
		gate.shut(max(time.Second, failure.RetryAfter))
	}
	return fail(failure)
}

// held is the answer to a call while our address is banned. A context that has
// ended wins over it.
func (c *Client) held(ctx context.Context, endpoint string) *Error {
	if err := ctx.Err(); err != nil {
		return &Error{Endpoint: endpoint, Err: err}
	}
	return c.ban.left(endpoint, c.now())
}

// try makes the call's one request, unless our address was banned meanwhile.
func (c *Client) try(ctx context.Context, call call, out any) (answer, *Error) {
	if held := c.held(ctx, call.path); held != nil {
		return answer{}, held
	}
	began := c.now()
	got, failure := c.send(ctx, call)
	if failure == nil {
		failure = got.decode(out)
	}
	if failure != nil {
		failure.Endpoint, failure.permission = call.path, call.permission
		c.ban.begin(failure, c.now())
	}
	c.note(ctx, call, began, got, failure)
	c.hear(ctx, got, failure)
	return got, failure
}

// answer is an HTTP response, read to its end.
type answer struct {
	status int
	date   string
	wait   time.Duration // the Retry-After header
	body   []byte
	took   time.Duration // also where there was no answer
}

// send makes the request and reads what comes back, whatever it is.
func (c *Client) send(ctx context.Context, call call) (answer, *Error) {
	return c.sendBy(ctx, c.client(), call)
}

func (c *Client) sendBy(ctx context.Context, web *http.Client, call call) (got answer, failure *Error) {
	began := time.Now() // with its monotonic part: a clock that is set meanwhile makes no call slow
	defer func() { got.took = time.Since(began) }()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := c.request(ctx, call)
	if err != nil {
		return answer{}, &Error{Err: err}
	}
	resp, err := web.Do(req)
	if err != nil {
		return answer{}, &Error{Err: reason(err)}
	}
	defer func() { _ = resp.Body.Close() }() // what was not read is of no interest
	got = answer{status: resp.StatusCode, date: resp.Header.Get("Date"), wait: retryAfter(resp.Header)}
	got.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case ctx.Err() != nil && err != nil:
		return got, &Error{Err: ctx.Err()}
	case err != nil:
		return got, &Error{Status: got.status, Err: errCut}
	case len(got.body) > maxBody:
		return got, &Error{Status: got.status, Err: errTooLarge}
	}
	return got, nil
}

func (c *Client) request(ctx context.Context, call call) (*http.Request, error) {
	u, err := url.Parse(c.address(call.api, call.path))
	if err != nil || !allowed(u) {
		return nil, errPlain
	}
	query := url.Values{}
	maps.Copy(query, call.query)
	if call.api == older && !call.token.Empty() {
		query.Set("access_token", call.token.Reveal())
	}
	u.RawQuery = query.Encode()
	body, kind, err := call.content()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, call.method, u.String(), body)
	if err != nil {
		return nil, errPlain
	}
	if call.once && body == nil {
		// net/http sends a GET again when a kept connection breaks before the
		// answer, unless there is a body that it cannot wind back. This one is
		// empty, and nothing of it is sent.
		req.Body = io.NopCloser(strings.NewReader(""))
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "dingpass")
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	if call.api == newer && !call.token.Empty() {
		// It looks nowhere else: not at Authorization, not at the query.
		req.Header.Set("x-acs-dingtalk-access-token", call.token.Reveal())
	}
	return req, nil
}

// content is what the request carries, and of what kind; nil for nothing.
func (call call) content() (body io.Reader, kind string, err error) {
	switch {
	case call.form != nil:
		return strings.NewReader(call.form.Encode()), "application/x-www-form-urlencoded", nil
	case call.body == nil:
		return nil, "", nil
	}
	encoded, err := json.Marshal(call.body)
	if err != nil {
		return nil, "", errBroken // what the calls send can always be encoded
	}
	return bytes.NewReader(encoded), "application/json", nil
}

// decode reads the envelope, then the result.
func (a answer) decode(out any) *Error {
	if refused := judge(a.status, a.body); refused != nil {
		refused.RetryAfter = cmp.Or(a.wait, refused.RetryAfter)
		return refused
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		// The decoder's own words quote the answer.
		return &Error{Status: a.status, Err: errUnreadable}
	}
	return nil
}

// note writes the call's one line.
func (c *Client) note(ctx context.Context, call call, began time.Time, got answer, failure *Error) {
	attrs := []slog.Attr{
		slog.String("op", call.path),
		slog.Int("status", got.status),
		slog.Int64("dur_ms", c.now().Sub(began).Milliseconds()),
	}
	if failure != nil {
		attrs = append(attrs, slog.String("code", failure.effective()), slog.String("request_id", failure.RequestID))
		if failure.Err != nil {
			attrs = append(attrs, slog.String("cause", failure.Err.Error()))
		}
	}
	c.log().LogAttrs(ctx, slog.LevelDebug, "dingtalk call", attrs...)
}

// wrong is for answers that are in form and make no sense.
func (call call) wrong(cause error) error {
	return fail(&Error{Endpoint: call.path, Status: http.StatusOK, Err: cause})
}

// cause is the *Error inside an error of do.
func cause(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{}
}
