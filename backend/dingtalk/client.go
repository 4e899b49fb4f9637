// Package dingtalk is DingTalk over HTTP, as far as a sign-in needs it.
//
// A [Client] is a struct with useful zero values: an app's client id and
// secret are enough. It implements login.Provider:
//
//   - [Client.AuthorizeURL] is where the person is sent (OAuth 2, RFC 6749);
//     [SignInPage] has the page's options.
//   - [Client.Warm] opens connections and fetches the app token while the QR
//     is up, so that nothing but the person's own calls is left to do.
//   - [Client.Identify] turns the one-time code into an identity, through the
//     membership gate.
//
// The same gate stands behind the other ways in: [Client.IdentifyVisitor] for
// a page inside the DingTalk app (免登; package inside has the page), [SNS] for
// the scan that came before OAuth 2, and [Client.AwaitDevice], an experiment,
// for a device without a browser. [SSO] is for administrators alone, who come
// from DingTalk's admin console.
//
// A [Session] keeps a person's own token alive. [Client.Users],
// [Client.Everyone] and [Client.DepartmentTree] read the directory; they are
// sequences that fetch the next page when it is needed:
//
//	for user, err := range client.Users(ctx, dingtalk.RootDepartment) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(user.Name)
//	}
//
// A [Directory] reads it in another language or order.
// [Client.Recheck] asks about a person who has signed in before, without them,
// and [Client.Ping] whether DingTalk is there at all.
//
// Below these stands one method for each call of DingTalk, and [Client.Check]
// for whoever looks for what is wrong. The frozen calls of before 2021 have no
// methods of their own: with Client.Legacy the same methods make them. Nor has
// the app of a suite: TokenBySuite is one of the ways to its token.
//
// A program switches on [Error.Class], people read the login.Code:
//
//	if e, ok := errors.AsType[*dingtalk.Error](err); ok && e.Class() == dingtalk.Retry {
//		wait(e.RetryAfter)
//	}
//
// What the package promises:
//
//   - Every error is a *login.Error with a code of the closed list; inside it
//     is an [*Error] with what DingTalk said that a program may read. Neither
//     ever holds a body, a message, a URL, a code, a token or a secret, and
//     nothing is decided by the text of a message: the texts change.
//   - What is sent is exactly what DingTalk documents. What is taken may be
//     sloppy: quoted numbers, absent fields, both of DingTalk's envelopes and
//     bodies that are no JSON at all.
//   - A one-time code is sent once. When the answer is lost, so is the code:
//     the person scans again.
//   - An app token is fetched once, by however many callers and, with a
//     [Keeper], processes; renewed early; and once more when it is refused.
//   - No API gets more than 19 calls in a second from a Client. Who waits for a
//     turn stops waiting when their context ends. While DingTalk's flood guard
//     bans our address nothing is sent but what Ping asks: every call is
//     answered at once with what the guard said, and with the time that is left
//     as its RetryAfter.
//   - A person is let in only after the company's own directory has named them
//     as an active employee.
//   - No goroutine outlives the call that started it, but for the renewal of a
//     Session, which its Close waits for.
//
// Tokens leave the process only through a [Keeper] of yours. The package does
// not speak for other apps' users and does not follow redirects.
package dingtalk

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// DingTalk's hosts.
const (
	DefaultLoginURL = "https://login.dingtalk.com" // pages for people
	DefaultAPIURL   = "https://api.dingtalk.com"   // the newer API, /v1.0/…
	DefaultOAPIURL  = "https://oapi.dingtalk.com"  // the older API, /topapi/…
)

// Client speaks to DingTalk for one app. Set the fields, then use it by
// pointer from any number of goroutines; it is frozen after the first use and
// must not be copied.
type Client struct {
	ClientID     string      // the app's AppKey
	ClientSecret secret.Text // the app's AppSecret
	CorpID       string      // the company whose people may sign in; "" takes the company that DingTalk names

	// The three hosts, for DingTalk's other region, a proxy or a stand-in.
	// https, or http on a loopback host; "" is DingTalk's.
	LoginURL, APIURL, OAPIURL string

	Page      SignInPage // what DingTalk's sign-in page is to be like
	TokenCall TokenCall  // which call gives the app token
	Legacy    bool       // read people and departments with the calls that DingTalk froze in 2021, for apps with no newer permission
	Keeper    Keeper     // where restarts and other processes find the app token; nil: each process fetches its own

	// SuiteTicket is the latest ticket that DingTalk has sent to the suite's
	// callback address; it sends another now and then, as an event of the type
	// suite_ticket. Only TokenBySuite and TokenBySignature ask for
	// it, once for each token.
	SuiteTicket func(context.Context) (secret.Text, error)

	HTTP *http.Client     // nil: one over NewTransport. Its redirect policy and cookie jar are not used
	Now  func() time.Time // nil: time.Now
	Log  *slog.Logger     // nil: discard. One debug line a call

	// Heard is told of every call how it went, in the call's own goroutine: so
	// quickly, please. A call that its caller ended says nothing. nil: nobody
	Heard func(context.Context, login.Heard)

	once  sync.Once
	web   *http.Client
	app   appToken
	seen  loginHost
	gates gates
	ban   ban
}

var _ login.Provider = (*Client)(nil)

// client is the HTTP client of every call: no redirects, because an API call
// that is sent elsewhere would take the secret there; no cookies, because
// DingTalk's API needs none.
func (c *Client) client() *http.Client {
	c.once.Do(func() {
		c.web = &http.Client{}
		if c.HTTP != nil {
			*c.web = *c.HTTP
		}
		if c.web.Transport == nil {
			c.web.Transport = NewTransport()
		}
		c.web.Jar = nil
		c.web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	})
	return c.web
}

// now is the wall clock. The monotonic part is cut off: it stands still while
// a laptop sleeps, and a token does not.
func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now().Round(0)
	}
	return c.Now().Round(0)
}

func (c *Client) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}
