//go:build e2e

// Package e2e_test shows the real thing working: the programs as they are
// released, a real X server, the real window, and a phone that knows nothing
// but what a camera sees of the screen.
//
// «make e2e» runs it on what «make build» has built in bin/. Each test has its
// own X server, its own «dingpass sandbox» and its own data folder, so that
// tests share nothing and run side by side as far as there are processors.
// Pictures and what the programs said are kept under artefacts/e2e/, a folder
// a test.
//
// The parts:
//
//	screen   an X server: pictures of it, the QR in them, the window's title
//	dingtalk a «dingpass sandbox» process, spoken to over HTTP only
//	phone    opens what a QR says, and confirms
//	session  a dingpass process: its lines on standard output, its end
//	family   every process that comes of it, found by a mark in the environment
//
// A test waits for things that happen: a line, a process's end, or a picture
// that shows what it should (see until). It never sleeps for a while and hopes.
package e2e_test
