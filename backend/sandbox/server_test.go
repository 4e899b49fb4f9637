package sandbox_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "127.0.0.1.example.com:0", "127.0.0.1", "nonsense"} {
		server, err := sandbox.Listen(t.Context(), addr, sandbox.Options{})
		if err == nil {
			t.Errorf("%q was listened on", addr)
			_ = server.Close()
		}
	}
	for _, addr := range []string{"", "127.0.0.1:0", "localhost:0"} {
		server, err := sandbox.Listen(t.Context(), addr, sandbox.Options{})
		if err != nil {
			t.Errorf("%q: %v", addr, err)
			continue
		}
		if !strings.HasPrefix(server.URL(), "http://127.0.0.1:") {
			t.Errorf("%q: %s", addr, server.URL())
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestATakenPortIsAnError(t *testing.T) {
	t.Parallel()
	k := start(t)
	if _, err := sandbox.Listen(t.Context(), strings.TrimPrefix(k.URL(), "http://"), sandbox.Options{}); err == nil {
		t.Error("two listen on one port")
	}
}

func TestTheServerEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server, err := sandbox.Listen(ctx, "", sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := server.Close(); err != nil { // waits for the end that cancel began
		t.Error(err)
	}
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL(), "http://")); err == nil {
		t.Error("still listening")
		_ = conn.Close()
	}
}

func TestWarmingAConnectionIsHarmless(t *testing.T) {
	t.Parallel()
	k := start(t)
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		if res := k.do(method, "/", ""); res.status != http.StatusOK {
			t.Errorf("%s: %d", method, res.status)
		}
	}
	list := k.Requests()
	if len(list) != 2 || list[0].Remote != list[1].Remote || list[0].Endpoint != "/" || list[0].Status != http.StatusOK {
		t.Errorf("requests: %+v", list)
	}
}

func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	k := start(t, func(o *sandbox.Options) {
		o.Log = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	s := k.open()
	k.phone(s, "userid", "zhang01", "action", "confirm")
	code := k.landed(s).Query().Get("code")
	token, _ := k.exchange(code).json(t)["accessToken"].(string)
	k.me(token)
	app := k.appToken()
	k.top(userPath, app, map[string]any{"userid": "zhang01"})
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(lines.String(), exchangePath) {
		t.Fatalf("nothing was logged: %s", lines.String())
	}
	for _, hidden := range []string{code, token, app, k.App().ClientSecret.Reveal(), "13800000000", "S%2B", s.watch, s.scan[strings.LastIndex(s.scan, "/"):]} {
		if strings.Contains(lines.String(), hidden) {
			t.Errorf("logged: %q", hidden)
		}
	}
}

func TestTheSameSeedGivesTheSamePeople(t *testing.T) {
	t.Parallel()
	people := func(seed uint64) []sandbox.Person {
		return sandbox.New(sandbox.Options{Seed: seed, People: 200}).People("", 0, 1000)
	}
	first, again, other := people(7), people(7), people(8)
	if len(first) != 211 || !reflect.DeepEqual(first, again) {
		t.Errorf("%d people; the same again: %v", len(first), reflect.DeepEqual(first, again))
	}
	if reflect.DeepEqual(first, other) {
		t.Error("another seed gives the same people")
	}
	seen := map[string]bool{}
	for _, p := range first {
		for _, id := range []string{"u " + p.UserID, "n " + p.UnionID, "o " + p.OpenID} {
			if seen[id] {
				t.Errorf("twice: %s", id)
			}
			seen[id] = true
		}
	}
}

func TestEveryoneIsFoundByTheirUnionID(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) { o.People = 100_000 })
	app := k.appToken()
	for _, userID := range []string{"zhang01", "user000001", "user050000", "user100000"} {
		p, err := k.Person(userID)
		if err != nil {
			t.Fatal(err)
		}
		result, _ := k.top(unionPath, app, map[string]any{"unionid": p.UnionID})["result"].(map[string]any)
		if result["userid"] != userID {
			t.Errorf("%s: %v", userID, result)
		}
	}
	isTopError(t, k.top(unionPath, app, map[string]any{"unionid": "AAAAAAAAAAAiEiE"}), 60121, "")
	if _, err := k.Person("user100001"); err == nil {
		t.Error("one too many")
	}
}

func TestNobodyIsMadeUpWhereNoneAreWanted(t *testing.T) {
	t.Parallel()
	if got := len(sandbox.New(sandbox.Options{People: -1}).People("", 0, 1000)); got != 11 {
		t.Errorf("%d people", got)
	}
}
