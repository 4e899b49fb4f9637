package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// openers are the programs by which clients open a browser on Linux and macOS.
var openers = []string{"xdg-open", "x-www-browser", "www-browser", "sensible-browser", "open"}

// reportTo is the variable by which the stand-in learns whom to tell.
const reportTo = "PROBE_OPENED"

// installOpeners makes this executable stand in for all of them in the folder.
// Where links cannot be made, the client's output is all that there is.
func installOpeners(folder string) {
	executable, err := os.Executable()
	if err != nil {
		return
	}
	for _, name := range openers {
		_ = os.Symlink(executable, filepath.Join(folder, name))
	}
}

// actAsBrowser tells the probe what the client wanted to open, where this
// process was started as a browser.
func actAsBrowser() (acted bool, code int) {
	address := os.Getenv(reportTo)
	if address == "" || !isOpener(os.Args[0]) {
		return false, 0
	}
	for _, arg := range os.Args[1:] {
		if strings.HasPrefix(arg, "http") && post(address, arg) != nil {
			return true, 1
		}
	}
	return true, 0
}

func isOpener(program string) bool {
	for _, name := range openers {
		if filepath.Base(program) == name {
			return true
		}
	}
	return false
}

func post(address, opened string) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	body := strings.NewReader(url.Values{"opened": {opened}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, body) //nolint:gosec // the probe's own address, by its own variable
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// heard answers the stand-ins, and passes on what they were to open.
func heard(found func(*url.URL)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxLine)
		if u, err := url.Parse(r.PostFormValue("opened")); err == nil {
			found(u)
		}
	})
}
