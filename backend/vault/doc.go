// Package vault has the key that seals the identity cache, and the client
// secret where the operating system keeps it.
//
// A [Vault] finds the root key where the administrator wants it — the system's
// keychain, a systemd credential, a file, a passphrase — and gives [Keys].
// From each root key HKDF derives one key for each [Purpose]; root keys
// themselves never leave the package. [Keys.Sealer] seals what the database
// holds. [Anchor] keeps what must not be wound back with the database file: its
// epoch, and the length and head of the sign-in log; on another machine
// [Anchor.Mend] makes it anew. [ClientSecret] is for
// «dingpass secret».
//
// # A key's id is its check value
//
// The id of a root key is derived from it. A key under a wrong id is therefore
// noticed without a value to try it on, and a sealed value names the key that
// opens it.
//
// # The label
//
// Beside the database lies key.json, the label: which keys the database was
// sealed with, and which source they came from. It holds no secret, and it is
// what tells «no key was ever made» from «the key is gone»: only [Vault.Ensure]
// makes a key, and never where there is a label. It belongs to a backup of the
// database, as does the salt of a passphrase, which is in it.
//
// # States
//
// Where there is no key, the error is a *login.Error with the code
// key_unavailable whose detail begins with a [State]; errors.Is(err, Locked)
// works too. None: no key was made yet. Locked: somebody can open it, and then everything is as before.
// Gone: what was sealed can never be read again. Wrong: there is a key, but
// another one. Unavailable: this machine has no such source. Package words has
// a next step for each.
//
// # Promises
//
//   - Reading makes nothing. No key ever lies in the data directory.
//   - Each call of the keychain has a deadline. One that does not come back is
//     left behind, and the keychain is left alone for a while.
//   - Each write is read back and compared before it counts.
//   - No error, log line or dump shows a key, a passphrase or the client secret.
//
// What it does not do: hide anything from somebody who is this user, or root,
// on this machine while dingpass may use the key.
package vault
