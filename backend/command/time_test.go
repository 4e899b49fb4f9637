package command_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/clock"
	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
)

// mark puts a mark in the database, as of an earlier run of the machine.
func (m *machine) mark(at time.Time) {
	m.t.Helper()
	db, err := command.OpenSealed(m.t.Context(), m.data, filepath.Join(m.home, "key"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // what it acknowledged is kept
	reading := clock.Read()
	reading.Boot = "an earlier one"
	if err := db.MoveMark(m.t.Context(), func(identity.Mark) identity.Mark { return identity.Confirmed(at, reading) }); err != nil {
		m.t.Fatal(err)
	}
}

// O1, SSSD #7859 (row 18): a clock that was set back suspends what is offline,
// deletes nothing, and one contact heals it.
func TestAClockThatWasSetBackSuspendsUntilDingTalkAnswers(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]time.Duration{"a day": 24 * time.Hour, "a year": 365 * 24 * time.Hour, "to 1970": time.Since(time.Unix(0, 0))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.signIn("zhang01")
			m.mark(time.Now().Add(back)) // seen from there, this machine's clock is so far back
			got := m.run("whoami", "--json")
			if got.code != 2 || !strings.Contains(got.stdout, `"verdict":"suspended","reason":"clock_behind"`) {
				t.Fatalf("whoami: %+v", got)
			}
			wantKeys(t, got.stdout, "identity", "verdict", "reason", "source", "verified_at", "offline_until", "uses_left")
			if got := m.run("status"); got.code != 0 || !strings.Contains(got.stdout, "behind, this machine's is off by -") {
				t.Errorf("status: %+v", got)
			}
			// The question that asks for nothing is contact enough.
			m.fault("/v1.0/oauth2/accessToken", sandbox.Fault{Kind: sandbox.FaultDrop})
			a := m.app()
			a.follows(a.site, `"network":\{"state":"(online|shaky)"`)
			a.end()
			if got := m.run("whoami"); got.code != 0 {
				t.Errorf("after a contact: %+v", got)
			}
		})
	}
}

// damageMark puts something in the place of the mark that is none.
func (m *machine) damageMark() {
	m.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(m.data, "dingpass.db"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // what it acknowledged is kept
	if _, err := db.ExecContext(m.t.Context(), "REPLACE INTO trusted_time VALUES (1, x'00')"); err != nil {
		m.t.Fatal(err)
	}
}

// What is known of the time may be damaged like anything else: then nobody can
// tell, which is said, and nobody who asks DingTalk is kept from it.
func TestAMarkThatIsDamagedSuspendsUntilDingTalkAnswers(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.enrol("zhang01")
	m.signIn("zhang01")
	m.damageMark()
	if got := m.run("whoami", "--json"); got.code != 2 || !strings.Contains(got.stdout, `"verdict":"suspended","reason":"clock_behind"`) {
		t.Fatalf("whoami: %+v", got)
	}
	if got := m.run("status"); got.code != 0 || !strings.Contains(got.stdout, "clock     behind; what was known of the time cannot be read: ") {
		t.Errorf("status: %+v", got)
	}
	typed{"doctor", 0, `note  clock     what was known of the time cannot be read: `, ""}.check(t, m)
	a := m.offlineApp()
	a.follows(a.site, `"clock":\{"suspended":true,"off_seconds":0`)
	a.pin("A001", goodPIN).want(t, "suspended")
	a.end()

	m.wantSignInWorks()
	if got := m.status(); got.Clock.Trust == "behind" {
		t.Errorf("after a sign-in: %+v", got)
	}
	a = m.offlineApp()
	a.pin("A001", goodPIN).want(t, "") // nothing was deleted
	a.end()
}

// fixed is a database with a mark that nobody moves.
type fixed identity.Mark

func (f fixed) Mark(context.Context) (identity.Mark, error) { return identity.Mark(f), nil }
func (fixed) MoveMark(context.Context, func(identity.Mark) identity.Mark) error {
	return nil
}

// With the clock in 1970 no certificate is good yet, in 2099 none any more, and
// the contact that heals it could never be made.
func TestCertificatesAreJudgedByTrustedTime(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the one who is refused
	certificate := certificateFrom(t, noon.Add(-time.Hour))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	in1970, in2099 := time.Unix(0, 0).UTC(), noon.AddDate(73, 0, 0)
	for name, tc := range map[string]struct {
		mark  identity.Mark
		clock time.Time
		want  []bool // try by try
	}{
		"1970, and it is known to be noon at least": {identity.Mark{At: noon}, in1970, []bool{true, true}},
		"1970, and nothing else is known":           {identity.Mark{}, in1970, []bool{false, false, false}},
		"2099, and noon is known to have been":      {identity.Mark{At: noon}, in2099, []bool{false, true, true}},
		"2099, and nothing else is known":           {identity.Mark{}, in2099, []bool{false, false, false}},
		"right, after a year without power":         {identity.Mark{At: noon.AddDate(-1, 0, 0)}, noon, []bool{true, true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := func() identity.Reading { return identity.Reading{Wall: tc.clock} }
			c, err := clock.New(t.Context(), fixed(tc.mark), read, nil)
			if err != nil {
				t.Fatal(err)
			}
			judged := command.NewCertificates(c)
			transport := judged.Transport()
			transport.TLSClientConfig.RootCAs = x509.NewCertPool()
			transport.TLSClientConfig.RootCAs.AddCert(certificate.Leaf)
			for i, want := range tc.want {
				resp, err := (&http.Client{Transport: transport}).Get(server.URL)
				heard := login.Heard{}
				if err == nil {
					_ = resp.Body.Close()
				} else {
					heard.Trouble = login.TroubleTLS
				}
				if got := err == nil; got != want {
					t.Errorf("try %d: reached %v, %v", i+1, got, err)
				}
				judged.Hear(heard)
				transport.CloseIdleConnections()
			}
		})
	}
}

// certificateFrom is one for this machine, good for a year from a moment on.
func certificateFrom(t *testing.T, from time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plan := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: from.AddDate(1, 0, 0),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, plan, plan, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// Confirmed is what DingTalk's clock says, whatever this machine's does.
func TestAPersonIsVerifiedByDingTalksTime(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{48 * time.Hour, -48 * time.Hour} {
		m := newMachine(t)
		if err := m.sandbox.Change(func(s *sandbox.Settings) { s.ClockSkew = skew }); err != nil {
			t.Fatal(err)
		}
		s := m.login()
		newPerson(t).confirm(s.link(), "zhang01")
		last, _ := s.end()
		if off := last.VerifiedAt.Sub(time.Now().Add(skew)); off.Abs() > generous {
			t.Errorf("off by %s: verified at %s", skew, last.VerifiedAt)
		}
		if got := m.run("whoami"); got.code != 0 {
			t.Errorf("off by %s: %+v", skew, got)
		}
	}
}
