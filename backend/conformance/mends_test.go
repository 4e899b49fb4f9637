package conformance_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/words"
)

// mends are the words of problems.json that the codes of 7.10 lead to, and what
// these must name in Chinese and in English: what is to be looked at next.
var mends = map[string][2]string{
	"app_misconfigured":                  {"Client Secret", "client secret"},
	"app_misconfigured:corp_id":          {"corp_id 设置", "the corp_id setting"},
	"app_misconfigured:company":          {"确认公司仍然存在并且已启用", "the company is still there and enabled"},
	"app_misconfigured:authorization":    {"重新授权", "authorize (install) the app once more"},
	"app_misconfigured:app_disabled":     {"启用并发布", "enable and publish the app"},
	"app_misconfigured:callback":         {"71006 表示", "71006 means"},
	"app_misconfigured:callback_address": {"公网", "must be public"},
	"app_misconfigured:callback_answer":  {"token 和 aes_key", "token and aes_key"},
	"redirect_misconfigured":             {"redirect", "redirect"},
	"permission_missing":                 {"开通下面的权限", "the permission below"},
	"ip_not_allowed":                     {"下面的 IP 地址", "the IP address below"},
	"clock_wrong":                        {"自动对时", "automatic time"},
	"rate_limited":                       {"等一分钟", "Wait a minute"},
	"rate_limited:quota":                 {"升级额度", "raise the quota"},
	"provider_unavailable":               {"过几分钟再试", "in a few minutes"},
	"provider_answer":                    {"代理或网关", "a proxy or gateway"},
	"provider_answer:token":              {"oapi_url", "oapi_url"},
	"provider_answer:not_found":          {"通讯录里核对", "in the DingTalk directory"},
	"code_invalid":                       {"再扫一次", "scan it once more"},
	"not_member":                         {"加入通讯录", "to add you"},
	"disabled":                           {"恢复", "to restore it"},
	"internal":                           {"日志", "the log"},
}

// says is what the code's error tells an administrator.
func (c oldCode) says(code string) string {
	if c.mend != "" {
		return c.mend + ": " + code
	}
	return c.detail
}

// words is the place of the code's words in problems.json.
func (c oldCode) words() string {
	if c.mend != "" {
		return string(c.login) + ":" + c.mend
	}
	return string(c.login)
}

// Codes that are mended in different ways must not share their words: who is
// told to check the client secret while the corp_id is wrong is sent astray.
func TestEveryCodeHasItsWords(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../words/problems.json")
	if err != nil {
		t.Fatal(err)
	}
	var table map[string]map[string]words.Words
	if err := json.Unmarshal(file, &table); err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for _, c := range oldCodes() {
		names, listed := mends[c.words()]
		if !listed {
			t.Errorf("%s: nothing says what %s must name", c.codes, c.words())
		}
		met[c.words()] = true
		for code := range strings.FieldsSeq(c.codes) {
			for i, language := range []string{words.Chinese, words.English} {
				got := words.For(language, &login.Error{Code: c.login, Detail: c.says(code)})
				if got != table[language][c.words()] || got.Title == "" || !strings.Contains(got.Next, names[i]) {
					t.Errorf("%s in %s: %q, which should be those of %s and name %q", code, language, got, c.words(), names[i])
				}
			}
		}
	}
	for place := range mends {
		if !met[place] {
			t.Errorf("no code leads to %s", place)
		}
	}
}

// newMends are the names of the newer API, and codes outside 7.10, with words
// of a case.
var newMends = map[string]string{
	"InvalidAuthentication": "token",
	"accesstoken.expired":   "token",
	"invalidToken":          "token",
	"40104":                 "not_found",
	"Forbidden.AccessDenied.ApiCountLimitForOrg": "quota",
}

// mendOf is the detail that a failure must have where it is not one about a
// permission or an address.
func mendOf(e *dingtalk.Error) string {
	if e.Banned {
		return "ban: " + e.RetryAfter.Round(time.Second).String()
	}
	code := e.Code
	if e.SubCode != "" {
		code = e.SubCode
	}
	for _, c := range oldCodes() {
		if c.mend != "" && slices.Contains(strings.Fields(c.codes), code) {
			return c.says(code)
		}
	}
	if mend := newMends[code]; mend != "" {
		return mend + ": " + code
	}
	return ""
}
