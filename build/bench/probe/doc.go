// Probe measures how a sign-in through a loopback redirect (RFC 8252, 7.3)
// stands up to hostile requests. It works on any client: ours, or the one that
// you would use instead.
//
//	go run ./build/bench/probe [flags] -- CLIENT ARGS…
//	go run ./build/bench/probe -preset dingpass -- dingpass login --json --ui none
//	go run ./build/bench/probe -env AUTH_URL={{.URL}}/authorize -env TOKEN_URL={{.URL}}/token -- ./client
//
// For each row of the table the client is started anew, and the probe
//
//   - learns the authorization URL: the first one that the client prints, also
//     within JSON, or that it opens a browser for (the probe stands in for
//     xdg-open and the like); a loopback URL is walked like a browser, with
//     cookies, redirects and, after the first page, the path of -start;
//   - sends the row's request to the address in redirect_uri, with a one-time
//     code that is valid but not the person's;
//   - sends the genuine redirect, with the person's code;
//   - reports what the sign-in ended with: which of the codes were exchanged,
//     and how the client exited.
//
// The words follow the comparison of six clients that the rows come
// from: harmless (the attempt went on); killed (one request ended the
// person's sign-in); consumed, accepted, attacker's code exchanged. The last
// line is «N bad of M». The exit code is 0 where nothing was bad, 1 where
// something was, 2 where the probe could not be used.
//
// # The provider
//
// The probe plays it. «-provider oauth2» answers any POST that brings a code
// with tokens, as /token of RFC 6749, and describes itself at
// /.well-known/openid-configuration. «-provider dingtalk» is
// backend/sandbox, scanned by a scripted phone. The client learns of it by
// templates in -env NAME=VALUE and in its arguments: {{.URL}}, {{.ClientID}},
// {{.ClientSecret}}, {{.CorpID}}, and {{.Dir}}, an empty folder of this run.
//
// # Limits
//
// It sends to loopback addresses only, and to nothing but the client's own
// listener. Every run ends within -timeout, every answer is read up to a
// megabyte. How the sign-in ended is judged by the exchange and the exit code,
// so a client must exchange the code itself; one that goes on running counts as
// signed in by the exchange. The listening address is known on Linux only. The
// client runs with the caller's rights and environment: probe what you would
// run anyway.
package main
