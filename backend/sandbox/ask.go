package sandbox

import (
	"net"
	"net/url"
	"strings"
)

// ask is an authorization request that DingTalk would show a QR for.
type ask struct {
	Redirect *url.URL
	State    string
	HasState bool
	Corp     bool   // scope has corpid: the person chooses a company
	CorpID   string // the company to offer first
	Managed  bool   // org_type=management: only companies that the person manages
	Frame    bool
	SNS      bool // the legacy scan: one code, no company
	Device   bool // the device flow: no page waits, and nothing redirects

	Enterprise     bool   // exclusiveLogin: only enterprise accounts
	EnterpriseCorp string // exclusiveCorpId: only this company's; "": whose code the person types
}

// mistake is why DingTalk's own page, and not the redirect address, tells of an
// error.
type mistake struct{ Title, Detail string }

// wrongParameter is what DingTalk's page is reported to say (JeecgBoot's pull
// request for a missing prompt).
func wrongParameter(detail string) *mistake { return &mistake{"参数错误", detail} }

// readAsk checks an authorization request (contract 1.1) against the app.
func readAsk(q url.Values, clientID string, registered []string) (ask, *mistake) {
	for name, values := range q {
		if len(values) > 1 {
			return ask{}, wrongParameter(name + " is there more than once")
		}
	}
	a := ask{State: q.Get("state"), HasState: q.Has("state"), Frame: q.Get("iframe") == "true"}
	switch {
	case q.Get("client_id") != clientID:
		return a, &mistake{"应用不存在", "client_id is unknown: it is the app's Client ID (AppKey)"}
	case q.Get("response_type") != "code":
		return a, wrongParameter("response_type must be code")
	case q.Get("scope") != "openid" && q.Get("scope") != "openid corpid":
		return a, wrongParameter("scope must be «openid» or «openid corpid»")
	case q.Get("prompt") != "consent":
		return a, wrongParameter("prompt must be consent")
	}
	if a.Corp = q.Get("scope") == "openid corpid"; a.Corp {
		a.CorpID, a.Managed = q.Get("corpId"), q.Get("org_type") == "management"
	}
	// Guesses: another value than true asks for nothing, exclusiveCorpId alone
	// neither, and a frame that lacks what DTFrameLogin calls mandatory (contract
	// 1.5) ends like any other wrong parameter.
	if a.Enterprise = q.Get("exclusiveLogin") == "true"; a.Enterprise {
		a.EnterpriseCorp = q.Get("exclusiveCorpId")
	}
	if a.Enterprise && a.Frame && a.EnterpriseCorp == "" {
		return a, wrongParameter("exclusiveCorpId is mandatory with exclusiveLogin in a frame")
	}
	var wrong *mistake
	a.Redirect, wrong = redirectOf(q, registered)
	return a, wrong
}

// redirectOf is the redirect address, where it is one and is registered.
func redirectOf(q url.Values, registered []string) (*url.URL, *mistake) {
	redirect, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || (redirect.Scheme != "http" && redirect.Scheme != "https") || redirect.Host == "" || redirect.Fragment != "" || redirect.User != nil {
		return nil, wrongParameter("redirect_uri must be an absolute http address without a fragment")
	}
	for _, r := range registered {
		if matches(r, redirect) {
			return redirect, nil
		}
	}
	return nil, &mistake{"回调地址未注册", "redirect_uri is not among the app's registered redirect addresses (重定向URL)"}
}

// matches is the best reading of how DingTalk compares a redirect address with
// a registered one (contract 1.3): scheme and host are equal, the port is too,
// the path begins with the registered one (jeecgboot issue 4309). Only
// 127.0.0.1 registered without a port is known to allow any port.
func matches(registered string, redirect *url.URL) bool {
	r, err := url.Parse(strings.TrimSpace(registered))
	if err != nil || r.Scheme != redirect.Scheme || !strings.EqualFold(r.Hostname(), redirect.Hostname()) {
		return false
	}
	anyPort := r.Port() == "" && r.Hostname() == "127.0.0.1"
	if !anyPort && port(r) != port(redirect) {
		return false
	}
	path := strings.TrimSuffix(r.Path, "/")
	return path == "" || redirect.Path == path || strings.HasPrefix(redirect.Path, path+"/")
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// admits says whether the page lets somebody's account in. Where exclusiveCorpId
// is absent they type their company's code: here, picking them stands for that.
func (a ask) admits(p Person) bool {
	return !a.Enterprise || p.Enterprise != "" && (a.EnterpriseCorp == "" || p.Enterprise == a.EnterpriseCorp)
}

// companies are those that somebody may choose. That an enterprise account gets
// its own company without choosing follows from where it signs in: a guess.
func (a ask) companies(p Person) []string {
	if a.Enterprise {
		return []string{p.Enterprise}
	}
	return p.Corps
}

// origin is the only origin that the framed page talks to.
func (a ask) origin() string {
	host := strings.ToLower(a.Redirect.Hostname())
	if p := port(a.Redirect); (a.Redirect.Scheme == "http" && p != "80") || (a.Redirect.Scheme == "https" && p != "443") {
		return a.Redirect.Scheme + "://" + net.JoinHostPort(host, p)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return a.Redirect.Scheme + "://" + host
}

// success is the redirect with a code. Both names hold it (contract 1.2).
func (a ask) success(code string) string { return a.with("authCode", code, "code", code) }

// failure is the redirect of a refusal.
func (a ask) failure(reason string) string { return a.with("error", reason) }

// with adds the pairs and the state to the redirect address, in this order,
// after a query that it already has.
func (a ask) with(pairs ...string) string {
	if a.HasState {
		pairs = append(pairs, "state", a.State)
	}
	to := *a.Redirect
	for i := 0; i < len(pairs); i += 2 {
		if to.RawQuery != "" {
			to.RawQuery += "&"
		}
		to.RawQuery += pairs[i] + "=" + url.QueryEscape(pairs[i+1])
	}
	return to.String()
}
