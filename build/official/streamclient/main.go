// Streamclient is DingTalk's Stream SDK as a program: it subscribes to events
// and to messages to a robot, answers as it was told, and says on standard
// output what happens, one JSON object to a line. It runs until it is killed.
//
// It is a process of its own, built without the race detector, because of the
// SDK (v0.9.1, client/client.go):
//
//   - processLoop closes channels that the reading goroutine may still send
//     on (147–149, 161, 194), and a goroutine's panic ends the process. This
//     needs a ping that is not answered, or that cannot be written: the idle
//     time before it is set to an hour here.
//   - OnDisconnect sets conn to nil while the reading goroutine is on its way
//     back to conn.ReadMessage (158). See socket.
//   - It reads and writes conn without its mutex, and replies from several
//     goroutines at a time, which gorilla/websocket answers with a panic and the
//     SDK with a line in its log, the reply being lost. Whoever runs this
//     program sends one frame, and waits for «replied» before the next.
//   - With AutoReconnect nothing ends it but the end of the process.
package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/client"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/event"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/logger"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"
)

// robot is the topic of messages to a robot.
const robot = payload.BotMessageCallbackTopic

func main() {
	out := &output{to: json.NewEncoder(os.Stdout), later: map[string]bool{}}
	logger.SetLogger(listener{out})
	reader := listenToReads()
	sdk := client.NewStreamClient(
		client.WithOpenApiHost(os.Getenv("API_URL")),
		client.WithAppCredential(client.NewAppCredentialConfig(os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET"))),
		client.WithKeepAlive(time.Hour),
	)
	sdk.RegisterAllEventRouter(event.NewDefaultEventFrameHandler(out.event).OnEventReceived)
	sdk.RegisterCallbackRouter(robot, out.call)
	sdk.RegisterRouter("SYSTEM", "disconnect", func(ctx context.Context, frame *payload.DataFrame) (*payload.DataFrameResponse, error) {
		reader.waits()
		return sdk.OnDisconnect(ctx, frame)
	})
	if err := sdk.Start(context.Background()); err != nil {
		out.say(Line{What: "refused", Text: err.Error()})
		return
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with whoever started this program
}

// Line is what the program says.
type Line struct {
	What string `json:"what"` // connected, event, call, replied, refused
	ID   string `json:"id,omitempty"`
	Type string `json:"type,omitempty"`
	Corp string `json:"corp,omitempty"`
	Born int64  `json:"born,omitempty"`
	Text string `json:"text,omitempty"` // data, or an error
}

// output writes lines.
type output struct {
	mu    sync.Mutex
	to    *json.Encoder
	later map[string]bool // events that were put off once
}

func (o *output) say(line Line) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_ = o.to.Encode(line) // nobody reads any more: the process is about to end
}

// event takes an event, but for those of type org_change: they are put off at
// the first time.
func (o *output) event(_ context.Context, header *event.EventHeader, data []byte) (event.EventProcessStatusType, error) {
	o.say(Line{"event", header.EventId, header.EventType, header.EventCorpId, header.EventBornTime, string(data)})
	o.mu.Lock()
	defer o.mu.Unlock()
	if header.EventType != "org_change" || o.later[header.EventId] {
		return event.EventProcessStatusKSuccess, nil
	}
	o.later[header.EventId] = true
	return event.EventProcessStatusKLater, nil
}

// call answers a message to the robot with what it said.
func (o *output) call(_ context.Context, frame *payload.DataFrame) (*payload.DataFrameResponse, error) {
	o.say(Line{What: "call", ID: frame.GetMessageId(), Text: frame.Data})
	reply := payload.NewSuccessDataFrameResponse()
	return reply, reply.SetJson(map[string]any{"response": json.RawMessage(frame.Data)})
}

// listener hears in the SDK's log what it tells nowhere else: that it has
// connected, and that it is done with a reply.
type listener struct{ out *output }

// Infof hears of connections. The line would hold the ticket.
func (l listener) Infof(format string, _ ...any) {
	if strings.HasPrefix(format, "connect success") {
		l.out.say(Line{What: "connected"})
	}
}

// Debugf hears of replies, whether or not they could be sent.
func (l listener) Debugf(format string, _ ...any) {
	if strings.HasPrefix(format, "[wire] [websocket] local => remote") {
		l.out.say(Line{What: "replied"})
	}
}

// Warningf is not of interest, nor are the next two: what goes wrong is seen in
// what the program does not do.
func (listener) Warningf(string, ...any) {}

// Errorf is that of logger.ILogger.
func (listener) Errorf(string, ...any) {}

// Fatalf is that of logger.ILogger.
func (listener) Fatalf(string, ...any) {}
