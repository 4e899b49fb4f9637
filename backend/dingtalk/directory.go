package dingtalk

import (
	"context"
	"iter"
	"net/url"
)

// Directory reads people and departments as [Client] does, with what DingTalk
// lets the reader choose. The Client's methods of the same names are those of a
// Directory with nothing chosen.
//
//	english := dingtalk.Directory{Client: client, Language: dingtalk.English}
//	for department, err := range english.DepartmentTree(ctx, dingtalk.RootDepartment) {
//
// What a call does not know it is not sent: an Order is for the lists of a
// department's people, WithRestricted for those of today.
type Directory struct {
	Client *Client

	Language Language // of names, where the company has them in it
	Order    Order    // of the people in a department

	// WithRestricted includes people whose records may not be seen by everybody
	// (contain_access_limit).
	WithRestricted bool
}

// Language is what names are asked for in.
type Language string

// The languages. "" is DingTalk's choice, Chinese.
const (
	Chinese Language = "zh_CN"
	English Language = "en_US"
)

// Order is that of a department's people.
type Order string

// The orders. "" is DingTalk's choice, which it does not document.
const (
	OrderCustom     Order = "custom" // as the company has arranged them
	OrderEntry      Order = "entry_asc"
	OrderEntryDesc  Order = "entry_desc" // who came last is first
	OrderChange     Order = "modify_asc"
	OrderChangeDesc Order = "modify_desc" // whose record was changed last is first
)

// naming adds to a call what it may be told of names.
func (d Directory) naming(body map[string]any) map[string]any {
	if d.Language != "" {
		body["language"] = d.Language
	}
	return body
}

// listing adds to a call what it may be told of a list of people.
func (d Directory) listing(body map[string]any) map[string]any {
	if d.Order != "" {
		body["order_field"] = d.Order
	}
	if d.WithRestricted {
		body["contain_access_limit"] = true
	}
	return d.naming(body)
}

// frozenNaming and frozenListing are the same for the frozen calls.
func (d Directory) frozenNaming(query url.Values) url.Values {
	if d.Language != "" {
		query.Set("lang", string(d.Language))
	}
	return query
}

func (d Directory) frozenListing(query url.Values) url.Values {
	if d.Order != "" {
		query.Set("order", string(d.Order))
	}
	return d.frozenNaming(query)
}

func (c *Client) directory() Directory { return Directory{Client: c} }

// User reads the employee record. The person must be within the app's contact
// scope (通讯录权限范围); else the answer is permission_missing.
func (c *Client) User(ctx context.Context, userID string) (User, error) {
	return c.directory().User(ctx, userID)
}

// Users are the people directly in a department, with their records, as they
// are paged: 100 to a call, or fewer where DingTalk does not take that. Of Orders and Leads the records have this
// department's alone.
func (c *Client) Users(ctx context.Context, dept int64) iter.Seq2[User, error] {
	return c.directory().Users(ctx, dept)
}

// UserNames are the people directly in a department, by name.
func (c *Client) UserNames(ctx context.Context, dept int64) iter.Seq2[UserName, error] {
	return c.directory().UserNames(ctx, dept)
}

// Everyone is everybody in a department and all below it, each person once: by
// user id, as their first department has them. Read [Client.User] for all of a
// person's Orders and Leads. It costs the calls of [Client.DepartmentTree] and
// one for each hundred people of a department.
//
// The company may change under a long walk: who moves from a department that
// is still to come into one that is done is not met. Somebody's absence means
// that they are gone only when [Client.User] says so as well.
func (c *Client) Everyone(ctx context.Context, top int64) iter.Seq2[User, error] {
	return c.directory().Everyone(ctx, top)
}

// Departments are the departments directly below one, in one call.
func (c *Client) Departments(ctx context.Context, under int64) iter.Seq2[Department, error] {
	return c.directory().Departments(ctx, under)
}

// DepartmentTree is a department and all below it, each before those below it
// and once. It takes one call for each department, and one for the top; two in
// all with Legacy, unless the company is too large for one answer of 1 MiB. An
// app whose contact scope is not the whole company is refused the root: begin
// with the departments of [Client.Scopes].
func (c *Client) DepartmentTree(ctx context.Context, top int64) iter.Seq2[Department, error] {
	return c.directory().DepartmentTree(ctx, top)
}

// Department is all about one department. One that is not there is an *Error
// with the code 60003.
func (c *Client) Department(ctx context.Context, id int64) (Department, error) {
	return c.directory().Department(ctx, id)
}
