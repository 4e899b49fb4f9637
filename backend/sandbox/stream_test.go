package sandbox_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const openPath = "/v1.0/gateway/connections/open"

// openStream asks for a connection, some fields of the body replaced.
func (k *kit) openStream(pairs ...any) reply {
	k.t.Helper()
	app := k.App()
	body := map[string]any{
		"clientId": app.ClientID, "clientSecret": app.ClientSecret.Reveal(), "ua": "test/1", "localIp": "192.0.2.10",
		"subscriptions": []map[string]string{{"type": "EVENT", "topic": "*"}},
	}
	for i := 0; i < len(pairs); i += 2 {
		body[pairs[i].(string)] = pairs[i+1]
	}
	return k.post(openPath, body, "Accept", "application/json")
}

// client is a Stream connection.
type client struct {
	t      *testing.T
	socket *websocket.Conn
}

type message struct {
	Type    string            `json:"type"`
	Headers map[string]string `json:"headers"`
	Data    string            `json:"data"`
}

func (k *kit) stream() client {
	k.t.Helper()
	opened := k.openStream().json(k.t)
	socket, _, err := websocket.Dial(k.t.Context(), opened["endpoint"].(string)+"?ticket="+url.QueryEscape(opened["ticket"].(string)), nil) //nolint:bodyclose // Dial's documentation: never needed
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { _ = socket.CloseNow() })
	for k.Connections() == 0 {
		k.control(http.MethodGet, "events", "")
	}
	return client{k.t, socket}
}

func (c client) next() message {
	c.t.Helper()
	_, text, err := c.socket.Read(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	var m message
	if err := json.Unmarshal(text, &m); err != nil {
		c.t.Fatalf("%v: %s", err, text)
	}
	return m
}

func (c client) reply(m message, code int, data string) {
	c.t.Helper()
	text, err := json.Marshal(map[string]any{
		"code": code, "headers": map[string]string{"messageId": m.Headers["messageId"], "contentType": "application/json"}, "message": "OK", "data": data,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.socket.Write(c.t.Context(), websocket.MessageText, text); err != nil {
		c.t.Fatal(err)
	}
}

// settled waits until no event is left to be acknowledged.
func (k *kit) settled() {
	k.t.Helper()
	for _, e := range k.PendingEvents() {
		k.acknowledged(e.ID)
	}
}

// acknowledged waits until the sandbox has taken the reply to an event.
func (k *kit) acknowledged(id string) {
	k.t.Helper()
	for k.pending(id) && k.t.Context().Err() == nil {
		k.control(http.MethodGet, "events", "")
	}
}

func (k *kit) pending(id string) bool {
	return slices.ContainsFunc(k.PendingEvents(), func(e sandbox.PendingEvent) bool { return e.ID == id })
}

func (k *kit) send(userID string) string {
	k.t.Helper()
	id, err := k.SendEvent(sandbox.Event{Type: "user_leave_org", Fields: map[string]any{"userId": []string{userID}}})
	if err != nil {
		k.t.Fatal(err)
	}
	return id
}

const success = `{"status":"SUCCESS","message":"done"}`

func TestAnEventComesOverStream(t *testing.T) {
	t.Parallel()
	k := start(t)
	c := k.stream()
	res := k.control(http.MethodPost, "events", `{"type":"user_leave_org","id":"e1","fields":{"userId":["zhang01"]}}`)
	if res.json(t)["event_id"] != "e1" {
		t.Fatalf("control: %s", res.body)
	}
	m := c.next()
	if m.Type != "EVENT" || m.Headers["topic"] != "*" || m.Headers["eventType"] != "user_leave_org" || m.Headers["eventId"] != "e1" ||
		m.Headers["eventCorpId"] != k.App().CorpID || m.Headers["eventBornTime"] != "1795262400000" || m.Headers["messageId"] == "" {
		t.Errorf("headers: %v", m.Headers)
	}
	if m.Data != `{"eventId":"e1","timeStamp":"1795262400000","userId":["zhang01"]}` {
		t.Errorf("data: %s", m.Data)
	}
	c.reply(m, 200, success)
	k.settled()
}

func TestAnEventWaitsForAConnection(t *testing.T) {
	t.Parallel()
	k := start(t)
	id := k.send("zhang01")
	if m := k.stream().next(); m.Headers["eventId"] != id {
		t.Errorf("got %v", m.Headers)
	}
}

func TestWhatIsNotAcknowledgedComesAgain(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(client, message){
		"no reply":        func(client, message) {},
		"LATER with 200":  func(c client, m message) { c.reply(m, 200, `{"status":"LATER"}`) },
		"LATER with 500":  func(c client, m message) { c.reply(m, 500, `{"status":"LATER"}`) },
		"a handler fails": func(c client, m message) { c.reply(m, 500, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			c := k.stream()
			id := k.send("zhang01")
			first := c.next()
			refuse(c, first)
			other := k.send("li02")
			c.reply(c.next(), 200, success)
			if k.acknowledged(other); !k.pending(id) { // replies are taken in their order
				t.Fatal("the event is gone")
			}
			k.Advance(59 * time.Second)
			k.Ping() // what is read next shows that nothing came before it
			if m := c.next(); m.Headers["topic"] != "ping" {
				t.Fatalf("too early: %v", m)
			}
			k.Advance(time.Second)
			again := c.next()
			for again.Headers["topic"] == "ping" { // its minute is over as well
				again = c.next()
			}
			if again.Headers["eventId"] != id || again.Headers["messageId"] == first.Headers["messageId"] {
				t.Errorf("again: %v", again.Headers)
			}
			c.reply(first, 200, success) // a late reply to the first message counts, too
			k.settled()
		})
	}
}

func TestAnEventSurvivesACutConnection(t *testing.T) {
	t.Parallel()
	k := start(t)
	c := k.stream()
	id := k.send("zhang01")
	c.next()
	k.DropConnections()
	if _, _, err := c.socket.Read(t.Context()); err == nil {
		t.Error("the connection is still there")
	}
	for k.Connections() != 0 {
		k.control(http.MethodGet, "events", "")
	}
	c = k.stream()
	k.Advance(30 * time.Second)
	k.Advance(30 * time.Second)
	m := c.next()
	for m.Type == "SYSTEM" {
		m = c.next()
	}
	if m.Headers["eventId"] != id {
		t.Errorf("got %v", m.Headers)
	}
}

func TestOneConnectionGetsEachEvent(t *testing.T) {
	t.Parallel()
	k := start(t)
	one, two := k.stream(), k.stream()
	for k.Connections() != 2 {
		k.control(http.MethodGet, "events", "")
	}
	seen := make(chan string)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	for _, c := range []client{one, two} {
		go func() {
			for {
				_, text, err := c.socket.Read(ctx)
				if err != nil {
					return
				}
				var m message
				_ = json.Unmarshal(text, &m) // nothing else is sent
				seen <- m.Headers["eventId"]
			}
		}()
	}
	counts := map[string]int{}
	for range 20 {
		k.send("zhang01")
	}
	for range 20 {
		counts[<-seen]++
	}
	if len(counts) != 20 {
		t.Errorf("%d different events of 20", len(counts))
	}
}

func TestPings(t *testing.T) {
	t.Parallel()
	k := start(t)
	c := k.stream()
	k.Advance(time.Minute)
	m := c.next()
	if m.Type != "SYSTEM" || m.Headers["topic"] != "ping" || !strings.Contains(m.Data, `"opaque":"`) {
		t.Errorf("got %v", m)
	}
	c.reply(m, 200, m.Data)
	if res := k.control(http.MethodPost, "stream", `{"action":"ping"}`); res.status != http.StatusNoContent {
		t.Errorf("control: %d", res.status)
	}
	if m := c.next(); m.Headers["topic"] != "ping" {
		t.Errorf("got %v", m)
	}
	if res := k.control(http.MethodPost, "stream", `{"action":"dance"}`); res.status != http.StatusBadRequest {
		t.Errorf("control: %d", res.status)
	}
}

func TestADisconnectEndsThePushing(t *testing.T) {
	t.Parallel()
	k := start(t)
	c := k.stream()
	if res := k.control(http.MethodPost, "stream", `{"action":"disconnect","reason":"persistent connection timeout"}`); res.status != http.StatusNoContent {
		t.Fatalf("control: %d", res.status)
	}
	if m := c.next(); m.Headers["topic"] != "disconnect" || m.Data != `{"reason":"persistent connection timeout"}` {
		t.Errorf("got %v", m)
	}
	k.send("zhang01")
	ended := make(chan error, 1)
	go func() {
		_, _, err := c.socket.Read(context.WithoutCancel(t.Context()))
		ended <- err
	}()
	for k.Connections() > 0 {
		k.Advance(10 * time.Second) // of silence
		k.control(http.MethodGet, "events", "")
	}
	if err := <-ended; err == nil {
		t.Error("something was pushed after the disconnect")
	}
	if len(k.PendingEvents()) != 1 {
		t.Error("the event is lost")
	}
}

func TestTickets(t *testing.T) {
	t.Parallel()
	k := start(t)
	status := func(ticket string) int {
		socket, res, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(k.URL(), "http")+"/connect?ticket="+ticket, nil) //nolint:bodyclose // Dial's documentation: never needed
		if err == nil {
			_ = socket.CloseNow()
		}
		return res.StatusCode
	}
	ticket := func() string { return k.openStream().json(t)["ticket"].(string) }
	once := ticket()
	if first, second := status(once), status(once); first != http.StatusSwitchingProtocols || second != http.StatusUnauthorized {
		t.Errorf("once %d, again %d", first, second)
	}
	late := ticket()
	k.Advance(90 * time.Second)
	if got := status(late); got != http.StatusUnauthorized {
		t.Errorf("after 90 seconds: %d", got)
	}
	if got := status("guess"); got != http.StatusUnauthorized {
		t.Errorf("a guess: %d", got)
	}
}

func TestOpeningAConnection(t *testing.T) {
	t.Parallel()
	k := start(t)
	if endpoint := k.openStream().json(t)["endpoint"]; endpoint != "ws"+strings.TrimPrefix(k.URL(), "http")+"/connect" {
		t.Errorf("endpoint %v", endpoint)
	}
	isRestError(t, k.openStream("clientSecret", "guess"), 400, "invalidClientIdOrSecret")
	isRestError(t, k.openStream("clientId", ""), 400, "MissingclientId")
	isRestError(t, k.openStream("subscriptions", []string{}), 400, "Missingsubscriptions")
	isRestError(t, k.openStream("subscriptions", "all"), 400, "invalidParameter.body")
	app := k.App()
	res := k.post(openPath, map[string]any{
		"clientId": app.ClientID, "clientSecret": app.ClientSecret.Reveal(), "subscriptions": []map[string]string{{"type": "EVENT", "topic": "*"}},
	})
	if !strings.HasPrefix(res.header.Get("Content-Type"), "application/xml") || !strings.Contains(res.body, "<ticket>") {
		t.Errorf("without Accept: %s", res.body)
	}
}

func TestCloseEndsTheConnections(t *testing.T) {
	t.Parallel()
	k := start(t)
	c := k.stream()
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.socket.Read(t.Context()); err == nil {
		t.Error("the connection is still there")
	}
}
