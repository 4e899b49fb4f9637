package command_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/canary"
	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

// plantedPerson is somebody whose every value can be told from all others.
func plantedPerson(corpID string) sandbox.Person {
	return sandbox.Person{
		UserID: "planted-user-id", UnionID: "planted-union-id", OpenID: "planted-open-id",
		Name: "秦时明月", Nick: "Planted Nick", Avatar: "https://static.example/planted.png",
		Mobile: plantedMobile, StateCode: "86", Email: plantedEmail, OrgEmail: "planted@corp.example",
		JobNumber: "PLANTED-77", Title: "明月工程师", Active: true, Corps: []string{corpID},
	}
}

// hunt looks for what is private in all that a machine leaves.
type hunt struct {
	*machine
	private map[string]string
	folders []string
	seen    map[string]bool // files with something in them
	said    []*watched
}

// look searches everything as it is now.
func (h *hunt) look(when string) {
	h.t.Helper()
	h.keys()
	search, err := canary.For(h.private)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, folder := range h.folders {
		found, err := search.Files(folder)
		if err != nil || len(found) > 0 {
			h.t.Errorf("%s: found %q, %v", when, found, err)
		}
		walk(h.t, folder, func(path string) {
			h.seen[filepath.Base(path)] = h.seen[filepath.Base(path)] || contents(h.t, path) != ""
		})
	}
	for _, said := range h.said {
		if found := search.In([]byte(said.String())); len(found) > 0 {
			h.t.Errorf("%s: it says %q", when, found)
		}
	}
}

// keys adds the keys that the machine has at the moment: older ones stay.
func (h *hunt) keys() {
	h.t.Helper()
	var file struct{ Keys []struct{ ID, Key string } }
	if err := json.Unmarshal([]byte(contents(h.t, filepath.Join(h.home, "key"))), &file); err != nil || len(file.Keys) == 0 {
		h.t.Fatalf("%d keys, %v", len(file.Keys), err)
	}
	for _, key := range file.Keys {
		raw, err := base64.StdEncoding.DecodeString(key.Key)
		if err != nil {
			h.t.Fatal(err)
		}
		h.private["key "+key.ID] = string(raw)
	}
}

// start starts the app there, and listens to what it says.
func (h *hunt) start(there *machine) *appProcess {
	h.t.Helper()
	p := there.appProcess()
	h.said = append(h.said, p.stderr)
	return p
}

// Issue 4: a copy of the data folder, taken at any moment, has no name, phone
// number, e-mail, id, token or secret in any encoding, nor a key, a PIN or a
// badge; and neither has a backup, nor what the program says. The profile of a
// real window is searched in e2e.
func TestACopyOfTheDataFolderTellsNothing(t *testing.T) {
	t.Parallel()
	const pin, wrong = "482915360748", "739264850173" // longer than what turns up by chance
	m := newMachine(t)
	m.sandbox.SetClientSecret(secret.New(plantedSecret))
	who := plantedPerson(m.sandbox.App().CorpID)
	m.put(who)
	wire, api := tap(t, m.sandbox.URL())
	m = m.with("DINGPASS_CLIENT_SECRET", plantedSecret, "DINGPASS_API_URL", api, "DINGPASS_OAPI_URL", api, "DINGPASS_LOG", "debug")
	copied := t.TempDir()
	h := &hunt{machine: m, folders: []string{m.data, copied}, seen: make(map[string]bool), private: map[string]string{
		"user id": who.UserID, "union id": who.UnionID, "open id": who.OpenID, "name": who.Name, "nick": who.Nick,
		"avatar": who.Avatar, "mobile": who.Mobile, "e-mail": who.Email, "company's e-mail": who.OrgEmail,
		"job number": who.JobNumber, "title": who.Title, "client secret": plantedSecret, "PIN": pin, "wrong PIN": wrong,
		"job number of nobody": "PLANTED-NOBODY",
	}}

	p := h.start(m)
	if _, err := p.answer(p.code(p.site), "confirm", who.UserID); err != nil {
		t.Fatal(err)
	}
	p.follows(p.site, `"phase":"signed_in".*"can_enrol":true`)
	p.ask("enrol", map[string]string{"pin": pin}).want(t, "")
	wire.tell(h.private)
	for _, state := range regexp.MustCompile(`[?&]state=([^&\s"]+)`).FindAllStringSubmatch(p.seen.String(), -1) {
		h.private["state"] = state[1]
	}
	h.look("while somebody is signed in")
	p.post(p.site, "/api/logout")
	p.kill()
	h.look("after a kill")

	_, badge := m.badge(identity.Who{CorpID: m.sandbox.App().CorpID, UserID: who.UserID})
	h.private["badge"] = badge
	p = h.start(m.gone())
	p.pin(who.JobNumber, wrong).want(t, "wrong_pin")
	p.pin("PLANTED-NOBODY", wrong).want(t, "wrong_pin")
	p.pin(who.JobNumber, pin).want(t, "")
	p.ask("badge", map[string]string{"badge": badge}).want(t, "")
	h.look("while somebody is in without DingTalk")
	p.kill()
	h.look("after another kill")

	for _, line := range []string{"cache rotate", "cache backup " + filepath.Join(copied, "copy.db"), "log verify", "badge list", "status"} {
		if got := m.run(strings.Fields(line)...); got.code != 0 {
			t.Fatalf("%s: %+v", line, got)
		}
		h.look("after " + line)
	}
	who.Left = true
	m.put(who)
	s := m.login()
	newPerson(t).confirm(s.link(), who.UserID)
	s.wantFailed("not_member", 3)
	wire.tell(h.private)
	h.look("after a refusal")

	for _, name := range []string{"dingpass.db", "dingpass.db-wal", "dingpass.db-shm", "key.json", "copy.db", "copy.db.key.json"} {
		if !h.seen[name] {
			t.Errorf("no %s was searched, only %q", name, slices.Sorted(maps.Keys(h.seen)))
		}
	}
	if len(h.private) < 20 { // the codes, the tokens, the state, the badge and the keys were caught
		t.Errorf("only %d values were looked for", len(h.private))
	}
}

// tell adds the codes and tokens that went over the wire.
func (w *wire) tell(private map[string]string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for value := range w.found {
		private["code or token "+value[:4]+"…"] = value
	}
}
