// Bench compares the product's client with DingTalk's official Go SDK
// (github.com/alibabacloud-go/dingtalk), side by side in one run: the same
// calls to the same sandbox, over connections that both keep.
//
//	make bench
//	go run ./bench -rounds 2 -calls 20    a smoke test
//
// It prints one Markdown table. Each round makes a number of calls of one kind
// with one client and then with the other, whose turn is first changing from
// round to round, and the ratios are round by round, because two runs on a busy
// machine are not comparable. A first round does not count.
//
// Time is from the call until its result, the sandbox's own work included: it
// is the same for both. The sandbox is a process of its own, so that allocations
// and bytes (runtime.MemStats) are the client's alone, net/http's part in it
// included.
//
// The product's client keeps below DingTalk's limit of 20 calls a second and
// keeps its app token; here both would be in the way. So each call is made by a
// new client over the same http.Client, which costs the product some
// allocations that a program does not see.
//
// The sizes are those of two programs that make the three calls (minimal), each
// built with -trimpath -ldflags "-s -w" and no cgo, and run once.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() { os.Exit(run()) } //nolint:forbidigo // this is main

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var p plan
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&p.rounds, "rounds", 10, "how many `rounds` count, after one that does not")
	flags.IntVar(&p.calls, "calls", 100, "how many `calls` of a kind each client makes in a round")
	flags.StringVar(&p.bin, "bin", "../../bin", "`folder` of dingpass, which is the sandbox")
	switch err := flags.Parse(os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil, p.rounds < 1, p.calls < 1, flags.NArg() > 0:
		_, _ = fmt.Fprintln(os.Stderr, "bench: want -rounds and -calls of at least 1, and no more") // nowhere else to say it, here and below
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if err := bench(ctx, p, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// plan is what the command line asks for.
type plan struct {
	rounds, calls int
	bin           string
}

func bench(ctx context.Context, p plan, out io.Writer) error {
	on := machine()
	company, err := openCompany(ctx, p.bin)
	if err != nil {
		return fmt.Errorf("start the sandbox: %w", err)
	}
	defer company.close()
	rows, err := race(ctx, p, company)
	if err != nil {
		return err
	}
	if err := company.keptConnections(ctx); err != nil {
		return err
	}
	sizes, err := sizes(ctx, company)
	if err != nil {
		return fmt.Errorf("measure the sizes: %w", err)
	}
	return report(out, on, p, append(rows, sizes))
}
