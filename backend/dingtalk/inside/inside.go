// Package inside is the page that signs people in inside the DingTalk app
// (免登): it asks the app for a one-time code and posts it to us, without a scan
// and without a tap.
//
// [Page] writes the HTML, and [Script] is the JavaScript that it names; whoever
// serves them sends the posted code to dingtalk.Client.IdentifyVisitor. The
// page's domain has to be the app's home page or its 端内免登地址 in DingTalk's
// console, or the app gives no code.
//
// The script uses dd.requestAuthCode, and dd.runtime.permission.requestAuthCode
// where an older app does not have that or refuses it. It asks once each, gives
// up after ten seconds without an answer, and writes the code into no URL and
// no log.
//
// Not here: the server, and what stands on the page after a sign-in.
package inside

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

var (
	//go:embed page.html
	page string

	//go:embed page.mjs
	script []byte
)

// JSAPI is DingTalk's own script, which has dd. A page's content security
// policy has to let it in.
const JSAPI = "https://g.alicdn.com/dingding/dingtalk-jsapi/3.1.0/dingtalk.open.js"

// Options are what a page needs to know. All but JSAPI are needed.
type Options struct {
	CorpID   string // the company, whose people are asked for
	ClientID string // the app's AppKey
	Post     string // where the code is posted, as {"code":"…"}; of the page's own origin
	Script   string // where Script is served
	Language string // of the page: zh-CN or en
	JSAPI    string // where DingTalk's script is; "" is DingTalk's
}

// Page writes the page.
func Page(w io.Writer, o Options) error {
	if o.JSAPI == "" {
		o.JSAPI = JSAPI
	}
	parsed, err := template.New("page").Parse(page)
	if err != nil {
		return fmt.Errorf("parse page: %w", err)
	}
	if err := parsed.Execute(w, o); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

// Script is the page's JavaScript: a module without dependencies.
func Script() []byte { return append([]byte(nil), script...) }
