package sandbox

// consoleWords are the texts of the console in one language.
type consoleWords struct {
	Title, Requests, NoRequests, People, Find     string
	Faults, Endpoint, Everything, Once, Always    string
	Heal, HealAll, NoFaults                       string
	Time, Tokens, Expire, Rotate, ExpireCodes     string
	Events, Send, Stream, Waiting, Callback       string
	Disconnect, Drop, Code, NoLogin, Limit, NoQRs string
	Disabled, Blocked, Left, External, Inactive   string
	Away                                          string
}

func chineseConsole() consoleWords {
	return consoleWords{
		Title: "控制台", Requests: "请求", NoRequests: "还没有请求", People: "人员", Find: "搜索姓名、工号、userid",
		Faults: "故障", Endpoint: "接口", Everything: "全部接口", Once: "一次", Always: "一直",
		Heal: "清除", HealAll: "全部清除", NoFaults: "没有故障",
		Time: "时间", Tokens: "令牌", Expire: "令牌过期", Rotate: "令牌作废", ExpireCodes: "授权码过期",
		Events: "事件", Send: "发送", Stream: "Stream 连接", Waiting: "待确认", Callback: "已注册回调",
		Disconnect: "通知断开", Drop: "直接断线", Code: "二维码", NoLogin: "免登码", Limit: "限流 20 次/秒", NoQRs: "没有二维码",
		Disabled: "已停用", Blocked: "已禁用（60120）", Left: "不在企业", External: "外部联系人", Inactive: "未激活",
		Away: "沙盒已停止，正在重新连接",
	}
}

func englishConsole() consoleWords {
	return consoleWords{
		Title: "Console", Requests: "Requests", NoRequests: "No requests yet", People: "People", Find: "Name, job number or userid",
		Faults: "Faults", Endpoint: "Call", Everything: "Every call", Once: "Once", Always: "Always",
		Heal: "Clear", HealAll: "Clear all", NoFaults: "No faults",
		Time: "Time", Tokens: "Tokens", Expire: "Expire tokens", Rotate: "Revoke tokens", ExpireCodes: "Expire codes",
		Events: "Events", Send: "Send", Stream: "Stream connections", Waiting: "to be acknowledged", Callback: "callback registered",
		Disconnect: "Disconnect", Drop: "Cut", Code: "QR codes", NoLogin: "No-login code", Limit: "Limit to 20 calls a second", NoQRs: "No codes",
		Disabled: "disabled", Blocked: "disabled (60120)", Left: "no member", External: "external contact", Inactive: "never activated",
		Away: "The sandbox has stopped; reconnecting",
	}
}
