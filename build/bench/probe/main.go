package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() { os.Exit(run()) } //nolint:forbidigo // this is main

func run() int {
	if reported, code := actAsBrowser(); reported {
		return code
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return probe(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

// probe is main with its streams as arguments.
func probe(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	plan, err := readPlan(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "probe:", err)
		return 2
	}
	bad := 0
	chosen := plan.chosen()
	plan.report.begin(stdout)
	for _, r := range chosen {
		v := plan.try(ctx, r)
		if v.Bad {
			bad++
		}
		plan.report.row(stdout, r.name, v)
		if ctx.Err() != nil {
			return 2
		}
	}
	plan.report.end(stdout, bad, len(chosen))
	if bad > 0 {
		return 1
	}
	return 0
}

// plan is what the command line asks for.
type plan struct {
	client   []string // command and arguments, as templates
	env      []string // NAME=VALUE, as templates
	provider string   // oauth2 or dingtalk
	start    string   // path to go to after the client's first page; "" = none
	only     string   // part of a row's name; "" = all
	wait     time.Duration
	timeout  time.Duration
	report   report
	stderr   io.Writer
}

// list is a flag that may be given several times.
type list []string

// String is what -help shows as the default.
func (l *list) String() string { return strings.Join(*l, " ") }

// Set takes one more.
func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

func readPlan(args []string, stderr io.Writer) (plan, error) {
	p := plan{stderr: stderr}
	var env list
	var preset string
	var markdown, json bool
	flags := flag.NewFlagSet("probe", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: probe [flags] -- CLIENT ARGS…\n\nexample: probe -preset dingpass -- dingpass login --json --ui none\n\nflags:")
		flags.PrintDefaults()
	}
	flags.StringVar(&p.provider, "provider", "oauth2", "who the client signs in with: oauth2 or dingtalk")
	flags.StringVar(&p.start, "start", "", "`path` on the client's own origin that leads to the provider")
	flags.StringVar(&p.only, "row", "", "only the rows with this `text` in their name")
	flags.DurationVar(&p.wait, "wait", 10*time.Second, "how long a sign-in may take after the redirect")
	flags.DurationVar(&p.timeout, "timeout", time.Minute, "how long one run may take")
	flags.StringVar(&preset, "preset", "", "settings for a known client: dingpass")
	flags.Var(&env, "env", "`NAME=VALUE` for the client; may be repeated")
	flags.BoolVar(&markdown, "markdown", false, "print a Markdown table")
	flags.BoolVar(&json, "json", false, "print one JSON object a line")
	if err := flags.Parse(args); err != nil {
		return p, err
	}
	if err := p.apply(preset); err != nil {
		return p, err
	}
	p.client, p.env, p.report = flags.Args(), append(p.env, env...), reportOf(markdown, json)
	return p, p.check()
}

func (p *plan) check() error {
	switch {
	case len(p.client) == 0:
		return errors.New("which client? probe [flags] -- CLIENT ARGS…")
	case p.provider != "oauth2" && p.provider != "dingtalk":
		return fmt.Errorf("-provider %q is neither oauth2 nor dingtalk", p.provider)
	case p.start != "" && !strings.HasPrefix(p.start, "/"):
		return fmt.Errorf("-start %q is no path", p.start)
	case len(p.chosen()) == 0:
		return fmt.Errorf("no row's name has %q in it", p.only)
	}
	return nil
}

// apply takes over the settings for a known client; flags on the command line
// come after it where they can be repeated.
func (p *plan) apply(preset string) error {
	switch preset {
	case "":
		return nil
	case "dingpass":
		p.provider, p.start = "dingtalk", "/login/start"
		p.env = []string{
			"DINGPASS_LOGIN_URL={{.URL}}", "DINGPASS_API_URL={{.URL}}", "DINGPASS_OAPI_URL={{.URL}}",
			"DINGPASS_CLIENT_ID={{.ClientID}}", "DINGPASS_CLIENT_SECRET={{.ClientSecret}}", "DINGPASS_CORP_ID={{.CorpID}}",
			"DINGPASS_DATA_DIR={{.Dir}}/data", "DINGPASS_KEY_SOURCE=file:{{.Dir}}/key",
			"HOME={{.Dir}}", "XDG_CONFIG_HOME={{.Dir}}", "APPDATA={{.Dir}}", // no config.toml of the caller's
		}
		return nil
	}
	return fmt.Errorf("-preset %q is not known; there is dingpass", preset)
}

// chosen are the rows that -row leaves.
func (p *plan) chosen() []row {
	var chosen []row
	for _, r := range rows() {
		if strings.Contains(r.name, p.only) {
			chosen = append(chosen, r)
		}
	}
	return chosen
}
