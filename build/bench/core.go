package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// core is a running «dingpass --ui none», and this program in place of its
// page.
type core struct {
	cmd    *exec.Cmd
	stop   context.CancelFunc
	said   *tail
	origin string
	client *http.Client // has the launch cookie, and follows nothing
	phone  phone

	events io.Closer
	told   chan told // what the event stream says; closed at its end
}

// told is a snapshot as far as it matters here.
type told struct {
	at    time.Time
	Phase login.Phase `json:"phase"`

	Problem struct {
		Code login.Code `json:"code"`
	} `json:"problem"`
}

// coreEnvironment is what a core needs to know of a DingTalk. The data lies in
// dir.
func coreEnvironment(dir string, app sandbox.App, login, api, oapi string, more ...string) []string {
	return environ(dir, append([]string{
		"DINGPASS_CLIENT_ID=" + app.ClientID, "DINGPASS_CLIENT_SECRET=" + app.ClientSecret.Reveal(), "DINGPASS_CORP_ID=" + app.CorpID,
		"DINGPASS_LOGIN_URL=" + login, "DINGPASS_API_URL=" + api, "DINGPASS_OAPI_URL=" + oapi,
		"DINGPASS_DATA_DIR=" + filepath.Join(dir, "data"), "DINGPASS_KEY_SOURCE=file:" + filepath.Join(dir, "key"), "DINGPASS_LANGUAGE=zh-CN",
	}, more...)...)
}

// startCore starts it and follows its events.
func startCore(ctx context.Context, bin string, env []string) (_ *core, err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	running, stop := context.WithCancel(ctx)
	c := &core{
		stop: stop, said: &tail{}, phone: newPhone(), told: make(chan told, 64),
		client: &http.Client{Jar: jar, CheckRedirect: stay},
	}
	c.cmd = command(running, env, filepath.Join(bin, "dingpass"), "--ui", "none")
	stderr, err := c.cmd.StderrPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		stop()
		return nil, err
	}
	if err := c.open(ctx, bufio.NewReader(stderr)); err != nil {
		c.close()
		return nil, fmt.Errorf("start dingpass: %w; it said: %s", err, c.said)
	}
	return c, nil
}

// open reads the launch link from standard error and goes there.
func (c *core) open(ctx context.Context, stderr *bufio.Reader) error {
	line := ""
	for !strings.Contains(line, "/open/") {
		var err error
		if line, err = stderr.ReadString('\n'); err != nil {
			return err
		}
		_, _ = io.WriteString(c.said, line) // never fails
	}
	go func() { _, _ = io.Copy(c.said, stderr) }() // ends with the process
	link, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		return err
	}
	c.origin = "http://" + link.Host
	if _, _, err := send(ctx, c.client, http.MethodGet, link.String(), nil); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.origin+"/api/events", nil)
	if err != nil {
		return err
	}
	resp, err := c.client.Do(req) //nolint:bodyclose // close does
	if err != nil {
		return err
	}
	c.events = resp.Body
	go c.follow(resp.Body) // ends with close
	return nil
}

// follow notes when each snapshot came.
func (c *core) follow(events io.Reader) {
	defer close(c.told)
	lines := bufio.NewScanner(events)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		snapshot := told{at: time.Now()}
		if json.Unmarshal([]byte(data), &snapshot) == nil {
			c.told <- snapshot
		}
	}
}

// close ends the process and waits for it.
func (c *core) close() {
	c.stop()
	if c.events != nil {
		_ = c.events.Close() // the process is going
		for range c.told {   // until follow has ended
		}
	}
	_ = c.cmd.Wait() // it was told to end
}

// wait returns the next snapshot of the phase. Failing is an answer, too.
func (c *core) wait(ctx context.Context, phase login.Phase) (told, error) {
	for {
		select {
		case snapshot, ok := <-c.told:
			switch {
			case !ok:
				return told{}, errors.New("the event stream ended")
			case snapshot.Phase == login.Failed:
				return told{}, fmt.Errorf("sign-in failed: %s", snapshot.Problem.Code)
			case snapshot.Phase == phase:
				return snapshot, nil
			}
		case <-ctx.Done():
			return told{}, fmt.Errorf("wait for %s: %w", phase, ctx.Err())
		}
	}
}

// signInWithin bounds one sign-in.
const signInWithin = time.Minute

// signIn makes one sign-in and returns how long it took from the redirect to
// the name. ready is waited for between the QR and the scan.
func (c *core) signIn(ctx context.Context, userID string, ready func(context.Context) error) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, signInWithin)
	defer cancel()
	redirect, err := c.scan(ctx, userID, ready)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if _, _, err := send(ctx, c.client, http.MethodGet, redirect, nil); err != nil {
		return 0, fmt.Errorf("send the redirect: %w", err)
	}
	welcome, err := c.wait(ctx, login.SignedIn)
	return welcome.at.Sub(began), err
}

// scan asks for a QR and has it scanned; what is left to do is the redirect.
func (c *core) scan(ctx context.Context, userID string, ready func(context.Context) error) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.origin+"/api/login", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Origin", c.origin)
	if _, _, err := read(c.client, req); err != nil {
		return "", fmt.Errorf("ask for a QR: %w", err)
	}
	if _, err := c.wait(ctx, login.Waiting); err != nil {
		return "", err
	}
	_, authorize, err := send(ctx, c.client, http.MethodGet, c.origin+"/login/start", nil)
	if err != nil {
		return "", err
	}
	if err := ready(ctx); err != nil {
		return "", fmt.Errorf("wait for the warm connections: %w", err)
	}
	redirect, err := c.phone.confirm(ctx, authorize, userID)
	if err != nil {
		return "", err
	}
	return redirect.String(), nil
}
