//go:build e2e

package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// dingtalk is a «dingpass sandbox» process. It is spoken to as DingTalk and its
// phones are, and through its /_control/.
type dingtalk struct {
	t       *testing.T
	process *exec.Cmd
	url     string // http://127.0.0.1:PORT
}

// plantedSecret is the app's client secret, to be looked for where it should
// not be.
const plantedSecret = "planted-SECRET-0b7f1d"

func newDingTalk(t *testing.T) *dingtalk {
	t.Helper()
	d := &dingtalk{t: t, process: exec.Command(program(t, "dingpass"), "sandbox")}
	lines, err := d.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said transcript
	d.process.Stderr = &said
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.stop)
	var listening struct{ URL string }
	line, err := bufio.NewReader(lines).ReadString('\n')
	if err != nil {
		t.Fatalf("start sandbox: %v; it said: %s", err, said.String())
	}
	if err := json.Unmarshal([]byte(line), &listening); err != nil {
		t.Fatalf("%v in the sandbox's line %q", err, line)
	}
	d.url = listening.URL
	d.control("settings", `{"client_secret":"`+plantedSecret+`"}`)
	return d
}

// stop ends DingTalk; nothing answers there any more.
func (d *dingtalk) stop() {
	_ = d.process.Process.Signal(syscall.SIGTERM) // may have been stopped before
	_ = d.process.Wait()                          // as above
}

// loginURL is DingTalk's login host. Under the name localhost it is of another
// site than our own page on 127.0.0.1, as the real one is, so that cookies are
// kept from it as from the real one.
func (d *dingtalk) loginURL() string { return strings.Replace(d.url, "127.0.0.1", "localhost", 1) }

// control posts to the sandbox's controls.
func (d *dingtalk) control(what, body string) {
	d.t.Helper()
	status, answer := d.request(http.MethodPost, d.url+"/_control/"+what, "application/json", body)
	if status >= 300 {
		d.t.Fatalf("control %s: %d %s", what, status, answer)
	}
}

// fault spoils the calls of an endpoint.
func (d *dingtalk) fault(endpoint, fault string) {
	d.t.Helper()
	d.control("faults", `{"endpoint":"`+endpoint+`","faults":[`+fault+`]}`)
}

// calls counts how often an endpoint was asked.
func (d *dingtalk) calls(endpoint string) int {
	d.t.Helper()
	_, answer := d.request(http.MethodGet, d.url+"/_control/state", "", "")
	var state struct{ Calls map[string]int }
	if err := json.Unmarshal([]byte(answer), &state); err != nil {
		d.t.Fatalf("%v in the sandbox's state", err)
	}
	return state.Calls[endpoint]
}

// scan is the phone opening what a QR says.
func (d *dingtalk) scan(link string) {
	d.t.Helper()
	if status, answer := d.request(http.MethodGet, link, "", ""); status != http.StatusOK {
		d.t.Fatalf("the phone opens the code: %d %s", status, answer)
	}
}

// confirm is the phone scanning, and its person saying yes.
func (d *dingtalk) confirm(link, userID string) {
	d.t.Helper()
	d.scan(link)
	form := url.Values{"userid": {userID}, "action": {"confirm"}}.Encode()
	if status, answer := d.request(http.MethodPost, link, "application/x-www-form-urlencoded", form); status != http.StatusOK {
		d.t.Fatalf("the phone confirms: %d %s", status, answer)
	}
}

func (d *dingtalk) request(method, address, kind, body string) (int, string) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // a phone keeps no line open
	resp, err := client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // it is read
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, string(answer)
}

// The call that spends the one-time code, and the one that asks whether the
// person is of the company: while they take long, the sign-in is working.
const (
	exchange   = "/v1.0/oauth2/userAccessToken"
	membership = "/topapi/user/getbyunionid"
)
