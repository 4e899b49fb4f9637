package official_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const robot = "/v1.0/im/bot/messages/get"

// streamclient is the program around the Stream SDK.
var streamclient string

func TestMain(m *testing.M) {
	os.Exit(run(m)) //nolint:forbidigo // this is a main
}

// run builds streamclient first: without the race detector, for the SDK's races
// are not ours to mend, whichever way these tests are built.
func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "dingpass-official-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }() // what is left lies in the system's place for it
		streamclient = filepath.Join(dir, "streamclient")
		var said []byte
		if said, err = exec.Command("go", "build", "-buildvcs=false", "-o", streamclient, "./streamclient").CombinedOutput(); err != nil {
			err = fmt.Errorf("build streamclient: %w: %s", err, said)
		}
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err) // nowhere else to say it
		return 1
	}
	return m.Run()
}

// line is what streamclient says.
type line struct {
	What string `json:"what"`
	ID   string `json:"id"`
	Type string `json:"type"`
	Corp string `json:"corp"`
	Born int64  `json:"born"`
	Text string `json:"text"`
}

// client is a streamclient that runs.
type client struct {
	*kit
	lines *json.Decoder
	said  *bytes.Buffer // on standard error; complete when the lines have ended
	wait  func() error
}

// stream starts a sandbox that does not ping by itself, because the SDK may
// lose a reply when it has two to make at once; and a streamclient.
func stream(t *testing.T) *client {
	t.Helper()
	k := start(t)
	k.change(func(s *sandbox.Settings) { s.PingInterval = 24 * time.Hour })
	return k.streamclient(k.App().ClientSecret.Reveal())
}

func (k *kit) streamclient(clientSecret string) *client {
	k.t.Helper()
	cmd := exec.CommandContext(k.t.Context(), streamclient) // ends before the sandbox does
	cmd.Env = []string{"API_URL=" + k.URL(), "CLIENT_ID=" + k.App().ClientID, "CLIENT_SECRET=" + clientSecret}
	c := &client{kit: k, said: &bytes.Buffer{}, wait: cmd.Wait}
	cmd.Stderr = c.said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() {
		_ = stdin.Close() // it may have ended
		_ = c.wait()      // it was killed
	})
	c.lines = json.NewDecoder(stdout)
	return c
}

// next is the next line.
func (c *client) next() line {
	c.t.Helper()
	var l line
	if err := c.lines.Decode(&l); err != nil {
		if errors.Is(err, io.EOF) {
			_ = c.wait() // what it says on standard error tells more
		}
		c.t.Fatalf("streamclient ended (%v): %s", err, c.said)
	}
	return l
}

// want is the next lines, in whichever order they come.
func (c *client) want(what ...string) {
	c.t.Helper()
	var got []string
	for range what {
		got = append(got, c.next().What)
	}
	if slices.Sort(got); !slices.Equal(got, what) {
		c.t.Fatalf("streamclient says %q, want %q", got, what)
	}
}

// until asks the sandbox over its socket until something is so.
func (k *kit) until(is func() bool) {
	k.t.Helper()
	for !is() {
		if _, _, err := k.phone.Visit(k.t.Context(), http.MethodGet, "/_control/events", nil); err != nil {
			k.t.Fatal(err)
		}
	}
}

// connected waits until the SDK has said that it is connected, and the sandbox
// has taken note.
func (c *client) connected() {
	c.t.Helper()
	c.want("connected")
	c.until(func() bool { return c.Connections() == 1 })
}

func (c *client) send(kind string) (id string) {
	c.t.Helper()
	id, err := c.SendEvent(sandbox.Event{Type: kind, Fields: map[string]any{"userId": []string{"zhang01"}}})
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

// delivered sends an event and sees that it is taken and acknowledged.
func (c *client) delivered() {
	c.t.Helper()
	id := c.send("user_leave_org")
	if got := c.next(); got.What != "event" || got.ID != id {
		c.t.Fatalf("streamclient says %+v", got)
	}
	c.want("replied")
	c.until(func() bool { return len(c.PendingEvents()) == 0 })
}

func (c *client) opened() int { return c.Counts()["POST /v1.0/gateway/connections/open"] }

func TestTheStreamSDKTakesEvents(t *testing.T) {
	t.Parallel()
	c := stream(t)
	c.connected()
	id := c.send("user_leave_org")
	want := line{
		What: "event", ID: id, Type: "user_leave_org", Corp: c.App().CorpID, Born: c.Now().UnixMilli(),
		Text: fmt.Sprintf(`{"eventId":"%s","timeStamp":"%d","userId":["zhang01"]}`, id, c.Now().UnixMilli()),
	}
	if got := c.next(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	c.want("replied")
	c.until(func() bool { return len(c.PendingEvents()) == 0 })
	c.delivered() // and another
}

func TestTheStreamSDKPutsAnEventOff(t *testing.T) {
	t.Parallel()
	c := stream(t)
	c.connected()
	id := c.send("org_change")
	for attempt := range 2 {
		if got := c.next(); got.What != "event" || got.ID != id {
			t.Fatalf("attempt %d: streamclient says %+v", attempt+1, got)
		}
		c.want("replied")
		if attempt == 0 {
			// Replies are taken in their order: when this one's is, so is the first.
			c.send("user_leave_org")
			c.want("event")
			c.want("replied")
			c.until(func() bool { return len(c.PendingEvents()) < 2 })
			if left := c.PendingEvents(); len(left) != 1 || left[0].ID != id {
				t.Fatalf("%v is pending, want the event that was put off", left)
			}
			c.Advance(c.Settings().AckWait)
		}
	}
	c.until(func() bool { return len(c.PendingEvents()) == 0 })
}

// The SDK answers pings by itself, and events go on.
func TestTheStreamSDKAnswersPings(t *testing.T) {
	t.Parallel()
	c := stream(t)
	c.connected()
	c.Ping()
	c.want("replied")
	c.delivered()
}

// The SDK answers a disconnect, which nobody asks it to: it does so after it
// has closed the connection, and by luck on the next one.
func TestTheStreamSDKComesBackWhenItIsToldToGo(t *testing.T) {
	t.Parallel()
	c := stream(t)
	c.connected()
	for range 3 {
		before := c.opened()
		c.Disconnect("connection expired")
		c.want("connected", "replied")
		if c.opened() != before+1 {
			t.Errorf("%d connections were opened, want one", c.opened()-before)
		}
		c.delivered()
	}
}

func TestTheStreamSDKComesBackAfterACut(t *testing.T) {
	t.Parallel()
	c := stream(t)
	c.connected()
	for range 3 {
		c.DropConnections()
		c.want("connected")
		c.delivered()
	}
}

func TestTheStreamSDKAnswersCalls(t *testing.T) {
	t.Parallel()
	c := stream(t)
	c.connected()
	type said struct {
		reply sandbox.Reply
		err   error
	}
	went := make(chan said, 1)
	go func() {
		reply, err := c.Call(t.Context(), robot, map[string]any{"text": map[string]string{"content": "你好"}})
		went <- said{reply, err}
	}()
	const data = `{"text":{"content":"你好"}}`
	if got := c.next(); got.What != "call" || got.Text != data || got.ID == "" {
		t.Errorf("streamclient says %+v", got)
	}
	c.want("replied")
	if got := <-went; got.err != nil || got.reply.Code != 200 || got.reply.Data != `{"response":`+data+`}` {
		t.Errorf("the sandbox heard %+v", got)
	}
	if _, err := c.Call(t.Context(), "/v1.0/card/instances/callback", nil); err == nil {
		t.Error("it was asked what it has not subscribed to")
	}
	c.delivered()
}

func TestTheStreamSDKIsRefused(t *testing.T) {
	t.Parallel()
	c := start(t).streamclient("guess")
	if got := c.next(); got.What != "refused" || !strings.Contains(got.Text, "invalidClientIdOrSecret") {
		t.Errorf("streamclient says %+v", got)
	}
}
