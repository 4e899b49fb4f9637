// Package stream receives DingTalk's events over its Stream connection: a
// websocket that this machine opens, so that a kiosk behind a router hears
// that somebody joined or left without having an address on the internet.
//
//	client := &stream.Client{ClientID: id, ClientSecret: secret}
//	err := client.Run(ctx, func(ctx context.Context, event stream.Event) error {
//		return directory.Refresh(ctx, event.UserIDs)
//	})
//
// [Client.Run] is the whole life of the connection: it opens one, keeps it
// alive, replaces it and hands over what arrives until its context ends.
// [Client.Status] says how it is going, in terms for people.
//
// What the package promises:
//
//   - An event is acknowledged only after the handler returned nil. After an
//     error DingTalk is asked to send it again later.
//   - An event that was taken is not handed over again within the hour,
//     whichever connection it comes back on; it is acknowledged again, because
//     the first acknowledgement was lost. One that is still being worked on
//     waits for that work's outcome. What is remembered ends with Run.
//   - Events that name the same person or department are handed over one after
//     the other, in the order in which they arrived, and so are a company's
//     events that name neither. All others may run at the same time. An event
//     that failed and comes again is not put before those that came meanwhile:
//     take an event as a hint that something changed, and read it again.
//   - When DingTalk ends a connection in form, the next one is up, with a
//     ticket of its own, before the old one is left; the old one stays until
//     what arrived on it is answered.
//   - A refusal of the app's credentials ends Run with an error. Everything
//     else is trouble that may pass: it is tried again for ever, a second later
//     at first and a minute later in the end.
//   - Whatever the other side sends or leaves out, memory stays bounded: 4 MiB
//     of messages wait, and 4 MiB of replies are remembered. When handlers
//     cannot keep up, the connection is read more slowly, and then DingTalk is
//     asked to send later. A connection that gives no sign of life for 70 s is
//     replaced.
//   - No ticket, secret, payload or message of DingTalk is in any log, error
//     or status.
//   - When Run returns, every goroutine that it started has ended. It waits
//     for handlers, whose context has ended too.
//
// What it does not: replace a full read of the directory. DingTalk keeps
// events for a while only, and sends each to one of an app's connections:
// programs that share an app share its events.
//
// The protocol is DingTalk's "Stream mode", as its official clients in four
// languages speak it. They disagree where a comment here says so.
package stream
