package callback

import (
	"context"
	"errors"
)

// ErrFull is what a queue says that has no room.
var ErrFull = errors.New("the queue of callback events is full")

// Queue is a Deliver that puts events into a channel with a buffer and never
// waits: while the channel is full, DingTalk is told to come again. What is in
// the channel when the process ends is lost, as DingTalk has its
// acknowledgement; a Deliver that writes to a table loses nothing.
func Queue(events chan<- Event) func(context.Context, Event) error {
	return func(_ context.Context, event Event) error {
		select {
		case events <- event:
			return nil
		default:
			return ErrFull
		}
	}
}
