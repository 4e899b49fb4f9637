package dingtalk

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

const (
	peoplePermission = "qyapi_get_department_member"
	mobilePermission = "qyapi_get_member_by_mobile"
)

// UserName is what the short list of a department's people has.
type UserName struct{ UserID, Name string }

// Users are the people directly in a department, with their records, as they
// are paged: 100 to a call. Of Orders and Leads the records have this
// department's alone.
func (c *Client) Users(ctx context.Context, dept int64) iter.Seq2[User, error] {
	return people(ctx, c, dept, "/topapi/v2/user/list", "/user/listbypage", func(w wireUser) (User, error) {
		if w.UserID == "" {
			return User{}, errMissing
		}
		return w.userIn(dept), nil
	})
}

// UserNames are the people directly in a department, by name.
func (c *Client) UserNames(ctx context.Context, dept int64) iter.Seq2[UserName, error] {
	type wire struct {
		UserID text `json:"userid"`
		Name   text `json:"name"`
	}
	return people(ctx, c, dept, "/topapi/user/listsimple", "/user/simplelist", func(w wire) (UserName, error) {
		if w.UserID == "" {
			return UserName{}, errMissing
		}
		return UserName{string(w.UserID), string(w.Name)}, nil
	})
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
	return func(yield func(User, error) bool) {
		met := map[string]bool{}
		for department, err := range c.DepartmentTree(ctx, top) {
			if err != nil {
				yield(User{}, err)
				return
			}
			for user, err := range c.Users(ctx, department.ID) {
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
func people[W, T any](ctx context.Context, c *Client, dept int64, path, frozen string, convert func(W) (T, error)) iter.Seq2[T, error] {
	ask := call{api: older, method: http.MethodPost, path: path, permission: peoplePermission}
	if c.Legacy {
		ask.method, ask.path = http.MethodGet, frozen
	}
	return allPages(ctx, ask, func(ctx context.Context, cursor int64) (page[T], error) {
		ask := ask // a sequence may be walked twice at the same time
		if c.Legacy {
			ask.query = url.Values{"department_id": {strconv.FormatInt(dept, 10)}, "offset": {strconv.FormatInt(cursor, 10)}, "size": {strconv.Itoa(pageSize)}}
		} else {
			ask.body = map[string]any{"dept_id": dept, "cursor": cursor, "size": pageSize}
		}
		got, err := c.peoplePage(ctx, ask)
		if err != nil {
			return page[T]{}, err
		}
		items, err := strictly(got.list, ask, convert)
		if c.Legacy && len(items) > 0 { // it counts by offset, without a cursor
			got.next = cursor + pageSize
		}
		return page[T]{items: items, more: got.more, next: got.next}, err
	})
}

// rawPage is a page whose elements are still to be read.
type rawPage struct {
	list list[json.RawMessage]
	more bool
	next int64
}

func (c *Client) peoplePage(ctx context.Context, ask call) (rawPage, error) {
	var got struct {
		Result *struct {
			HasMore flag                  `json:"has_more"`
			Next    number                `json:"next_cursor"`
			List    list[json.RawMessage] `json:"list"`
		} `json:"result"`
		OldMore flag                   `json:"hasMore"`
		OldList *list[json.RawMessage] `json:"userlist"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return rawPage{}, err
	}
	switch {
	case got.Result != nil:
		return rawPage{got.Result.List, got.Result.HasMore.value, int64(got.Result.Next)}, nil
	case got.OldList != nil:
		return rawPage{*got.OldList, got.OldMore.value, 0}, nil
	}
	return rawPage{}, ask.wrong(errMissing)
}

// UserIDs are the people directly in a department, by id alone and in one call.
func (c *Client) UserIDs(ctx context.Context, dept int64) ([]string, error) {
	ask := call{api: older, method: http.MethodPost, path: "/topapi/user/listid", body: map[string]any{"dept_id": dept}, permission: memberPermission}
	if c.Legacy {
		ask = call{api: older, method: http.MethodGet, path: "/user/getDeptMember", query: url.Values{"deptId": {strconv.FormatInt(dept, 10)}}, permission: memberPermission}
	}
	var got struct {
		Result struct {
			UserIDs *list[json.RawMessage] `json:"userid_list"`
		} `json:"result"`
		OldUserIDs *list[json.RawMessage] `json:"userIds"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return nil, err
	}
	found := cmp.Or(got.Result.UserIDs, got.OldUserIDs)
	if found == nil {
		return nil, ask.wrong(errMissing)
	}
	return strictly(*found, ask, func(id text) (string, error) {
		if id == "" {
			return "", errMissing
		}
		return string(id), nil
	})
}

// CountUsers is how many people the company has, or how many of them have
// activated DingTalk.
func (c *Client) CountUsers(ctx context.Context, onlyActive bool) (int, error) {
	ask := call{api: older, method: http.MethodPost, path: "/topapi/user/count", body: map[string]any{"only_active": onlyActive}, permission: memberPermission}
	if c.Legacy {
		only := map[bool]string{true: "1", false: "0"}[onlyActive]
		ask = call{api: older, method: http.MethodGet, path: "/user/get_org_user_count", query: url.Values{"onlyActive": {only}}, permission: memberPermission}
	}
	var got struct {
		Result struct {
			Count *number `json:"count"`
		} `json:"result"`
		OldCount *number `json:"count"`
	}
	if err := c.asApp(ctx, ask, &got); err != nil {
		return 0, err
	}
	count := cmp.Or(got.Result.Count, got.OldCount)
	if count == nil {
		return 0, ask.wrong(errMissing)
	}
	return int(*count), nil
}

// UserIDsByMobile finds the person with a mobile number: their own user id,
// and those of enterprise accounts that use the number as well. A number that
// is nobody's is answered with not_member. Numbers abroad begin with +, the
// country's code and a dash.
func (c *Client) UserIDsByMobile(ctx context.Context, mobile string) (userID string, enterprise []string, err error) {
	ask := call{api: older, method: http.MethodPost, path: "/topapi/v2/user/getbymobile", body: map[string]string{"mobile": mobile}, permission: mobilePermission}
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
