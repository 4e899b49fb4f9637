package sandbox

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Person is someone who can hold the phone. What DingTalk would tell of them
// follows from it.
type Person struct {
	UserID      string   `json:"userid"`
	UnionID     string   `json:"unionid"`
	OpenID      string   `json:"openid"`
	Name        string   `json:"name"` // in the company
	Nick        string   `json:"nick"` // their own
	Avatar      string   `json:"avatar"`
	Mobile      string   `json:"mobile"`
	StateCode   string   `json:"state_code"`
	Email       string   `json:"email"`
	OrgEmail    string   `json:"org_email"`
	JobNumber   string   `json:"job_number"`
	Title       string   `json:"title"`
	Manager     string   `json:"manager_userid"`
	Departments []int64  `json:"dept_id_list"`
	Order       int64    `json:"order"` // in the last department: 18 digits, more than a double holds
	Corps       []string `json:"corps"` // the companies they can choose at sign-in; none: a personal account

	Admin    bool `json:"admin"`
	Boss     bool `json:"boss"`
	Active   bool `json:"active"`   // has activated DingTalk
	Disabled bool `json:"disabled"` // the record says disable_status true
	Blocked  bool `json:"blocked"`  // the record call answers 60120
	External bool `json:"external"` // an external contact: contact_type 1
	Left     bool `json:"left"`     // no member any more, though they still choose the company

	// Enterprise is the company whose enterprise account (企业账号) this is; "": an
	// ordinary one. Whoever is Disabled has one, too: only those can be.
	Enterprise string `json:"enterprise_corp"`

	Note string `json:"note,omitempty"` // shown on the sandbox's phone only
}

// ErrNoPerson is what the people methods return for a userid that nobody has.
var ErrNoPerson = errors.New("no such person")

// enterprise says whether the record shows an enterprise account.
func (p Person) enterprise() bool { return p.Enterprise != "" || p.Disabled }

// directory knows everyone: those that someone named or changed, and the
// generated ones, who are made anew each time they are asked for.
type directory struct {
	made generator
	corp string

	mu      sync.RWMutex
	changes uint64            // how many there were; guarded by mu, like the rest
	named   []string          // userids in order of arrival
	people  map[string]Person // by userid: the named, and generated people who were changed
	unions  map[string]string // their userids by unionid
	removed map[string]bool   // generated people who were removed
	depts   changedDepts
}

func newDirectory(seed uint64, count int, corp string) *directory {
	d := &directory{
		made: newGenerator(seed, max(count, 0), corp), corp: corp,
		people: map[string]Person{}, unions: map[string]string{}, removed: map[string]bool{},
	}
	for _, p := range cast(corp) {
		d.put(p)
	}
	return d
}

// put stores a person; the caller holds the lock or is alone.
func (d *directory) put(p Person) {
	if old, ok := d.people[p.UserID]; ok {
		delete(d.unions, old.UnionID)
	} else if _, ok := d.made.index(p.UserID); !ok {
		d.named = append(d.named, p.UserID)
	}
	p.Departments, p.Corps = slices.Clone(p.Departments), slices.Clone(p.Corps)
	d.people[p.UserID], d.unions[p.UnionID] = p, p.UserID
	d.changes++
	delete(d.removed, p.UserID)
}

func (d *directory) byUserID(userID string) (Person, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.find(userID)
}

func (d *directory) find(userID string) (Person, bool) {
	if p, ok := d.people[userID]; ok {
		return p, true
	}
	i, ok := d.made.index(userID)
	if !ok || d.removed[userID] {
		return Person{}, false
	}
	return d.made.person(i), true
}

func (d *directory) byUnionID(unionID string) (Person, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if userID, ok := d.unions[unionID]; ok {
		return d.find(userID)
	}
	i, ok := d.made.unions.index(unionID)
	if !ok || i >= uint64(d.made.count) { //nolint:gosec // count is never negative
		return Person{}, false
	}
	p, ok := d.find(d.made.userID(int(i))) //nolint:gosec // i is below count, which is an int
	return p, ok && p.UnionID == unionID
}

// byMobile knows generated numbers without a table.
func (d *directory) byMobile(mobile string) (Person, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, p := range d.people {
		if p.Mobile == mobile {
			return p, true
		}
	}
	i, ok := d.made.mobileIndex(mobile)
	if !ok {
		return Person{}, false
	}
	p, ok := d.find(d.made.userID(i))
	return p, ok && p.Mobile == mobile
}

// search returns up to limit people after skipping offset, whose name, userid
// or job number contains the text: the named ones first.
func (d *directory) search(text string, offset, limit int) []Person {
	d.mu.RLock()
	defer d.mu.RUnlock()
	found := []Person{}
	text = strings.ToLower(strings.TrimSpace(text))
	for i := range len(d.named) + d.made.count {
		if len(found) == limit {
			break
		}
		if !d.glimpse(i, text) {
			continue
		}
		p, ok := d.at(i)
		if !ok || !strings.Contains(strings.ToLower(p.Name+"\n"+p.UserID+"\n"+p.JobNumber), text) {
			continue
		}
		if offset--; offset < 0 {
			found = append(found, p)
		}
	}
	return found
}

// glimpse is a cheap look at the i-th of everyone: false only where the text is
// in nothing that search looks at. Most of a large company is never made.
func (d *directory) glimpse(i int, text string) bool {
	if i -= len(d.named); i < 0 || text == "" {
		return true
	}
	userID := d.made.userID(i)
	if _, changed := d.people[userID]; changed || strings.Contains(userID, text) {
		return true
	}
	_, name, _, _, _ := d.made.naming(i)
	return strings.Contains(name, text) || strings.Contains(strings.ToLower(jobNumber(i)), text)
}

// at returns the i-th of everyone: the named, then the generated.
func (d *directory) at(i int) (Person, bool) {
	if i < len(d.named) {
		return d.find(d.named[i])
	}
	return d.find(d.made.userID(i - len(d.named)))
}

func (d *directory) size() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.named) + d.made.count - len(d.removed)
}

// revised is another number whenever anybody was added, changed or removed.
func (d *directory) revised() uint64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.changes
}

// People returns up to limit people, after skipping offset, whose name, userid
// or job number contains the text.
func (s *Sandbox) People(text string, offset, limit int) []Person {
	return s.people.search(text, offset, limit)
}

// Person returns one person, or ErrNoPerson.
func (s *Sandbox) Person(userID string) (Person, error) {
	p, ok := s.people.byUserID(userID)
	if !ok {
		return Person{}, ErrNoPerson
	}
	// The caller may edit its copy, and decoding JSON writes into old slices.
	p.Departments, p.Corps = slices.Clone(p.Departments), slices.Clone(p.Corps)
	return p, nil
}

var userIDForm = regexp.MustCompile(`^[A-Za-z0-9._@-]{1,64}$`)

// Put adds a person, or replaces the one of the same userid. A missing unionid,
// openid, name or department is made up.
func (s *Sandbox) Put(p Person) error {
	if !userIDForm.MatchString(p.UserID) {
		return fmt.Errorf("userid %q: want 1 to 64 letters, digits and ._@-", p.UserID)
	}
	d := s.people
	d.mu.Lock()
	defer d.mu.Unlock()
	old, _ := d.find(p.UserID)
	p.UnionID = cmp.Or(p.UnionID, old.UnionID, scramble("union "+p.UserID)+"iEiE")
	p.OpenID = cmp.Or(p.OpenID, old.OpenID, scramble("open "+p.UserID))
	p.Name = cmp.Or(p.Name, p.UserID)
	p.Nick = cmp.Or(p.Nick, p.Name)
	p.Order = cmp.Or(p.Order, firstOrder)
	if len(p.Departments) == 0 {
		p.Departments = []int64{1}
	}
	if holder, taken := d.unions[p.UnionID]; taken && holder != p.UserID {
		return errors.New("unionid: another person has it")
	}
	d.put(p)
	return nil
}

// Remove forgets a person, or returns ErrNoPerson.
func (s *Sandbox) Remove(userID string) error {
	d := s.people
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.find(userID)
	if !ok {
		return ErrNoPerson
	}
	d.changes++
	delete(d.people, userID)
	delete(d.unions, p.UnionID)
	if _, generated := d.made.index(userID); generated {
		d.removed[userID] = true
	}
	d.named = slices.DeleteFunc(d.named, func(named string) bool { return named == userID })
	return nil
}

// numbering turns numbers into ids that look random, and back without a table:
// multiplying by an odd number is a bijection on 64 bits.
type numbering struct{ factor, inverse, shift uint64 }

func newNumbering(seed uint64) numbering {
	n := numbering{factor: 0x9E3779B97F4A7C15, shift: seed*0xD1B54A32D192ED03 + 1}
	n.inverse = n.factor // right in the lowest 3 bits; each of Newton's steps doubles them
	for range 5 {
		n.inverse *= 2 - n.factor*n.inverse
	}
	return n
}

// unionSuffix ends DingTalk's union ids, as seen in captured replies.
const unionSuffix = "iEiE"

func (n numbering) id(i uint64) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, i*n.factor+n.shift)) + unionSuffix
}

func (n numbering) index(id string) (uint64, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimSuffix(id, unionSuffix))
	if err != nil || len(raw) != 8 || n.id((binary.BigEndian.Uint64(raw)-n.shift)*n.inverse) != id {
		return 0, false
	}
	return (binary.BigEndian.Uint64(raw) - n.shift) * n.inverse, true
}
