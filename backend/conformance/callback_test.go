package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/secret"
)

const (
	registerPath = "/call_back/register_call_back"
	updatePath   = "/call_back/update_call_back"
	getPath      = "/call_back/get_call_back"
	deletePath   = "/call_back/delete_call_back"
	failedPath   = "/call_back/get_call_back_failed_result"
)

// hook is an app's public address, with the client's handler behind it.
type hook struct {
	url    string
	events chan callback.Event
	refuse atomic.Bool // it can take no event
}

func (w *world) hook() *hook { return w.hookOf(w.App().CorpID) }

// hookOf is the address of who expects messages for this owner.
func (w *world) hookOf(owner string) *hook {
	h := &hook{events: make(chan callback.Event, 1000)}
	take := callback.Queue(h.events)
	address := w.address("")
	handler := &callback.Handler{
		Crypto: callback.Crypto{Token: address.Token, AESKey: address.AESKey, Owner: owner},
		Now:    w.Now,
		Deliver: func(ctx context.Context, event callback.Event) error {
			if h.refuse.Load() {
				return callback.ErrFull
			}
			return take(ctx, event)
		},
	}
	server := httptest.NewServer(handler)
	w.t.Cleanup(server.Close)
	h.url = server.URL + "/hook"
	return h
}

// address is a registration of a URL for some events.
func (w *world) address(url string) dingtalk.Callback {
	return dingtalk.Callback{
		URL: url, Tags: []string{callback.UserAddOrg, callback.UserLeaveOrg, callback.OrgDeptModify, callback.UserModifyOrg, callback.OrgChange, "label_user_change"},
		Token:  w.hide(secret.New("Tok3nOfTheHook")),
		AESKey: w.hide(secret.New("o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus")),
	}
}

func register(w *world, address dingtalk.Callback) (any, error) {
	return nil, w.client.RegisterCallback(w.t.Context(), address)
}

func registered(w *world) (any, error) {
	got, err := w.client.RegisteredCallback(w.t.Context())
	return revealed(got), err
}

// revealed is an address that can be compared.
func revealed(a dingtalk.Callback) []string {
	return append([]string{a.URL, a.Token.Reveal(), a.AESKey.Reveal()}, a.Tags...)
}

func TestCallbackRegistration(t *testing.T) {
	t.Parallel()
	silly := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"msg":"success"}`) }))
	moved := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	t.Cleanup(silly.Close)
	t.Cleanup(moved.Close)
	to := func(url string, changes ...func(*dingtalk.Callback)) call {
		return func(w *world) (any, error) {
			address := w.address(url)
			for _, change := range changes {
				change(&address)
			}
			return register(w, address)
		}
	}
	good := func(w *world) (any, error) { return register(w, w.address(w.hook().url)) }
	again := func(w *world) (any, error) {
		if _, err := good(w); err != nil {
			return nil, err
		}
		return good(w)
	}
	afterwards := func(then call) call {
		return func(w *world) (any, error) {
			if _, err := good(w); err != nil {
				return nil, err
			}
			return then(w)
		}
	}
	update := func(w *world) (any, error) {
		address := w.address(w.hook().url)
		address.Tags = []string{callback.OrgRemove}
		if err := w.client.UpdateCallback(w.t.Context(), address); err != nil {
			return nil, err
		}
		got, err := w.client.RegisteredCallback(w.t.Context())
		return slices.Equal(revealed(got), revealed(address)), err
	}
	remove := func(w *world) (any, error) { return nil, w.client.DeleteCallback(w.t.Context()) }
	settings := func(path string, errcode int) *failure {
		return plain(path, errcode, dingtalk.Settings, login.AppMisconfigured)
	}
	rows := []row{
		{name: "8.5 register, which is tested with check_url", call: good, want: value(nil)},
		{name: "8.5 get", call: func(w *world) (any, error) {
			address := w.address(w.hook().url)
			if _, err := register(w, address); err != nil {
				return nil, err
			}
			got, err := w.client.RegisteredCallback(w.t.Context())
			return slices.Equal(revealed(got), revealed(address)), err
		}, want: value(true)},
		{name: "8.5 update", call: afterwards(update), want: value(true)},
		{name: "8.5 delete", call: afterwards(remove), want: value(nil)},
		{name: "8.5 delete, and then none", call: afterwards(func(w *world) (any, error) {
			if _, err := remove(w); err != nil {
				return nil, err
			}
			return registered(w)
		}), fails: settings(getPath, 71007)},
		{name: "8.5 register: 71006 there is one already", call: again, fails: settings(registerPath, 71006)},
		{name: "8.5 update: 71007 there is none", call: update, fails: settings(updatePath, 71007)},
		{name: "8.5 get: 71007 there is none", call: registered, fails: settings(getPath, 71007)},
		{name: "8.5 delete: 71007 there is none", call: remove, fails: settings(deletePath, 71007)},
		{name: "8.5 register: 71008 bad tag", call: to(silly.URL, func(a *dingtalk.Callback) { a.Tags = []string{"no_such_event"} }), fails: settings(registerPath, 71008)},
		{name: "8.5 register: 71009 the reply was not success", call: to(silly.URL), fails: settings(registerPath, 71009)},
		{name: "8.5 register: 71012 the hook has another key, and answers 403", call: func(w *world) (any, error) {
			address := w.address(w.hook().url)
			address.AESKey = w.hide(secret.New("4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"))
			return register(w, address)
		}, fails: settings(registerPath, 71012)},
		{name: "8.5 register: 71012 unreachable", call: to("http://127.0.0.1:1/hook"), fails: settings(registerPath, 71012)},
		{name: "8.5 register: 71012 a redirect", call: to(moved.URL), fails: settings(registerPath, 71012)},
		{name: "8.5 register: 71013 blocked", call: to("https://kiosk.example/hook"), fails: settings(registerPath, 71013)},
		{name: "8.5 register: 40035 a token of two characters", call: to(silly.URL, func(a *dingtalk.Callback) { a.Token = secret.New("ab") }),
			fails: plain(registerPath, 40035, dingtalk.Bug, login.Internal)},
		{name: "8.5 register: 60020 address not on the list", given: alreadyElsewhere, call: good,
			fails: plain(registerPath, 60020, dingtalk.Settings, login.IPNotAllowed).saying("127.0.0.1")},
		{name: "8.2 failed results: none", call: func(w *world) (any, error) { return all(w.client.FailedCallbacks(w.t.Context())) }, want: value([][]callback.Event(nil))},
		{name: "8.2 failed results: -1 busy, which may have cleared them", given: faulted(failedPath, sandbox.Fault{ErrCode: -1}),
			call:  func(w *world) (any, error) { return all(w.client.FailedCallbacks(w.t.Context())) },
			fails: plain(failedPath, -1, dingtalk.Retry, login.ProviderUnavailable)},
	}
	for _, errcode := range []int{900001, 900005, 900010} {
		rows = append(rows, row{name: fmt.Sprintf("8.5 register: %d", errcode), given: faulted(registerPath, sandbox.Fault{ErrCode: errcode}),
			call: good, fails: settings(registerPath, errcode)})
	}
	run(t, rows)
}

// happens sends an event through /_control and tells its id.
func (w *world) happens(kind, fields string) string {
	w.t.Helper()
	var sent struct {
		ID string `json:"event_id"`
	}
	if err := json.Unmarshal(w.control("events", map[string]any{"type": kind, "fields": json.RawMessage(fields)}), &sent); err != nil {
		w.t.Fatal(err)
	}
	return sent.ID
}

// occasions are the events of section 8.4.
func occasions() map[string]struct {
	kind, fields string
	want         callback.Event
} {
	type occasion = struct {
		kind, fields string
		want         callback.Event
	}
	return map[string]occasion{
		"8.4 user_add_org":               {callback.UserAddOrg, `{"userId":["zhang01","li02"]}`, callback.Event{UserIDs: []string{"zhang01", "li02"}}},
		"8.4 user_leave_org":             {callback.UserLeaveOrg, `{"userId":["zhang01"]}`, callback.Event{UserIDs: []string{"zhang01"}}},
		"8.4 user_modify_org, diffInfo":  {callback.UserModifyOrg, `{"userId":["zhang01"],"diffInfo":{"userid":"zhang01","prev":{},"curr":{}}}`, callback.Event{UserIDs: []string{"zhang01"}}},
		"8.4 org_dept_modify":            {callback.OrgDeptModify, `{"deptId":[88001]}`, callback.Event{DeptIDs: []int64{88001}}},
		"8.4 org_dept_modify as strings": {callback.OrgDeptModify, `{"deptId":["88001","88002"]}`, callback.Event{DeptIDs: []int64{88001, 88002}}},
		"8.4 org_change":                 {callback.OrgChange, `{}`, callback.Event{}},
		"8.4 label_user_change":          {"label_user_change", `{"userIdList":["zhang01"],"action":"add","labelIdList":[1507]}`, callback.Event{UserIDs: []string{"zhang01"}}},
	}
}

// same compares what an event says of what happened.
func same(t *testing.T, w *world, got, want callback.Event) {
	t.Helper()
	raw := string(got.Raw)
	if want.Type == callback.UserModifyOrg && !strings.Contains(string(got.Diff), "prev") {
		t.Errorf("diffInfo %s", got.Diff)
	}
	got.Raw, got.Diff, got.BizID, want.CorpID = nil, nil, "", w.App().CorpID
	if got.Time.Sub(still()) != 0 || raw == "" {
		t.Errorf("happened at %v: %s", got.Time, raw)
	}
	got.Time = time.Time{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestCallbackEvents(t *testing.T) {
	t.Parallel()
	for name, tc := range occasions() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorldAt(t, still)
			h := w.hook()
			if _, err := register(w, w.address(h.url)); err != nil {
				t.Fatal(err)
			}
			tc.want.Type = tc.kind
			tc.want.ID = w.happens(tc.kind, tc.fields)
			same(t, w, <-h.events, tc.want)
		})
	}
}

// What the address does not take comes twice more, ten and thirty seconds
// later, and is then read page by page.
func TestFailedCallbacks(t *testing.T) {
	t.Parallel()
	const events = 205
	w := newWorldAt(t, still)
	h := w.hook()
	if _, err := register(w, w.address(h.url)); err != nil {
		t.Fatal(err)
	}
	h.refuse.Store(true)
	missed := map[string]bool{}
	for i := range events {
		missed[fmt.Sprintf("person%03d", i)] = true
		w.happens(callback.UserAddOrg, fmt.Sprintf(`{"userId":["person%03d"]}`, i))
	}
	w.later("40s")
	pages, most := 0, 0
	for len(missed) > 0 {
		for page, err := range w.client.FailedCallbacks(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			pages, most = pages+1, max(most, len(page))
			for _, event := range page {
				if event.Type != callback.UserAddOrg || event.CorpID != w.App().CorpID || len(event.UserIDs) != 1 || !missed[event.UserIDs[0]] || !event.Time.Equal(still()) {
					t.Fatalf("read %+v", event)
				}
				delete(missed, event.UserIDs[0])
			}
		}
	}
	if most > 200 || pages < 2 {
		t.Errorf("%d pages of up to %d", pages, most)
	}
	if len(h.events) != 0 {
		t.Error("the hook took one of them")
	}
}

func TestACallbackIsTakenTheSecondTime(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, still)
	first := make(chan struct{}, 1)
	taken := make(chan callback.Event, 1)
	var n atomic.Int32
	handler := &callback.Handler{
		Crypto: callback.Crypto{Token: w.address("").Token, AESKey: w.address("").AESKey, Owner: w.App().CorpID},
		Now:    w.Now,
		Deliver: func(_ context.Context, event callback.Event) error {
			if n.Add(1) == 1 {
				first <- struct{}{}
				return errors.New("the table is locked")
			}
			taken <- event
			return nil
		},
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	if _, err := register(w, w.address(server.URL)); err != nil {
		t.Fatal(err)
	}
	id := w.happens(callback.UserLeaveOrg, `{"userId":["zhang01"]}`)
	<-first
	w.later("10s")
	if event := <-taken; event.ID != id {
		t.Errorf("8.2 the retry is of %q", event.ID)
	}
}
