package sandbox

import "strings"

// words are the texts of the sandbox's pages in one language.
type words struct {
	Lang, Mark, Note                        string
	Title, Hint, Simulate, Close, NewCode   string
	Waiting, Scanned, Confirmed             string
	Refused, Expired, NoScript              string
	PhoneTitle, Pick, Search, More, Nobody  string
	Asks, Reads, Company, NoCompany         string
	Confirm, Refuse, Back                   string
	DoneConfirmed, DoneRefused              string
	ErrorTitle, NotFound, Front, Open, None string
	problems                                map[string]string
	Console                                 consoleWords
}

// Of is the sentence for a stage.
func (t words) Of(stage Stage) string {
	switch stage {
	case Scanned:
		return t.Scanned
	case Confirmed:
		return t.Confirmed
	case Refused:
		return t.Refused
	case Expired:
		return t.Expired
	}
	return t.Waiting
}

// Problem is the sentence for a reason that the phone gives.
func (t words) Problem(reason string) string { return t.problems[reason] }

// wordsFor reads Accept-Language: Chinese, unless English is asked for before
// it.
func wordsFor(accept string) words {
	for tag := range strings.SplitSeq(strings.ToLower(accept), ",") {
		tag = strings.TrimSpace(tag)
		switch {
		case strings.HasPrefix(tag, "en"):
			return english()
		case strings.HasPrefix(tag, "zh"):
			return chinese()
		}
	}
	return chinese()
}

// mark is on every page, in both languages, whatever the page's language is.
const mark = "沙盒 / SANDBOX"

func chinese() words {
	return words{
		Lang: "zh-CN", Console: chineseConsole(), Mark: mark, Note: "演示环境，不是钉钉，人员均为虚构",
		Title: "扫码登录", Hint: "用手机扫描二维码", Simulate: "没有手机？点此模拟扫码", Close: "关闭", NewCode: "刷新二维码",
		Waiting: "请用手机扫描二维码", Scanned: "已扫描，请在手机上确认", Confirmed: "已确认，正在登录",
		Refused: "已在手机上取消", Expired: "二维码已过期", NoScript: "扫码后继续",
		PhoneTitle: "模拟手机", Pick: "您是谁？", Search: "搜索姓名、工号", More: "还有更多，请搜索", Nobody: "没有找到",
		Asks: "请求使用您的账号登录", Reads: "将获得：姓名、头像、工号等通讯录信息", Company: "登录的企业", NoCompany: "个人账号（无企业）",
		Confirm: "确认登录", Refuse: "取消", Back: "换一个人",
		DoneConfirmed: "已确认，请看屏幕", DoneRefused: "已取消登录",
		ErrorTitle: "出错了", NotFound: "没有这个页面", Front: "正在等待扫码的二维码", Open: "用模拟手机打开", None: "现在没有二维码",
		problems: map[string]string{
			"unknown": "没有这个二维码", "expired": "二维码已过期，请在屏幕上刷新", "used": "二维码已被使用",
			"bad_action": "action 必须是 confirm 或 refuse", "no_person": "没有这个人（userid）", "no_corp": "此人不能选择该企业",
			"no_enterprise": "此页面只允许该企业的企业账号登录",
		},
	}
}

func english() words {
	return words{
		Lang: "en", Console: englishConsole(), Mark: mark, Note: "A demonstration, not DingTalk. The people are invented.",
		Title: "Scan to sign in", Hint: "Scan the code with your phone", Simulate: "No phone? Simulate one", Close: "Close", NewCode: "New code",
		Waiting: "Scan the code with your phone", Scanned: "Scanned. Confirm on the phone", Confirmed: "Confirmed. Signing in",
		Refused: "Refused on the phone", Expired: "This code has expired", NoScript: "Continue after scanning",
		PhoneTitle: "Simulated phone", Pick: "Who are you?", Search: "Name, user id or job number", More: "There are more: search", Nobody: "Nobody found",
		Asks: "asks to sign you in", Reads: "It will see your name, picture, job number and other contact data", Company: "Company", NoCompany: "Personal account, no company",
		Confirm: "Sign in", Refuse: "Refuse", Back: "Someone else",
		DoneConfirmed: "Confirmed. Look at the screen", DoneRefused: "Sign-in refused",
		ErrorTitle: "Something is wrong", NotFound: "There is no such page", Front: "Codes that wait to be scanned", Open: "Open on the simulated phone", None: "No code is shown at the moment",
		problems: map[string]string{
			"unknown": "There is no such code", "expired": "The code has expired. Ask the screen for a new one", "used": "The code was used already",
			"bad_action": "action must be confirm or refuse", "no_person": "There is no such person (userid)", "no_corp": "This person cannot choose that company",
			"no_enterprise": "Only the company's enterprise accounts can sign in on this page",
		},
	}
}
