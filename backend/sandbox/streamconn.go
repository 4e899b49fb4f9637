package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/dingpass/dingpass/backend/secret"
)

const (
	ticketLifetime = 90 * time.Second
	maxFrame       = 256 << 10 // the Java SDK's
	byeSilence     = 10 * time.Second
	writeDeadline  = 10 * time.Second // a client that does not read is gone
)

// opened is the answer to who may open a connection.
type opened struct {
	XMLName  xml.Name `json:"-" xml:"OpenConnectionResponse"`
	Endpoint string   `json:"endpoint" xml:"endpoint"`
	Ticket   string   `json:"ticket" xml:"ticket"`
}

// openConnection is POST /v1.0/gateway/connections/open (contract 9.1). Whoever
// does not ask for JSON gets XML, as was reported.
func (s *Sandbox) openConnection() http.Handler {
	asJSON := s.rest(http.MethodPost, s.openStream)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept"), "application/json") {
			asJSON.ServeHTTP(w, r)
			return
		}
		var whole capture
		asJSON.ServeHTTP(&whole, r)
		var answer opened
		_ = json.Unmarshal(whole.body.Bytes(), &answer) // an error is XML without a ticket
		body, _ := xml.Marshal(answer)                  // two strings
		w.Header().Set("Content-Type", "application/xml;charset=UTF-8")
		w.WriteHeader(whole.status)
		_, _ = w.Write(body) // the client has gone: nobody to tell
	})
}

func (s *Sandbox) openStream(r *http.Request) (any, *restError) {
	var in struct {
		ClientID      string `json:"clientId"`
		ClientSecret  string `json:"clientSecret"`
		Subscriptions []struct {
			Type  string `json:"type"`
			Topic string `json:"topic"`
		} `json:"subscriptions"`
	}
	body, ok := sentJSON(r)
	switch {
	case !ok || json.Unmarshal(body, &in) != nil:
		return nil, errBody
	case in.ClientID == "":
		return nil, missing("clientId")
	case in.ClientSecret == "":
		return nil, missing("clientSecret")
	case !s.rightApp(in.ClientID, secret.New(in.ClientSecret)):
		return nil, errCredentials
	case len(in.Subscriptions) == 0:
		return nil, missing("subscriptions")
	}
	who := subscriber{Client: in.ClientID}
	for _, sub := range in.Subscriptions {
		switch {
		case sub.Type == "EVENT" && sub.Topic == "*":
			who.Events = true
		case sub.Type == "CALLBACK":
			who.Topics = append(who.Topics, sub.Topic)
		}
	}
	return opened{
		Endpoint: "ws" + strings.TrimPrefix(base(r), "http") + "/connect",
		Ticket:   s.stream.ticket(who),
	}, nil
}

func (st *stream) ticket(who subscriber) string {
	st.mu.Lock()
	defer st.mu.Unlock()
	now, ticket := st.clock.Now(), rand.Text()
	st.tickets.put(ticket, who, now.Add(ticketLifetime), now)
	return ticket
}

func (st *stream) admit(ticket string) (subscriber, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	who, is := st.tickets.take(ticket, st.clock.Now())
	return who, is == valid
}

// connect is the websocket that a ticket opens, once. What a bad ticket gets is
// not documented; the sandbox says 401.
func (s *Sandbox) connect(w http.ResponseWriter, r *http.Request) {
	who, ok := s.stream.admit(r.URL.Query().Get("ticket"))
	if !ok {
		http.Error(w, "the ticket is unknown, used or expired", http.StatusUnauthorized)
		return
	}
	socket, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = socket.CloseNow() }() // it may be closed already
	socket.SetReadLimit(maxFrame)
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	defer context.AfterFunc(s.staff.ctx, stop)()

	c := &connection{id: rand.Text(), events: who.Events, topics: who.Topics, cut: stop, gone: make(chan struct{})}
	s.stream.join(c)
	defer s.stream.leave(c)
	var listening sync.WaitGroup
	listening.Go(func() {
		defer stop()
		s.listen(ctx, c, socket)
	})
	s.push(ctx, c, socket)
	stop()
	listening.Wait()
}

// listen reads replies until the connection ends.
func (s *Sandbox) listen(ctx context.Context, c *connection, socket *websocket.Conn) {
	for {
		_, message, err := socket.Read(ctx)
		if err != nil {
			return
		}
		var r reply
		if json.Unmarshal(message, &r) == nil {
			s.stream.answered(c, r)
		}
	}
}

// push writes frames until the connection ends.
func (s *Sandbox) push(ctx context.Context, c *connection, socket *websocket.Conn) {
	for ctx.Err() == nil {
		settings := s.Settings()
		turn := s.stream.next(c, settings.AckWait, settings.PingInterval)
		if turn.frame == nil {
			_ = s.clock.wait(ctx, turn.until, turn.changed) // its only error is ctx's
			continue
		}
		message, _ := json.Marshal(turn.frame) // strings only
		deadline, done := context.WithTimeout(ctx, writeDeadline)
		err := socket.Write(deadline, websocket.MessageText, message)
		done()
		if err != nil {
			return
		}
		if turn.last {
			_ = s.clock.wait(ctx, s.Now().Add(byeSilence), nil) // the client may go before
			return
		}
	}
}
