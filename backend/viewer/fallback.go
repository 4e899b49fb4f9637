package viewer

import (
	"context"
	"fmt"
)

// Fallback shows the link by the first of its viewers that can.
type Fallback struct {
	Viewers []Viewer

	// OnFall is told of each step down, so that the person can be told. Nil
	// tells nobody.
	OnFall func(Fall)
}

var _ Viewer = (*Fallback)(nil)

// Fall is a step from a viewer that could not show the link to the next. To is
// nil when there is none left.
type Fall struct {
	From, To Viewer
	Err      error // wraps ErrUnavailable or ErrDied
}

// String tells the step in a sentence, for a log or standard error.
func (f Fall) String() string {
	if f.To == nil {
		return fmt.Sprintf("%v: %v", f.From, f.Err)
	}
	return fmt.Sprintf("%v: %v; going on with: %v", f.From, f.Err, f.To)
}

// String is the name of the first viewer.
func (f *Fallback) String() string {
	if len(f.Viewers) == 0 {
		return "none"
	}
	return f.Viewers[0].String()
}

// Show tries the viewers in order. Its error is the last one's.
func (f *Fallback) Show(ctx context.Context, link Link) error {
	err := fmt.Errorf("%w: no viewer", ErrUnavailable)
	for i, viewer := range f.Viewers {
		if err = viewer.Show(ctx, link); err == nil {
			return nil
		}
		fall := Fall{From: viewer, Err: err}
		if i+1 < len(f.Viewers) {
			fall.To = f.Viewers[i+1]
		}
		if f.OnFall != nil {
			f.OnFall(fall)
		}
	}
	return err
}
