// Package sandbox is a stand-in for DingTalk on 127.0.0.1.
//
// One base URL plays DingTalk's hosts: the login pages (full page and framed
// QR, new and legacy), the new API under /v1.0/, the old one (/gettoken,
// /topapi/, /user/, /department/, /sns/, /call_back/), and the Stream gateway.
// It keeps to the wire contract and refuses what DingTalk refuses, so that a
// client that works here has no leniency of ours to thank for it. It is part
// of the product: «dingpass demo» and «dingpass sandbox» run it, and every
// page says that it is a sandbox.
//
// # Entry points
//
// [Listen] binds a loopback address and serves; [New] gives the same as an
// http.Handler. [Sandbox.App] has the credentials that a client needs. The
// methods of [Sandbox] and the JSON of /_control/ do the same things: people,
// departments, faults, settings, the clock, events, and what was asked so far.
// /_console is a page over them for people.
//
// # A sign-in
//
// GET /oauth2/auth shows a QR that holds http://127.0.0.1:PORT/scan/ID. Opening
// that address is scanning: a phone's screen to pick a person on, and to
// confirm or refuse. A script sends POST /scan/ID with the form fields userid,
// action=confirm|refuse and, for a person of several companies, corp. The page
// then goes to the redirect address; the framed page posts a message to the
// redirect's origin instead, and a framing page of another origin hears
// nothing. A program without JavaScript reads data-scan from the page, and
// follows the page's link /oauth2/continue/KEY, which waits for the outcome and
// answers 302.
//
// exclusiveLogin=true lets in enterprise accounts only, and exclusiveCorpId only
// that company's. Whoever is given "enterprise_corp" has one.
//
// # Other ways in
//
// [Sandbox.NoLoginCode] makes the code that a page inside DingTalk gets (免登).
// The legacy scan has its own pages: /connect/qrconnect, whose redirect has
// code and state, and /login/qrcode.htm?goto=…, the frame of ddLogin.js, which
// posts the loginTmpCode as a plain string to any page around it.
//
// [Sandbox.SSOCode] makes the code of an administrator who opens the app's back
// office from DingTalk's admin console. The app is a suite's, too, with the
// same id and secret and a ticket ([App], [Sandbox.SetSuiteTicket]).
//
// The device flow (/oauth2/device/code.json, then token.json) is what DingTalk's
// own command line speaks and no page documents. Its user code is a QR's ID:
// /oauth2/device?user_code=ID leads to the phone at /scan/ID. A poll sooner than
// the interval is told to slow_down.
//
// # Events
//
// [Sandbox.SendEvent] pushes an event to the callback address that is
// subscribed for its type in DingTalk's console ([Sandbox.Subscribe]) or
// registered (POST /call_back/register_call_back); loopback addresses only;
// three attempts, ten and thirty seconds apart. Or else it goes to one of the
// Stream connections. Over Stream, what is not acknowledged within ack_wait is
// sent again, with the same eventId and another messageId, and an event waits
// where nobody is connected.
//
// [Sandbox.Call] asks a client that has subscribed to a CALLBACK topic, and
// returns what it replies.
//
// # Time and limits
//
// [Sandbox.Advance] moves the clock: codes and tokens expire, and whatever waits
// for a moment wakes. The limits of calls are off until rate_limit (20 a second
// at DingTalk) and ip_limit (10,000 in twenty seconds) are set.
//
// # People who always exist
//
//	zhang01  张三              an ordinary employee
//	li02     李思              an administrator of the company
//	wang03   王武              an external contact: contact_type 1, then 60121
//	zhao04   赵柳              never activated DingTalk: active false
//	qian05   钱琪              disabled: the record says disable_status true; the
//	                           only one with an enterprise account (企业账号)
//	sun06    孙坝              disabled: the record call answers 60120
//	zhou07   周玖              belongs to another company only: its corpId
//	wu08     吴诗              belongs to no company: no corpId, 60121
//	zheng09  郑两              belongs to both companies, and chooses
//	aygul10  阿依古丽·买买提江  an employee with a long name and no optional field
//	chen11   陈离              still chooses the company, but left it: 60121
//
// The others, and their departments, are made from Options.Seed: the same seed
// gives the same company. Below the root there are seven divisions, and below
// them about one team for twelve people. Everything is made when asked for, so
// that the number of people costs neither time nor memory at the start.
//
// # Promises
//
// Only loopback addresses are bound, and called back. /_control/ and /_console
// answer no web page of another origin. No code, token or secret is logged,
// listed or shown, but for a no-login code to who asks for it. One-time codes
// work once. All state is in memory and gone with the process.
//
// # What it is not
//
// It does not check that a framing page is who it says, knows no passwords, no
// company's code of an enterprise account (picking the person stands for typing
// it), and no suite of several companies. Changing people sends no event by
// itself. Where the contract says that DingTalk's behaviour is unknown, a setting
// chooses or a comment says what was assumed.
package sandbox
