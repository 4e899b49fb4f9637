package dingtalk_test

import (
	"slices"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk"
)

// What the reader may choose, for each call that knows it; and nothing where
// nothing is chosen.
func TestADirectoryIsReadAsItIsAskedFor(t *testing.T) {
	t.Parallel()
	chosen := dingtalk.Directory{Language: dingtalk.English, Order: dingtalk.OrderEntryDesc, WithRestricted: true}
	for _, tc := range []struct {
		legacy        bool
		path          string
		read          func(d dingtalk.Directory) error
		plain, chosen string // query but for the token, and body
	}{
		{false, userPath, func(d dingtalk.Directory) error { _, err := d.User(t.Context(), "zhang01"); return err },
			`{"userid":"zhang01"}`, `{"language":"en_US","userid":"zhang01"}`},
		{true, oldUserPath, func(d dingtalk.Directory) error { _, err := d.User(t.Context(), "zhang01"); return err },
			`userid=zhang01`, `lang=en_US&userid=zhang01`},
		{false, "/topapi/v2/department/get", func(d dingtalk.Directory) error { _, err := d.Department(t.Context(), 3); return err },
			`{"dept_id":3}`, `{"dept_id":3,"language":"en_US"}`},
		{true, "/department/get", func(d dingtalk.Directory) error { _, err := d.Department(t.Context(), 3); return err },
			`id=3`, `id=3&lang=en_US`},
		{false, "/topapi/v2/department/listsub", func(d dingtalk.Directory) error { _, err := collect(d.Departments(t.Context(), 3)); return err },
			`{"dept_id":3}`, `{"dept_id":3,"language":"en_US"}`},
		{true, "/department/list", func(d dingtalk.Directory) error { _, err := collect(d.Departments(t.Context(), 3)); return err },
			`fetch_child=false&id=3`, `fetch_child=false&id=3&lang=en_US`},
		{false, "/topapi/v2/user/list", func(d dingtalk.Directory) error { _, err := collect(d.Users(t.Context(), 1)); return err },
			`{"cursor":0,"dept_id":1,"size":100}`, `{"contain_access_limit":true,"cursor":0,"dept_id":1,"language":"en_US","order_field":"entry_desc","size":100}`},
		{false, "/topapi/user/listsimple", func(d dingtalk.Directory) error { _, err := collect(d.UserNames(t.Context(), 1)); return err },
			`{"cursor":0,"dept_id":1,"size":100}`, `{"contain_access_limit":true,"cursor":0,"dept_id":1,"language":"en_US","order_field":"entry_desc","size":100}`},
		{true, "/user/listbypage", func(d dingtalk.Directory) error { _, err := collect(d.Users(t.Context(), 1)); return err },
			`department_id=1&offset=0&size=100`, `department_id=1&lang=en_US&offset=0&order=entry_desc&size=100`},
		{true, "/user/simplelist", func(d dingtalk.Directory) error { _, err := collect(d.UserNames(t.Context(), 1)); return err },
			`department_id=1&offset=0&size=100`, `department_id=1&lang=en_US&offset=0&order=entry_desc&size=100`},
	} {
		t.Run(tc.path, func(t *testing.T) {
			t.Parallel()
			script := acme.script(t)
			script[oldUserPath] = says(200, goodOldUser)
			f := newFake(t, script)
			plain, all := dingtalk.Directory{Client: f.client()}, chosen
			plain.Client.Legacy = tc.legacy
			all.Client = plain.Client
			for _, d := range []dingtalk.Directory{plain, all} {
				if err := tc.read(d); err != nil {
					t.Fatal(err)
				}
			}
			var sent []string
			for _, req := range f.requests(tc.path) {
				req.query.Del("access_token")
				sent = append(sent, req.query.Encode()+req.body)
			}
			if want := []string{tc.plain, tc.chosen}; !slices.Equal(sent, want) {
				t.Errorf("sent %q\nwant %q", sent, want)
			}
		})
	}
}
