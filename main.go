// Dingpass signs people in with DingTalk's QR code, on a kiosk or in a desktop
// tool, and knows them again when the network is gone.
//
// Package backend/command has the commands; this file gives them the process:
// streams, environment, signals, the built interface and, where it was built
// in, the window (app.go).
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/frontend"
)

// version is set by the linker to the tag that is built.
var version = "dev"

func main() { os.Exit(run()) }

// run is main with an exit code, so that deferred calls happen.
func run() int {
	attachConsole()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends what the first could not
	executable, err := os.Executable()
	if err != nil {
		executable = os.Args[0]
	}
	program := &command.Program{
		Build:      command.ReadBuild(version, hasWindow),
		Executable: executable,
		Stdin:      os.Stdin,
		Stdout:     os.Stdout,
		Stderr:     os.Stderr,
		Getenv:     takeSecret("DINGPASS_CLIENT_SECRET"),
		Assets:     frontend.Assets(),
	}
	if hasWindow {
		program.Window = func(ctx context.Context, args []string) int {
			return windowCommand(ctx, args, os.Stdin, os.Stderr)
		}
	}
	return program.Run(ctx, os.Args[1:])
}

// takeSecret takes a variable out of the environment and returns a look-up that
// still knows it. Whatever we start inherits the environment, the system's
// browser included, and has no use for the secret.
func takeSecret(name string) func(string) (string, bool) {
	secret, ok := os.LookupEnv(name)
	_ = os.Unsetenv(name) // fails on no system for a name like this
	return func(asked string) (string, bool) {
		if asked == name {
			return secret, ok
		}
		return os.LookupEnv(asked)
	}
}
