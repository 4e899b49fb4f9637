package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() { os.Exit(run()) } //nolint:forbidigo // this is main

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return bench(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

// measurement is one part of the report.
type measurement struct {
	name string
	make func(context.Context, plan) ([]row, error)
}

func measurements() []measurement {
	return []measurement{
		{"window", measureWindow}, {"signin", measureSignIn}, {"memory", measureMemory}, {"company", measureCompany},
		{"cache", measureCache}, {"size", measureSize},
	}
}

// bench is main with its streams as arguments.
func bench(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p, err := readPlan(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		_, _ = fmt.Fprintln(stderr, "bench:", err) // nowhere else to say it, here and below
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	code := 0
	out := newReport(ctx, p)
	for _, m := range measurements() {
		if len(p.only) > 0 && !slices.Contains(p.only, m.name) {
			continue
		}
		rows, err := m.make(ctx, p)
		if err != nil {
			_, _ = fmt.Fprintf(stderr, "bench: %s was not measured: %v\n", m.name, err)
			code = 1
		}
		out.Rows = append(out.Rows, rows...)
	}
	if err := out.print(stdout, p.json); err != nil {
		_, _ = fmt.Fprintln(stderr, "bench: print the report:", err)
		return 1
	}
	return code
}

// plan is what the command line asks for.
type plan struct {
	runs    int             // pairs of each comparison
	signIns int             // of the measurement of memory
	only    []string        // names of measurements; none: all
	people  []int           // in the cache
	rtts    []time.Duration // round trips to DingTalk
	http    string          // auto, 1 or 2
	bin     string          // folder of the programs that are measured
	limit   time.Duration   // for all of it
	json    bool
	tell    func(format string, args ...any) // progress, for whoever waits
}

func readPlan(args []string, stderr io.Writer) (plan, error) {
	p := plan{tell: func(format string, args ...any) { _, _ = fmt.Fprintf(stderr, format+"\n", args...) }}
	var only, rtts, people string
	var quick bool
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&p.runs, "n", 10, "`pairs` of each comparison, after one that does not count")
	flags.IntVar(&p.signIns, "logins", 200, "how many `sign-ins` there are between the two looks at the memory")
	flags.BoolVar(&quick, "quick", false, "only see that it works: -n 2 -logins 20 -people 1000")
	flags.StringVar(&only, "only", "", "measure only these, of window,signin,memory,company,cache,size")
	flags.StringVar(&people, "people", "10000,1000000", "how many `people` the cache knows")
	flags.StringVar(&rtts, "rtt", "0,100ms", "`round trips` to DingTalk")
	flags.StringVar(&p.http, "http", "auto", "what DingTalk's hosts speak: 1, 2 or auto, which is what the client prefers")
	flags.StringVar(&p.bin, "bin", "bin", "`folder` of dingpass and dingpass-window")
	flags.DurationVar(&p.limit, "limit", 30*time.Minute, "how long all of it may take")
	flags.BoolVar(&p.json, "json", false, "print JSON, with every value")
	if err := flags.Parse(args); err != nil {
		return p, err
	}
	if quick {
		p.runs, p.signIns, people = 2, 20, "1000"
	}
	if only != "" {
		p.only = strings.Split(only, ",")
	}
	for text := range strings.SplitSeq(people, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return p, fmt.Errorf("-people %q is no number of people", text)
		}
		p.people = append(p.people, n)
	}
	for text := range strings.SplitSeq(rtts, ",") {
		rtt, err := time.ParseDuration(text)
		if err != nil || rtt < 0 {
			return p, fmt.Errorf("-rtt %q is no time like 100ms", text)
		}
		p.rtts = append(p.rtts, rtt)
	}
	return p, p.check(flags.Args())
}

func (p plan) check(rest []string) error {
	known := measurements()
	for _, name := range p.only {
		if !slices.ContainsFunc(known, func(m measurement) bool { return m.name == name }) {
			return fmt.Errorf("-only %q is none of window, signin, memory, company, cache, size", name)
		}
	}
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q is one word too many", rest[0])
	case p.runs < 1 || p.signIns < 1:
		return errors.New("-n and -logins must be at least 1")
	case !slices.Contains([]string{"auto", "1", "2"}, p.http):
		return fmt.Errorf("-http %q is none of auto, 1, 2", p.http)
	}
	return nil
}
