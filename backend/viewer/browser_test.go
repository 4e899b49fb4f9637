package viewer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/viewer"
)

// display is a Getenv with a screen.
func display(name string) string {
	if name == "DISPLAY" {
		return ":0"
	}
	return ""
}

func TestBrowserIsGivenTheWholeLink(t *testing.T) {
	t.Parallel()
	const link = "http://127.0.0.1:1/open/x?a=1&b=%25&名=张三" // dws #230: cut at & on Windows
	opened := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := &viewer.Browser{Getenv: display, Open: func(url string) error { opened <- url; return nil }}
	done := show(ctx, b, func() string { return link })
	if got := <-opened; got != link {
		t.Errorf("opened %q, want %q", got, link)
	}
	select {
	case err := <-done:
		t.Errorf("Show = %v before ctx ended", err)
	default:
	}
	cancel()
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v after ctx ended", err)
	}
}

func TestBrowserThatRunsOnDoesNotHoldUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	opening, closed := make(chan struct{}), make(chan struct{})
	defer close(closed)
	b := &viewer.Browser{Getenv: display, Open: func(string) error { close(opening); <-closed; return nil }}
	done := show(ctx, b, links())
	<-opening
	cancel()
	if err := outcome(t, done); err != nil {
		t.Errorf("Show = %v", err)
	}
}

func TestBrowserOpensWebAddressesOnly(t *testing.T) {
	t.Parallel()
	for _, link := range []string{
		"file:///etc/passwd", "javascript:alert(1)", "dingtalk://open", "//127.0.0.1/", "--help", "http:///path", "", "http://%zz/",
	} {
		t.Run(link, func(t *testing.T) {
			t.Parallel()
			b := &viewer.Browser{Getenv: display, Open: func(url string) error { t.Errorf("opened %q", url); return nil }}
			if err := b.Show(t.Context(), func() string { return link }); !errors.Is(err, viewer.ErrUnavailable) {
				t.Errorf("Show = %v, want ErrUnavailable", err)
			}
		})
	}
}

func TestBrowserThatCannotBeOpenedIsUnavailable(t *testing.T) {
	t.Parallel() // kubelogin #225, dws #226
	b := &viewer.Browser{Getenv: display, Open: func(string) error { return errors.New("no xdg-open") }}
	err := b.Show(t.Context(), links())
	if !errors.Is(err, viewer.ErrUnavailable) {
		t.Errorf("Show = %v, want ErrUnavailable", err)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error repeats the link: %v", err)
	}
}
