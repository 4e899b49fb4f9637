package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// planFor probes this test binary as one of the clients.
func planFor(t *testing.T, client string, flags ...string) plan {
	t.Helper()
	args := append(flags, "-wait", "20s", "-env", testClient+"="+client, "-env", "TOKEN_URL={{.URL}}/token", "--", os.Args[0])
	if client == "dingpass" {
		args = append(args, "login", "--json", "--ui", "none")
	}
	p, err := readPlan(args, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestABadClientGetsItsBadWords(t *testing.T) {
	t.Parallel()
	tests := map[string]map[string]string{
		"gullible": {
			"forged code, no state":                    "attacker's code exchanged",
			"forged code, wrong state":                 "attacker's code exchanged",
			"forged error=, no state":                  "killed",
			"forged error=, wrong state":               "killed",
			"right code and state, Host: evil.example": "accepted",
			"OPTIONS carrying the code":                "consumed",
			"HEAD carrying the code":                   "consumed",
			"GET with Sec-Purpose: prefetch":           "consumed",
			"listening address":                        "0.0.0.0",
			"hardening headers on the final page":      "none",
		},
		"fragile": {
			"forged code, no state":                    "killed",
			"forged code, wrong state":                 "killed",
			"forged error=, no state":                  "killed",
			"right code and state, Host: evil.example": "accepted",
			"OPTIONS carrying the code":                "killed",
			"HEAD carrying the code":                   "killed",
			"GET with Sec-Purpose: prefetch":           "consumed",
			"GET /favicon.ico first":                   "killed",
			"another path carrying the code":           "accepted",
			"GET / tells the state":                    "yes",
			"wrong-state answer echoes the state":      "yes",
			"one silent connection first":              "login hangs",
			"drops a silent connection within 6 s":     "no",
			"hardening headers on the final page":      "none",
		},
	}
	for client, want := range tests {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			p := planFor(t, client)
			for _, r := range rows() {
				word, ok := want[r.name]
				if !ok {
					continue
				}
				run := p
				if word == "login hangs" {
					run.wait = 0 // it would hang for as long as anyone waits
				}
				if got := run.try(t.Context(), r); got.Word != word || !got.Bad {
					t.Errorf("%s: %q, bad %t; want %q, bad", r.name, got.Word, got.Bad, word)
				}
			}
		})
	}
}

func TestABadClientIsNotBlamedForWhatItDoesWell(t *testing.T) {
	t.Parallel()
	tests := []struct{ client, row, want string }{
		{"gullible", "GET /favicon.ico first", "harmless"},
		{"gullible", "another path carrying the code", "harmless"},
		{"gullible", "GET / tells the state", "n/a: it has no state"},
		{"gullible", "wrong-state answer echoes the state", "n/a: it has no state"},
		{"gullible", "one silent connection first", "harmless"},
		{"fragile", "listening address", "127.0.0.1"},
	}
	for _, test := range tests {
		t.Run(test.client+" "+test.row, func(t *testing.T) {
			t.Parallel()
			p := planFor(t, test.client, "-row", test.row)
			if got := p.try(t.Context(), p.chosen()[0]); got.Word != test.want || got.Bad {
				t.Errorf("%q, bad %t; want %q", got.Word, got.Bad, test.want)
			}
		})
	}
}

// Of the rows of the comparison, dingpass may fail none (design 6).
func TestAGoodClientHasNothingBad(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"good":     nil,
		"opener":   {"-row", "forged"}, // learnt from the browser that it opens
		"dingpass": {"-preset", "dingpass"},
	}
	for client, flags := range tests {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			p := planFor(t, client, flags...)
			for _, r := range p.chosen() {
				if got := p.try(t.Context(), r); got.Bad {
					t.Errorf("%s: %s", r.name, got)
				}
			}
		})
	}
}

func TestARunThatCannotBeMadeIsBad(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, client, want string }{
		{"a client that ends at once", "mute", "exit code 3"},
		{"a redirect to another machine", "remote", "192.0.2.1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := planFor(t, test.client)
			p.timeout = 20 * time.Second
			got := p.try(t.Context(), rows()[0])
			if !got.Bad || !strings.Contains(got.Word, test.want) {
				t.Errorf("%q, bad %t; want bad, with %q in it", got.Word, got.Bad, test.want)
			}
		})
	}
}

func TestTheReportEndsWithACountAndAnExitCode(t *testing.T) {
	t.Parallel()
	run := func(client string, flags ...string) (string, int) {
		t.Helper()
		args := append(flags, "-row", "favicon", "-env", testClient+"="+client, "-env", "TOKEN_URL={{.URL}}", "--", os.Args[0])
		var stdout, stderr bytes.Buffer
		code := probe(t.Context(), args, &stdout, &stderr)
		return stdout.String() + stderr.String(), code
	}
	tests := []struct {
		name, client string
		flags        []string
		want         string
		code         int
	}{
		{"plain and good", "good", nil, "  GET /favicon.ico first                     harmless (400)\n0 bad of 1\n", 0},
		{"plain and bad", "fragile", nil, "✗ GET /favicon.ico first                     killed (400)\n1 bad of 1\n", 1},
		{"Markdown", "fragile", []string{"-markdown"}, "| probe | result |\n|---|---|\n| GET /favicon.ico first | **killed (400)** |\n\n1 bad of 1\n", 1},
		{"JSON", "good", []string{"-json"}, `{"probe":"GET /favicon.ico first","result":"harmless","answer":"400","bad":false}` + "\n" + `{"bad":0,"of":1}` + "\n", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, code := run(test.client, test.flags...); got != test.want || code != test.code {
				t.Errorf("exit code %d, want %d, with\n%s\nwant\n%s", code, test.code, got, test.want)
			}
		})
	}
}

func TestAWrongCommandLineIsToldFromABadClient(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{}, {"--"}, {"-row", "no such row", "--", "x"}, {"-provider", "x", "--", "x"}, {"-start", "x", "--", "x"}, {"-preset", "x", "--", "x"}, {"-nonsense"},
	} {
		var stderr bytes.Buffer
		if code := probe(t.Context(), args, io.Discard, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("%q: exit code %d, want 2 and a word about it", args, code)
		}
	}
}

func TestURLsAreFoundInWhatAClientPrints(t *testing.T) {
	t.Parallel()
	escaped, err := json.Marshal(map[string]any{"list": []string{"see http://127.0.0.1:1/x?a=1&b=2"}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, line string
		want       []string
	}{
		{"alone", "http://127.0.0.1:1/open", []string{"http://127.0.0.1:1/open"}},
		{"within text and brackets", "Open <https://a.example/x?y=1&z=2> or 'http://b.example'", []string{"https://a.example/x?y=1&z=2", "http://b.example"}},
		{"within JSON, escaped", string(escaped), []string{"http://127.0.0.1:1/x?a=1&b=2"}},
		{"in colours", "\x1b[1mhttp://a.example/\x1b[0m", []string{"http://a.example/"}},
		{"none", "listening on port 80", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			urlsIn(strings.NewReader("first line\n"+test.line+"\n"), func(u *url.URL) { got = append(got, u.String()) })
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestListenersAreReadFromTheKernelsTables(t *testing.T) {
	t.Parallel()
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 2
   2: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3
   3: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   4: nonsense
`
	want := []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}
	if got := listenersIn(table, 0x1F90); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestOnlyLoopbackIsEverSentTo(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"http://127.0.0.1:1/x": true, "http://127.9.9.9/": true, "http://[::1]:1/": true, "http://localhost:1/": true,
		"http://192.0.2.1/": false, "http://login.example/": false, "http://localhost.example/": false,
		"https://127.0.0.1/": false, "file:///etc/passwd": false, "http://0.0.0.0:1/": false, "http://127.0.0.1@login.example/": false,
	}
	for text, want := range tests {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := onlyLoopback(u); (err == nil) != want {
			t.Errorf("%s: %v, want it let through: %t", text, err, want)
		}
	}
}
