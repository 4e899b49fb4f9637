package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dingpass/dingpass/backend/command"
)

// testClient is the variable that makes this test binary one of the clients
// below, so that what is probed is a real process.
const testClient = "PROBE_TEST_CLIENT"

func TestMain(m *testing.M) {
	if acted, code := actAsBrowser(); acted {
		os.Exit(code) //nolint:forbidigo // this process is a browser
	}
	clients := map[string]func() int{
		"gullible": gullible, "fragile": fragile, "dingpass": dingpass, "mute": func() int { return 3 },
		"good":   func() int { return good(printed) },
		"opener": func() int { return good(opened) },
		"remote": func() int {
			printed("https://login.example/auth?response_type=code&redirect_uri=http%3A%2F%2F192.0.2.1%2Fcb")
			select {}
		},
	}
	if client, ok := clients[os.Getenv(testClient)]; ok {
		os.Exit(client()) //nolint:forbidigo // this process is a client
	}
	m.Run()
}

// authorization is a client's own authorization URL.
func authorization(redirect, state string) string {
	query := url.Values{"response_type": {"code"}, "client_id": {"x"}, "redirect_uri": {redirect}}
	if state != "" {
		query.Set("state", state)
	}
	return "https://login.example/authorize?" + query.Encode()
}

// printed is the way of a program for other programs: JSON, in which Go
// escapes every &.
func printed(authorize string) {
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"event": "open", "url": authorize})
}

// opened is the way of a program for people.
func opened(authorize string) {
	if err := exec.Command("xdg-open", authorize).Run(); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
	}
}

// spend is the client's exchange. It reports whether tokens came back.
func spend(code string) bool {
	client := http.Client{Timeout: answerWithin}
	resp, err := client.PostForm(os.Getenv("TOKEN_URL"), url.Values{"grant_type": {"authorization_code"}, "code": {code}})
	if err != nil {
		return false
	}
	return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
}

// gullible has no state and takes whatever comes, from anywhere.
func gullible() int {
	ln, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		return 1
	}
	ended := make(chan int, 100)
	mux := http.NewServeMux()
	mux.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("error") || !spend(r.URL.Query().Get("code")) {
			ended <- 1
			return
		}
		ended <- 0
	})
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(ln) }() // ends with Shutdown
	_, _ = fmt.Fprintf(os.Stdout, "Open this page:\n  <%s>\n", authorization(fmt.Sprintf("http://127.0.0.1:%d/callback", ln.Addr().(*net.TCPAddr).Port), ""))
	code := <-ended
	_ = server.Shutdown(context.Background())
	return code
}

// fragile checks the state, and ends at whatever has not got it. It answers one
// connection after the other, and knows only one path.
func fragile() int {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}
	state := rand.Text()
	authorize := authorization("http://"+ln.Addr().String()+"/callback", state)
	printed(authorize)
	for {
		conn, err := ln.Accept()
		if err != nil {
			return 1
		}
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			_ = conn.Close()
			continue
		}
		say := func(status, body string) {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
			_ = conn.Close()
		}
		switch {
		case r.URL.Path == "/" && r.URL.RawQuery == "":
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", authorize)
			_ = conn.Close()
		case r.Method != http.MethodGet || r.URL.Query().Get("state") != state:
			say("400 Bad Request", "want the state "+state)
			return 1
		default:
			say("200 OK", "signed in")
			if spend(r.URL.Query().Get("code")) {
				return 0
			}
			return 1
		}
	}
}

// good does what the rows ask for, in the fewest lines.
func good(show func(authorize string)) int {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 1
	}
	state, host := rand.Text(), ln.Addr().String()
	ended := make(chan bool, 1)
	var once sync.Once
	handler := func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		} {
			w.Header().Set(name, value)
		}
		query := r.URL.Query()
		if r.Method != http.MethodGet || r.Host != host || r.URL.Path != "/callback" ||
			r.Header.Get("Sec-Purpose") != "" || query.Get("state") != state || query.Get("code") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		once.Do(func() { ended <- spend(query.Get("code")) })
		_, _ = io.WriteString(w, "you can close this page")
	}
	server := &http.Server{Handler: http.HandlerFunc(handler), ReadHeaderTimeout: 3 * time.Second}
	go func() { _ = server.Serve(ln) }() // ends with Shutdown
	show(authorization("http://"+host+"/callback", state))
	signedIn := <-ended
	_ = server.Shutdown(context.Background())
	if !signedIn {
		return 1
	}
	return 0
}

// dingpass is this repository's own «login --json --ui none», all of it but
// the interface.
func dingpass() int {
	program := &command.Program{
		Stdin: strings.NewReader(""), Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.LookupEnv,
		Assets: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}},
	}
	return program.Run(context.Background(), os.Args[1:])
}
