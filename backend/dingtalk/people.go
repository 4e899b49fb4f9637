package dingtalk

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/url"
)

const (
	peoplePermission = "qyapi_get_department_member"
	mobilePermission = "qyapi_get_member_by_mobile"
)

// UserName is what the short list of a department's people has.
type UserName struct{ UserID, Name string }

// Users is [Client.Users].
func (d Directory) Users(ctx context.Context, dept int64) iter.Seq2[User, error] {
	return people(ctx, d, dept, "/topapi/v2/user/list", "/user/listbypage", func(w wireUser) (User, error) {
		_, err := w.UserID.id()
		return w.userIn(dept), err
	})
}

// UserNames is [Client.UserNames].
func (d Directory) UserNames(ctx context.Context, dept int64) iter.Seq2[UserName, error] {
	type wire struct {
		UserID text `json:"userid"`
		Name   text `json:"name"`
	}
	return people(ctx, d, dept, "/topapi/user/listsimple", "/user/simplelist", func(w wire) (UserName, error) {
		id, err := w.UserID.id()
		return UserName{id, string(w.Name)}, err
	})
}

// Everyone is [Client.Everyone].
func (d Directory) Everyone(ctx context.Context, top int64) iter.Seq2[User, error] {
	return func(yield func(User, error) bool) {
		met := map[string]bool{}
		for department, err := range d.DepartmentTree(ctx, top) {
			if err != nil {
				yield(User{}, err)
				return
			}
			for user, err := range d.Users(ctx, department.ID) {
				if err == nil && met[user.UserID] {
					continue
				}
				if !yield(user, err) || err != nil {
					return
				}
				met[user.UserID] = true
			}
		}
	}
}

// people are the pages of one of the lists of a department's people.
func people[W, T any](ctx context.Context, d Directory, dept int64, path, before string, convert func(W) (T, error)) iter.Seq2[T, error] {
	c := d.Client
	ask := c.either(peoplePermission, post(path, nil), get(before, nil))
	one := func(ctx context.Context, cursor, size int64) (page[T], error) {
		ask := ask // a sequence may be walked twice at the same time
		if c.Legacy {
			ask.query = d.frozenListing(url.Values{"department_id": {decimal(dept)}, "offset": {decimal(cursor)}, "size": {decimal(size)}})
		} else {
			ask.body = d.listing(map[string]any{"dept_id": dept, "cursor": cursor, "size": size})
		}
		got, err := result[wirePage](ctx, c, c.asApp, ask)
		if err != nil {
			return page[T]{}, err
		}
		items, err := strictly(got.people(), ask, convert)
		next := int64(got.Next)
		if c.Legacy && len(items) > 0 { // it counts by offset, without a cursor
			next = cursor + size
		}
		return page[T]{items: items, more: got.More.value || got.OldMore.value, next: next}, err
	}
	return func(yield func(T, error) bool) {
		size := int64(pageSize) // of this walk
		allPages(ctx, ask, func(ctx context.Context, cursor int64) (page[T], error) {
			return sized(&size, func(size int64) (page[T], error) { return one(ctx, cursor, size) })
		})(yield)
	}
}

// wirePage is a page of either list.
type wirePage struct {
	More    flag                   `json:"has_more"`
	Next    number                 `json:"next_cursor"`
	List    *list[json.RawMessage] `json:"list"`
	OldMore flag                   `json:"hasMore"`
	OldList *list[json.RawMessage] `json:"userlist"`
}

// people are those on the page. One that only says whether there are more has
// none.
func (w wirePage) people() *list[json.RawMessage] {
	if w.List == nil && w.More.told {
		return &list[json.RawMessage]{}
	}
	return cmp.Or(w.List, w.OldList)
}

// UserIDs are the people directly in a department, by id alone and in one call.
func (c *Client) UserIDs(ctx context.Context, dept int64) ([]string, error) {
	ask := c.either(memberPermission,
		post("/topapi/user/listid", map[string]any{"dept_id": dept}),
		get("/user/getDeptMember", url.Values{"deptId": {decimal(dept)}}))
	type wire struct {
		UserIDs    *list[json.RawMessage] `json:"userid_list"`
		OldUserIDs *list[json.RawMessage] `json:"userIds"`
	}
	got, err := result[wire](ctx, c, c.asApp, ask)
	if err != nil {
		return nil, err
	}
	return strictly(cmp.Or(got.UserIDs, got.OldUserIDs), ask, text.id)
}

// CountUsers is how many people the company has, or how many of them have
// activated DingTalk.
func (c *Client) CountUsers(ctx context.Context, onlyActive bool) (int, error) {
	only := map[bool]string{true: "1", false: "0"}[onlyActive]
	ask := c.either(memberPermission,
		post("/topapi/user/count", map[string]any{"only_active": onlyActive}),
		get("/user/get_org_user_count", url.Values{"onlyActive": {only}}))
	type wire struct {
		Count *number `json:"count"`
	}
	got, err := result[wire](ctx, c, c.asApp, ask)
	switch {
	case err != nil:
		return 0, err
	case got.Count == nil:
		return 0, ask.wrong(errMissing)
	}
	return int(*got.Count), nil
}

// UserIDsByMobile finds the person with a mobile number: their own user id,
// and those of enterprise accounts that use the number as well. A number that
// is nobody's is answered with not_member. Numbers abroad begin with +, the
// country's code and a dash.
func (c *Client) UserIDsByMobile(ctx context.Context, mobile string) (userID string, enterprise []string, err error) {
	ask := post("/topapi/v2/user/getbymobile", map[string]string{"mobile": mobile})
	ask.permission = mobilePermission
	var got struct {
		Result struct {
			UserID     text       `json:"userid"`
			Enterprise list[text] `json:"exclusive_account_userid_list"`
		} `json:"result"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return "", nil, err
	}
	if got.Result.UserID == "" && len(got.Result.Enterprise) == 0 {
		return "", nil, ask.wrong(errMissing)
	}
	return string(got.Result.UserID), texts(got.Result.Enterprise), nil
}
