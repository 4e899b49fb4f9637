package dingtalk_test

import (
	"maps"
	"net/url"
	"regexp"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
)

func TestTheAuthorizationRequestIsWhatDingTalkDocuments(t *testing.T) {
	t.Parallel()
	const redirect = "http://127.0.0.1:18765/callback"
	common := map[string]string{
		"client_id": "dingabc123", "redirect_uri": redirect, "response_type": "code",
		"scope": "openid corpid", "prompt": "consent", "state": "u3Xk0",
	}
	with := func(extra map[string]string) map[string]string {
		all := maps.Clone(common)
		maps.Copy(all, extra)
		return all
	}
	for name, tc := range map[string]struct {
		client *dingtalk.Client
		frame  bool
		base   string
		want   map[string]string
	}{
		"page": {
			&dingtalk.Client{ClientID: "dingabc123", CorpID: "ding0a1b"}, false,
			"https://login.dingtalk.com/oauth2/auth", with(map[string]string{"corpId": "ding0a1b"}),
		},
		"frame": {
			&dingtalk.Client{ClientID: "dingabc123", CorpID: "ding0a1b"}, true,
			"https://login.dingtalk.com/oauth2/auth", with(map[string]string{"corpId": "ding0a1b", "iframe": "true"}),
		},
		"no company configured: the person chooses one": {
			&dingtalk.Client{ClientID: "dingabc123"}, false,
			"https://login.dingtalk.com/oauth2/auth", common,
		},
		"the person in their own account, without a company": {
			&dingtalk.Client{ClientID: "dingabc123", CorpID: "ding0a1b", Page: dingtalk.SignInPage{WithoutCompany: true, Managed: true}}, false,
			"https://login.dingtalk.com/oauth2/auth", with(map[string]string{"scope": "openid"}),
		},
		"companies that the person manages": {
			&dingtalk.Client{ClientID: "dingabc123", Page: dingtalk.SignInPage{Managed: true}}, false,
			"https://login.dingtalk.com/oauth2/auth", with(map[string]string{"org_type": "management"}),
		},
		"enterprise accounts": {
			&dingtalk.Client{ClientID: "dingabc123", Page: dingtalk.SignInPage{Enterprise: true}}, false,
			"https://login.dingtalk.com/oauth2/auth", with(map[string]string{"exclusiveLogin": "true"}),
		},
		"enterprise accounts of one company, in a frame": {
			&dingtalk.Client{ClientID: "dingabc123", Page: dingtalk.SignInPage{Enterprise: true, EnterpriseCorpID: "ding9"}}, true,
			"https://login.dingtalk.com/oauth2/auth", with(map[string]string{"exclusiveLogin": "true", "exclusiveCorpId": "ding9", "iframe": "true"}),
		},
		"the page with the QR at once": {
			&dingtalk.Client{ClientID: "dingabc123", Page: dingtalk.SignInPage{Challenge: true}}, false,
			"https://login.dingtalk.com/oauth2/challenge.htm", common,
		},
		"another host with a path of its own": {
			&dingtalk.Client{ClientID: "dingabc123", LoginURL: "http://127.0.0.1:9/sandbox/"}, false,
			"http://127.0.0.1:9/sandbox/oauth2/auth", common,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tc.client.AuthorizeURL(login.AuthorizeRequest{State: "u3Xk0", RedirectURI: redirect, Frame: tc.frame})
			u, err := url.Parse(got)
			if err != nil {
				t.Fatal(err)
			}
			query := map[string]string{}
			for key, values := range u.Query() {
				if len(values) != 1 {
					t.Errorf("%s is there %d times", key, len(values))
				}
				query[key] = values[0]
			}
			u.RawQuery = ""
			if u.String() != tc.base || !maps.Equal(query, tc.want) {
				t.Errorf("url = %s\nquery = %v\nwant %v", got, query, tc.want)
			}
		})
	}
}

// dws #230, PR #242: a URL was cut at its first & when a shell on Windows
// opened it. The & itself has to be there; nothing else may mean anything to a
// shell, to Chinese code pages or to a decoder that leaves + alone.
func TestTheURLSurvivesShells(t *testing.T) {
	t.Parallel()
	const state = `a&b%20c+d e^f|g"h'i<j>k(l)m;n!o$p` + "`q\\r\n你好"
	const redirect = "http://127.0.0.1:18765/回调?x=1&y=50%"
	c := dingtalk.Client{ClientID: "dingabc123", CorpID: "公司&1"}
	got := c.AuthorizeURL(login.AuthorizeRequest{State: state, RedirectURI: redirect})
	if !regexp.MustCompile(`^https://login\.dingtalk\.com/oauth2/auth\?[A-Za-z0-9._~%=&-]+$`).MatchString(got) {
		t.Errorf("url = %s", got)
	}
	u, err := url.Parse(got)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	if query.Get("state") != state || query.Get("redirect_uri") != redirect || query.Get("corpId") != "公司&1" {
		t.Errorf("query = %v", query)
	}
}
