// Bench measures what dingpass promises of its speed and size, each beside what
// it is compared with, in one run and pair by pair, because two runs on a busy
// machine are not comparable.
//
//	make build && go run ./build/bench
//	go run ./build/bench -quick                  a smoke test: two runs of each
//	go run ./build/bench -only signin -rtt 100ms one measurement
//
// It prints one Markdown table, or with -json one object that also holds every
// single value. The programs that are measured are those in bin/: the release
// build, as separate processes. A promise that was missed is marked and is no
// failure; the exit code is 1 where something could not be measured, and 2 for
// arguments that make no sense.
//
// # window: start to QR
//
// From exec of the core until the QR's pixels are on the screen, against an
// empty Wails window (build/bench/emptywindow, built with the same tags and
// flags, in the same environment) from exec until the pixels of its one static
// page are. Both are seen from outside, in the frame buffer of the same Xvfb,
// by the same colour in the same number of pixels; neither page reports
// anything itself. So whatever our interface does before the QR has its full
// contrast (a second process, two pages more, a fade) counts against us. The
// empty window may keep its caches from run to run, as any program does; our
// windows get a fresh profile each time, and that counts, too. The QR is that of
// backend/sandbox without network delay: DingTalk's own time is not ours.
//
// # signin: scan to welcome
//
// From the moment at which the genuine redirect is sent to the core
// («dingpass --ui none») until its event stream tells signed_in. DingTalk is
// backend/sandbox behind TLS, its two API hosts behind a delaying proxy each
// (delay.go): every byte takes half a round trip, and a new connection a whole
// one more, so that handshakes cost what they cost in the field. The core trusts
// the throw-away certificate by SSL_CERT_FILE, which the Go runtime reads; the
// product knows nothing of it. The scan comes when the core's warming is over: a
// person needs seconds, warming needs three round trips.
//
// Beside it, for each person in the same moment: the floor of dependent calls
// (4 round trips for a new person, 3 for a known one), computed and as bare
// requests one after the other on a warm connection through the same proxy; and
// the way of DingTalk's tutorials, five calls one after the other, each on a
// connection of its own. Neither of these stores or shows anything.
//
// # memory and size
//
// Resident memory of the core when its first QR is up, after the first hundred
// sign-ins, and after many more (-logins 10000 is what is promised; it takes a
// minute each). Growth counts from the hundredth: Go lets the heap of a new
// process grow to 4 MB before it looks for garbage, so that the first number
// says what a core needs that nobody uses. Then the size of the two programs.
//
// # company: a large sandbox
//
// How long «dingpass sandbox --people 100000» takes from exec to the line with
// its address, and its resident memory then and when every department's people
// have been read over HTTP. Nobody is made before they are asked for, so that
// the second is the number that counts.
//
// # cache: verdicts, and what is on the disk
//
// The store's test binary (backend/store, measure_test.go), which can fill a
// database with a million people, beside two programs that have SQLite and
// nothing else (package plain): one through the store's own driver, one through
// mattn/go-sqlite3. Each has a database of as many rows of the same size in the
// same folder; the three take turns in each round. A verdict is everything from
// the user id to the answer: the keyed hash, the row with its counts, opening,
// decoding, deciding. What it is beside is a prepared SELECT of one column by
// key, and for what is written, an INSERT with synchronous FULL. Ids are drawn
// from all people. Opening after a crash is that of the product, with keys and
// all checks. The memory is the peak of the process.
//
// # Limits
//
// Linux only, but for size. The proxy models distance, not bandwidth, loss or
// TCP's slow start. All parts share one machine: with other work on it, look at
// the ratios. Timers of the Go runtime may be late by a millisecond, which is
// why the floor is measured as well as computed.
package main
