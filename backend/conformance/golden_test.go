package conformance_test

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// golden is an answer in one of the shapes that DingTalk documents or was seen
// to send, and what the client makes of it. The first part of a file's name is
// the section of the contract that has the shape; its values are invented.
type golden struct {
	files  string // the answers, one after the other, separated by spaces
	status int    // 0: 200
	client func(*dingtalk.Client)
	ask    func(context.Context, *dingtalk.Client) (any, error)
	want   any
	fails  *refusal
}

// refusal is all that an *Error tells.
type refusal struct {
	code, sub, request string
	scopes             []string
	address            string
	banned             bool
	class              dingtalk.Class
	login              login.Code
}

// appTokenFile is what the token call is answered with where a row is about
// another.
const appTokenFile = "3.2-accessToken.json"

// serve answers with the files, as they are, one after the other. The token
// call has its own, unless the row is about it.
func (g golden) serve(t *testing.T) *dingtalk.Client {
	t.Helper()
	files, next := strings.Fields(g.files), atomic.Int32{}
	about := slices.Contains(files, appTokenFile)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == appTokenPath && !about {
			_, _ = w.Write(file(t, appTokenFile))
			return
		}
		i := int(next.Add(1)) - 1
		if i >= len(files) {
			t.Errorf("%s: there is no answer for it", r.URL.Path)
			return
		}
		kind := "application/json;charset=UTF-8"
		if path.Ext(files[i]) == ".html" {
			kind = "text/html; charset=utf-8"
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(cmp.Or(g.status, http.StatusOK))
		_, _ = w.Write(file(t, files[i]))
	}))
	t.Cleanup(server.Close)
	client := &dingtalk.Client{
		ClientID: "dinggolden01", ClientSecret: secret.New("golden-client-secret"), CorpID: "dinggolden00c0",
		LoginURL: server.URL, APIURL: server.URL, OAPIURL: server.URL, HTTP: server.Client(),
	}
	if g.client != nil {
		g.client(client)
	}
	return client
}

// file is one of the golden files.
func file(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Error(err)
	}
	return text
}

func (g golden) check(t *testing.T) {
	t.Helper()
	got, err := g.ask(t.Context(), g.serve(t))
	if g.fails == nil {
		if err != nil || !reflect.DeepEqual(got, g.want) {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, g.want)
		}
		return
	}
	e, ok := errors.AsType[*dingtalk.Error](err)
	if !ok {
		t.Fatalf("got %+v, %v", got, err)
	}
	if told := (refusal{e.Code, e.SubCode, e.RequestID, e.RequiredScopes, e.Address, e.Banned, e.Class(), login.CodeOf(err)}); !reflect.DeepEqual(told, *g.fails) {
		t.Errorf("told %+v\nwant %+v", told, *g.fails)
	}
	for _, r := range err.Error() {
		if r > '~' {
			t.Errorf("the error quotes a message: %v", err)
			break
		}
	}
}

func goldenAnswers() []golden {
	return slices.Concat(goldenEnvelopes(), goldenSignIn(), goldenPeople(), goldenDirectory(), goldenWays())
}

func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	for _, g := range goldenAnswers() {
		t.Run(g.files, func(t *testing.T) {
			t.Parallel()
			g.check(t)
		})
	}
}

// A file that no row reads shows nothing.
func TestEveryGoldenFileIsRead(t *testing.T) {
	t.Parallel()
	read := map[string]bool{}
	for _, g := range goldenAnswers() {
		for name := range strings.FieldsSeq(g.files) {
			read[name] = true
		}
	}
	for _, e := range goldenEvents() {
		read[e.file] = true
	}
	for _, f := range goldenFrames() {
		read[f.frame], read[f.reply] = true, true
	}
	read[goldenOpen] = true
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !read[entry.Name()] {
			t.Errorf("%s has no row", entry.Name())
		}
	}
}
