package command

import (
	"context"

	"github.com/dingpass/dingpass/backend/sandbox"
)

func sandboxCommand() command {
	return command{
		name:    "sandbox",
		summary: "a stand-in for DingTalk on this machine, with a phone to scan with",
		example: "dingpass sandbox --listen 127.0.0.1:9000",
		options: []option{
			jsonFlag("the one line is JSON in any case"),
			{name: "listen", value: "127.0.0.1:0", help: "`address` to listen on; loopback only"},
			{name: "people", value: 60, help: "how many `people` there are besides the named ones"},
			{name: "seed", value: 1, help: "the same `seed` makes the same people"},
		},
		run: runSandbox,
	}
}

// listeningEvent is the one line that the sandbox prints (design 3.1).
type listeningEvent struct {
	Event string `json:"event"` // listening
	URL   string `json:"url"`
}

func runSandbox(ctx context.Context, p *Program, line *line) error {
	if line.int("people") < 0 || line.int("seed") < 0 {
		return usage("--people and --seed cannot be negative")
	}
	people := line.int("people")
	if people == 0 {
		people = -1 // none; 0 would be the sandbox's own choice
	}
	options := sandbox.Options{People: people, Seed: uint64(line.int("seed"))} //nolint:gosec // not negative
	server, err := sandbox.Listen(ctx, line.text("listen"), options)
	if err != nil {
		return usage("%v", err)
	}
	defer func() { _ = server.Close() }() // nothing of it outlives us
	if err := p.result(listeningEvent{"listening", server.URL()}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
