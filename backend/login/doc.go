// Package login is one sign-in, from the QR code to a stored identity.
//
// A [Service] runs at most one attempt at a time. [Service.Begin] makes a new
// attempt with a fresh state parameter and drops an older one; the loopback
// server sends the person to [Service.AuthorizeURL]; DingTalk's redirect comes
// back through [Service.Complete]; the identity is asked for, stored and read
// back before the phase becomes signed_in. [Service.Snapshot] tells where
// things stand and [Service.Watch] follows every change.
//
// What the package promises:
//
//   - A redirect that does not carry the running attempt's state changes
//     nothing, whatever else it carries. The attempt goes on waiting.
//   - A one-time code is spent once. The answer to an attempt that was replaced
//     or cancelled meanwhile is thrown away before anything is stored.
//   - signed_in means durable: the store has written the identity and read it
//     back.
//   - Every attempt ends: by an answer, by its deadline, or by Close; at once
//     where DingTalk is known to be out of reach.
//   - Who comes by PIN or badge ([Service.ByPIN], [Service.ByBadge]) is in the
//     same snapshot, and in the sign-in log before it. Who is refused again and
//     again is told there as a number, so that nobody can fill a disk.
//   - While DingTalk can be asked, nobody comes in without its having been asked
//     about them. It is waited for so long as somebody waits at a door; then what
//     was kept counts.
//   - Who is shown is asked about again in the background ([Rechecker]). What
//     DingTalk says against somebody is written down, also when they have signed
//     out meanwhile; what it cannot tell changes nothing.
//
// It knows nothing of HTTP, windows, files or DingTalk's wire; those stand
// behind [Provider], [Store] and [Gate]. It uses the standard library, and of this
// project identity, signlog and secret.
package login
