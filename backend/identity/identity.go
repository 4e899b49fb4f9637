// Package identity says who a signed-in person is and what may be said of them
// while DingTalk cannot be asked.
//
// An [Identity] is what DingTalk told at one moment; a [Record] is that with
// the moment; [Decide] turns a record and a [Policy] into a [Verdict] without
// any network. The key of a person is [Who]; names are labels that change.
//
// The package uses the standard library only: every other package may import
// it.
package identity

import "encoding/json"

// Identity is one person as DingTalk's employee record shows them. Its JSON
// form is a contract (design 3.2): unknown strings are left out, departments
// are never null.
type Identity struct {
	CorpID   string `json:"corp_id,omitempty"`
	UserID   string `json:"user_id,omitempty"`  // unique within the company
	UnionID  string `json:"union_id,omitempty"` // stable for a person and a developer organisation
	OpenID   string `json:"open_id,omitempty"`  // stable for a person and an app
	Name     string `json:"name,omitempty"`     // the name in the company
	Nick     string `json:"nick,omitempty"`     // the person's own nickname; not the name in the company
	Avatar   string `json:"avatar_url,omitempty"`
	Mobile   string `json:"mobile,omitempty"`
	State    string `json:"state_code,omitempty"` // the mobile number's country calling code, without a plus sign
	Email    string `json:"email,omitempty"`
	OrgEmail string `json:"org_email,omitempty"`
	JobNo    string `json:"job_number,omitempty"`
	Title    string `json:"title,omitempty"`

	Departments []int64 `json:"departments"` // DingTalk's department ids; 1 is the root

	Admin  bool `json:"admin"`
	Boss   bool `json:"boss"`
	Active bool `json:"active"` // false: has never activated DingTalk
}

// Who is the key of a person: the company, and the user id in it.
type Who struct{ CorpID, UserID string }

// Who is whom it tells of.
func (id Identity) Who() Who { return Who{CorpID: id.CorpID, UserID: id.UserID} }

// DisplayName is the name to show: the one in the company, else the nickname,
// else the user id.
func (id Identity) DisplayName() string {
	for _, name := range []string{id.Name, id.Nick} {
		if name != "" {
			return name
		}
	}
	return id.UserID
}

// MarshalJSON writes an empty departments array where there are none, never
// null: readers in other languages iterate over it.
func (id Identity) MarshalJSON() ([]byte, error) {
	type plain Identity
	if id.Departments == nil {
		id.Departments = []int64{}
	}
	return json.Marshal(plain(id))
}
