// Package loopback is the web server on 127.0.0.1 through which a person and
// DingTalk reach a sign-in: the interface's files, a small JSON API, an event
// stream and the redirect address (RFC 8252, 7.3).
//
// [Listen] binds first, so that the redirect URI is taken from a socket that is
// ours and never changes afterwards. [New] puts a server on it, [Server.Serve]
// runs it until its context ends, and [Server.Link] mints the one-time link
// that makes a browser ours.
//
// Who may do what (design 3.6):
//
//   - The Host header must be ours, on every request: a name that was rebound
//     to 127.0.0.1 gets nothing.
//   - /open/{token} works once and sets the launch cookie. Everything else but
//     the redirect address needs that cookie; a POST needs our own Origin too,
//     since pages on other ports of 127.0.0.1 are the same site and send it.
//   - The redirect address needs no cookie, because DingTalk's redirect comes
//     from another site and a SameSite=Strict cookie stays behind. It needs the
//     right state. Any other request to it changes nothing and the attempt goes
//     on waiting.
//   - HEAD, OPTIONS and prefetches never count as anything.
//
// What the cookie cannot do: cookies know no port, so a browser sends it to any
// server on 127.0.0.1 that the person visits, another user's included. In our
// own window nobody else is visited; in the system's browser this is the limit.
//
// No page, header or log line of this package holds a code, a state or a token
// in a form that outlives the request.
package loopback
