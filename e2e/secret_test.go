//go:build e2e

package e2e_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/canary"
)

// What signs in, or proves who we are, is in nobody's command line, environment
// or file: neither while the window waits, nor away on DingTalk's page, nor
// when it greets. Command lines and environments are open to every process of
// the user, and the former to all.
func TestSecretsAreInNoProcessAndNoFile(t *testing.T) {
	for _, embed := range []string{"frame", "page"} {
		t.Run(embed, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "1280x800")
			p := s.login("--embed", embed)
			token := p.opened()
			token = token[strings.LastIndex(token, "/")+1:]
			code, _ := s.qr("1-qr")
			p.relative(windowProgram)
			p.relative(rendererProgram)
			s.keepsSecrets(p, token)
			s.dingtalk.confirm(code, "zhang01")
			p.signedIn("zhang01")
			s.view(welcomeView("张三"))
			s.keepsSecrets(p, token)
			p.exit(0)
			s.keepsSecrets(p, token)
		})
	}
}

// personal is what may be in no file of what zhang01 is (backend/sandbox,
// cast.go).
var personal = []string{"zhang01", "张三", "13800000000", "zhang01@example.com"}

// keepsSecrets looks for secrets where none may be, in whatever form: those of
// every session, and more.
func (s *stage) keepsSecrets(p *session, more ...string) {
	s.t.Helper()
	secret := s.search(append([]string{plantedSecret, "/open/", "authCode="}, more...)...)
	ours := s.search(append([]string{"/open/", "authCode="}, more...)...) // the other we put there
	look := func(place string, content []byte, search *canary.Search) {
		if found := search.In(content); len(found) > 0 {
			s.t.Errorf("%s holds %q", place, found)
		}
	}
	for _, m := range p.family() {
		look("the command line of "+m.name, m.command, secret)
		if m.pid == p.core.Process.Pid {
			look("the environment of the core", m.environ, ours)
			continue
		}
		look("the environment of "+m.name, m.environ, secret)
	}
	look("standard error", []byte(p.err.String()), secret)
	for _, search := range []*canary.Search{secret, s.search(personal...)} {
		if found, err := search.Files(s.data); err != nil || len(found) > 0 {
			s.t.Errorf("the data folder holds %q, %v", found, err)
		}
	}
	err := filepath.WalkDir(s.data, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && strings.Contains(path, "/WebKitCache/") && strings.Contains(path, "/Records/") {
			s.t.Errorf("%s: what was shown is kept, addresses included", path)
		}
		return nil // or gone meanwhile
	})
	if err != nil {
		s.t.Error(err)
	}
}

// search looks for values that are told by themselves.
func (s *stage) search(values ...string) *canary.Search {
	s.t.Helper()
	named := make(map[string]string)
	for _, value := range values {
		named[value] = value
	}
	search, err := canary.For(named)
	if err != nil {
		s.t.Fatal(err)
	}
	return search
}
