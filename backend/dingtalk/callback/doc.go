// Package callback receives DingTalk's events over HTTP (事件订阅, HTTP 推送).
//
// DingTalk calls a public https address of ours whenever somebody joins,
// changes or leaves, encrypted with a key that it shares with the app:
//
//   - [Crypto] is that key: it opens what DingTalk sent, seals what we answer,
//     and says by a [Code] of DingTalk's own list what is wrong.
//   - [Event] is what happened. It is a hint: whoever gets one reads the person
//     or the department again and believes that.
//   - [Handler] is the http.Handler for the address. It answers first and
//     leaves the work to whoever takes the events; [Queue] puts a bounded
//     channel there.
//
// Where the address is registered: for an app of the console, in the console;
// for the older call_back API, by the dingtalk package's Client
// (RegisterCallback and its sisters), which also reads what could not be
// delivered.
//
// What the package promises:
//
//   - Nothing is done, and nothing is decrypted, before the signature is right.
//     It is compared in constant time. Whatever is wrong behind it looks the
//     same from outside, so that nobody can use the handler to test paddings.
//   - A message counts within a few minutes of its timestamp, and once. The
//     same message again, or the same event in another, is acknowledged and
//     not delivered.
//   - An event is acknowledged only after it has been taken. When it is not,
//     the answer is an error, and DingTalk tries twice more, after 10 s and
//     after 30 s.
//   - Memory is bounded, and no goroutine is started.
//   - No error and no log line holds a token, a key, a signature or a part of a
//     message.
//
// What it does not do: it serves no TLS, does not check the sender's address
// (DingTalk's ranges change), and remembers nothing across a restart. Events
// can be lost on their way, here and at DingTalk: they shorten the wait for the
// next full read, and do not replace it. A machine without a public address
// uses Stream mode.
package callback
