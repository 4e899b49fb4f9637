// Package command is dingpass on the command line: one file for each command,
// and the wiring that they share (core.go).
//
// A [Program] holds what a command may touch — streams, environment, the
// interface's files, the window — so that a test runs the same commands that
// main runs. [Program.Run] takes the arguments and returns the exit code of
// design 3.3.
//
// Manners that every command keeps: results on standard output and nothing
// else there; words for people on standard error, in their language; --json
// for programs; --help with an example; all settings problems at once.
package command
