package command_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// B1.1 and B1.2, kanidm #3499 (row 12): who has left is refused at once, on
// the screen too, and stays refused offline and after a restart. A sign-in that
// works takes it back.
func TestWhoHasLeftIsRefusedFromThenOn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(p *sandbox.Person)
		reason string
		code   string
	}{
		"left the company":   {func(p *sandbox.Person) { p.Left = true }, "gone", "not_member"},
		"became an external": {func(p *sandbox.Person) { p.External = true }, "external", "external_contact"},
		"was disabled":       {func(p *sandbox.Person) { p.Disabled = true }, "disabled", "disabled"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.signIn("zhang01")
			before := m.personal("zhang01")
			after := before
			tc.change(&after)
			m.put(after)

			a := m.app()
			a.follows(a.site, `"person":\{[^}]*"verdict":"deny","reason":"`+tc.reason+`"`)
			a.end()
			m.wantDenied(tc.reason)

			m.put(before)
			m.wantDenied(tc.reason) // nobody asks for them but they themselves
			m.signIn("zhang01")
			if got := m.run("whoami"); got.code != 0 {
				t.Errorf("after a new sign-in: %+v", got)
			}

			m.put(after) // and a sign-in that meets them says so as well
			s := m.login()
			newPerson(t).confirm(s.link(), "zhang01")
			s.wantFailed(tc.code, 3)
			m.wantDenied(tc.reason)
		})
	}
}

// wantDenied wants whoami to say no, with DingTalk out of reach.
func (m *machine) wantDenied(reason string) {
	m.t.Helper()
	got := m.behind(closedPort).run("whoami", "--json")
	if got.code != 3 || !strings.Contains(got.stdout, `"verdict":"deny","reason":"`+reason+`"`) {
		m.t.Errorf("whoami: %+v", got)
	}
	wantKeys(m.t, got.stdout, "identity", "verdict", "reason", "source", "verified_at", "uses_left")
}

func (m *machine) personal(userID string) sandbox.Person {
	m.t.Helper()
	p, err := m.sandbox.Person(userID)
	if err != nil {
		m.t.Fatal(err)
	}
	return p
}

func (m *machine) put(p sandbox.Person) {
	m.t.Helper()
	if err := m.sandbox.Put(p); err != nil {
		m.t.Fatal(err)
	}
}

func TestAnAnswerThatIsNewerIsShown(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.signIn("zhang01")
	p := m.personal("zhang01")
	p.Name = "张君宝"
	m.put(p)
	a := m.app()
	a.follows(a.site, `"person":\{"name":"张君宝"`)
	a.end()
	if got := m.run("whoami"); !strings.Contains(got.stdout, "张君宝") {
		t.Errorf("whoami: %+v", got)
	}
}

// Only «cannot tell» falls to the cache (design 5).
func TestWhatDingTalkCannotTellChangesNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"it is disabled itself":  {ErrCode: 50003},
		"an HTML page":           {Kind: sandbox.FaultHTML},
		"out of the app's scope": {ErrCode: 50002},
		"other JSON":             {Body: `{"errcode":0}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.signIn("zhang01")
			before := m.run("whoami", "--json").stdout
			m.fault("/topapi/user/getbyunionid", fault)
			m.fault("/topapi/v2/user/get", fault)
			a := m.with("DINGPASS_LOG", "info").app()
			a.stderr.waitFor(t, `msg=recheck code=\w+ `)
			a.end()
			if after := m.run("whoami", "--json").stdout; after != before {
				t.Errorf("%s became %s", before, after)
			}
		})
	}
}
