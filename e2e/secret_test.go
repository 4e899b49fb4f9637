//go:build e2e

package e2e_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

// keepsSecrets looks for secrets where none may be: those of every session,
// and more.
func (s *stage) keepsSecrets(p *session, more ...string) {
	s.t.Helper()
	planted := append([]string{plantedSecret, "/open/", "authCode="}, more...)
	look := func(place string, content []byte, allowed ...string) {
		for _, secret := range planted {
			if bytes.Contains(content, []byte(secret)) && !strings.Contains(strings.Join(allowed, " "), secret) {
				s.t.Errorf("%s holds %q", place, secret)
			}
		}
	}
	for _, m := range p.family() {
		look("the command line of "+m.name, m.command)
		if m.pid == p.core.Process.Pid {
			look("the environment of the core", m.environ, plantedSecret) // we put it there
			continue
		}
		look("the environment of "+m.name, m.environ)
	}
	look("standard error", []byte(p.err.String()))
	err := filepath.WalkDir(s.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // gone meanwhile, or no file
		}
		content, err := os.ReadFile(path)
		if err == nil {
			look(path, content)
			if strings.Contains(path, "/WebKitCache/") && strings.Contains(path, "/Records/") {
				s.t.Errorf("%s: what was shown is kept, addresses included", path)
			}
		}
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
}
