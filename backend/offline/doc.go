// Package offline lets people in by a PIN or a badge while DingTalk cannot be
// asked.
//
// [SignIn] is the entry: [SignIn.ByPIN] and [SignIn.ByBadge] decide, and
// [SignIn.Granted] and [SignIn.Enrol] set a PIN right after a sign-in with
// DingTalk. [Badges] issues, checks and revokes badges; [Card] and [Picture]
// print them. [CheckPIN] says why a PIN is too weak, [JobNumber] how a job number
// is compared.
//
// # Promises
//
//   - Nobody is let in whom [identity.Decide] does not allow, and then nothing
//     is asked of the PIN.
//   - A try is on disk before its hash is computed, so that neither a kill nor a
//     second process wins another one. A success takes it back.
//   - What is kept of a PIN can be tried only by who has a key that is not in the
//     database.
//   - Whether a typed job number is somebody's, and whether they have a PIN,
//     shows neither in the answer to a wrong PIN, nor in the locks, nor in the work.
//   - What is kept and was changed or cut is a typed error, never a panic and
//     never a yes.
//   - Nothing here opens a connection.
//
// # What it does not do
//
// It holds out against who stands at the keypad. Who can write the database's
// file as this user can put an older row of a counter back; an older copy of the
// whole file is what the vault's anchor notices. Where nothing can be written,
// nobody comes in by PIN or badge: a try that cannot be counted has no end. A
// verdict other than allow is told without a PIN, because the person needs to
// know what to do; it tells by that that the job number is somebody's.
package offline
