package viewer

import "context"

// Nobody opens nothing: the link is told to whoever started us, who shows it.
type Nobody struct {
	// Tell is given the link, to print it with words around it; nil when the
	// caller has the link already.
	Tell func(link string)
}

var _ Viewer = (*Nobody)(nil)

// String is "link".
func (n *Nobody) String() string { return "link" }

// Show tells the link and waits for ctx.
func (n *Nobody) Show(ctx context.Context, link Link) error {
	if n.Tell != nil {
		n.Tell(link())
	}
	<-ctx.Done()
	return nil
}
