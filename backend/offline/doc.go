// Package offline lets people in by a PIN or a badge while DingTalk cannot be
// asked.
//
// [SignIn] is the entry: [SignIn.ByPIN] and [SignIn.ByBadge] decide and give a
// [Pass], [SignIn.Enter] lets in by it, and [SignIn.Granted] and [SignIn.Enrol]
// set a PIN right after a sign-in with DingTalk. [Badges] issues, checks and revokes badges; [Card] and [Picture]
// print them. [CheckPIN] says why a PIN is too weak, [JobNumber] how a job number
// is compared.
//
// # Promises
//
//   - Nobody is let in whom [identity.Decide] does not allow, and then nothing
//     is asked of the PIN.
//   - A try is on disk before its hash is computed, so that neither a kill nor a
//     second process wins another one. A success takes it back.
//   - Somebody who comes in is counted, the current one and in the sign-in log in
//     one step, or in none of them.
//   - Where nothing can be written (a full disk, one that turned read-only) who is
//     known comes in all the same. What is counted is held in memory and written
//     when the disk takes it.
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
// whole file is what the vault's anchor notices. A verdict other than allow is
// told without a PIN, because the person needs to know what to do; it tells by
// that that the job number is somebody's.
//
// While nothing can be written there are three wrong PINs in all, those that
// are on the disk among them, and a right one forgives its own try only; then
// there is no PIN until the disk takes writes. What was counted in memory dies
// with the process: who fills the disk and restarts the program has those three
// again with each restart, and a badge has its uses again, until its time or the
// person's is over.
package offline
