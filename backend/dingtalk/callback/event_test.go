package callback_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
)

func TestEventsAreReadInEveryForm(t *testing.T) {
	t.Parallel()
	when := time.UnixMilli(1700000000000)
	for name, c := range map[string]struct {
		text string
		want callback.Event
	}{
		"the newer form": {
			`{"EventType":"user_leave_org","EventTime":1700000000000,"CorpId":"ding0a1b","BizId":"b1","eventId":"e-1","timeStamp":"1700000099000","userId":["zhang01"]}`,
			callback.Event{Type: callback.UserLeaveOrg, ID: "e-1", CorpID: "ding0a1b", BizID: "b1", Time: when, UserIDs: []string{"zhang01"}},
		},
		"the older form": {
			`{"EventType":"user_add_org","TimeStamp":"1700000000000","CorpId":"ding0a1b","UserId":["zhang01","李02"]}`,
			callback.Event{Type: callback.UserAddOrg, CorpID: "ding0a1b", Time: when, UserIDs: []string{"zhang01", "李02"}},
		},
		"the older form of a department": {
			`{"EventType":"org_dept_modify","TimeStamp":1700000000000,"CorpId":"ding0a1b","DeptId":[1,176200000000000001]}`,
			callback.Event{Type: callback.OrgDeptModify, CorpID: "ding0a1b", Time: when, DeptIDs: []int64{1, 176200000000000001}},
		},
		"departments as strings, and some that are none": {
			`{"eventType":"org_dept_create","deptId":["88001",88002,"x",null,{},2.5,"99999999999999999999"]}`,
			callback.Event{Type: callback.OrgDeptCreate, DeptIDs: []int64{88001, 88002}},
		},
		"people as numbers": {
			`{"EVENTTYPE":"user_active_org","EVENTID":7,"USERID":[123,"a"]}`,
			callback.Event{Type: callback.UserActiveOrg, ID: "7", UserIDs: []string{"123", "a"}},
		},
		"one in place of a list": {
			`{"EventType":"org_admin_add","userId":"zhang01","deptId":1}`,
			callback.Event{Type: callback.OrgAdminAdd, UserIDs: []string{"zhang01"}, DeptIDs: []int64{1}},
		},
		"labels": {
			`{"EventType":"label_user_change","userIdList":["zhang01"],"action":"add","labelIdList":[7]}`,
			callback.Event{Type: "label_user_change", UserIDs: []string{"zhang01"}},
		},
		"a difference": {
			`{"EventType":"user_modify_org","userId":["z"],"diffInfo":{"userid":"z","prev":{},"curr":{"title":"工程师"}}}`,
			callback.Event{Type: callback.UserModifyOrg, UserIDs: []string{"z"}, Diff: json.RawMessage(`{"userid":"z","prev":{},"curr":{"title":"工程师"}}`)},
		},
		"a test":                         {`{"EventType":"check_url"}`, callback.Event{Type: callback.CheckURL}},
		"an event of another kind":       {`{"EventType":"bpms_task_change","processInstanceId":"p"}`, callback.Event{Type: "bpms_task_change"}},
		"nothing that can be read":       {`{"EventType":["x"],"eventId":{},"EventTime":"soon","userId":{"a":1},"CorpId":true,"deptId":"x"}`, callback.Event{}},
		"a time in seconds of no age":    {`{"EventTime":-1}`, callback.Event{}},
		"a time that cannot be written":  {`{"EventTime":9223372036854775807}`, callback.Event{}},
		"a time that only was sent":      {`{"EventTime":"","timeStamp":1700000000000}`, callback.Event{Time: when}},
		"an empty object":                {`{}`, callback.Event{}},
		"names that need another letter": {`{"userId":["\u5f20\ud83d\ude00"]}`, callback.Event{UserIDs: []string{"张😀"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := callback.ParseEvent([]byte(c.text))
			if err != nil || string(got.Raw) != c.text {
				t.Fatalf("raw = %s, %v", got.Raw, err)
			}
			got.Raw = nil
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("event = %#v\nwant    %#v", got, c.want)
			}
		})
	}
}

func TestFailedEventsAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		entry string
		want  callback.Event
	}{
		"people": {
			`{"user_add_org":{"corpid":"ding0a1b","userid":["zhang01",2]},"call_back_tag":"user_add_org","event_time":1700000000000}`,
			callback.Event{Type: callback.UserAddOrg, CorpID: "ding0a1b", Time: time.UnixMilli(1700000000000), UserIDs: []string{"zhang01", "2"}},
		},
		"departments": {
			`{"call_back_tag":"org_dept_remove","event_time":"1700000000000","org_dept_remove":{"corpid":"ding0a1b","deptid":["2"]}}`,
			callback.Event{Type: callback.OrgDeptRemove, CorpID: "ding0a1b", Time: time.UnixMilli(1700000000000), DeptIDs: []int64{2}},
		},
		"a key in capitals": {
			`{"call_back_tag":"user_add_org","USER_ADD_ORG":{"UserId":["a"]}}`,
			callback.Event{Type: callback.UserAddOrg, UserIDs: []string{"a"}},
		},
		"no more than a tag":      {`{"call_back_tag":"org_change"}`, callback.Event{Type: callback.OrgChange}},
		"a tag of another type":   {`{"call_back_tag":"org_change","org_change":[1]}`, callback.Event{Type: callback.OrgChange}},
		"a tag that is a sibling": {`{"call_back_tag":"event_time","event_time":1700000000000}`, callback.Event{Type: "event_time", Time: time.UnixMilli(1700000000000)}},
		"no tag":                  {`{"user_add_org":{"userid":["z"]}}`, callback.Event{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := callback.ParseFailed([]byte(c.entry))
			if err != nil || string(got.Raw) != c.entry {
				t.Fatalf("raw = %s, %v", got.Raw, err)
			}
			got.Raw = nil
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("event = %#v\nwant    %#v", got, c.want)
			}
		})
	}
}

func TestWhatIsNoObjectIsNoEvent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "null", "[]", `"canary"`, "7", "{", `{"EventType":"canary"}{}`, `{"EventType":canary}`} {
		for _, parse := range []func([]byte) (callback.Event, error){callback.ParseEvent, callback.ParseFailed} {
			if e, err := parse([]byte(text)); err == nil || strings.Contains(err.Error(), "canary") {
				t.Errorf("%q: %v, %v", text, e, err)
			}
		}
	}
}

func TestAnEventPrintsNothingPersonal(t *testing.T) {
	t.Parallel()
	e, err := callback.ParseEvent([]byte(`{"EventType":"user_modify_org","eventId":"e-1","userId":["canary"],"diffInfo":{"curr":{"mobile":"canary"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("event", "event", e)
	slog.New(slog.NewTextHandler(&out, nil)).Info("event", "event", e)
	_, _ = fmt.Fprintf(&out, "%v %+v %s", e, e, e)
	if said := out.String(); strings.Contains(said, "canary") || strings.Count(said, "e-1") != 5 {
		t.Error(said)
	}
}

func FuzzEvent(f *testing.F) {
	for _, text := range []string{
		`{"EventType":"user_leave_org","EventTime":1700000000000,"eventId":"e-1","userId":["zhang01"],"deptId":[1,"2"],"diffInfo":{}}`,
		`{"user_add_org":{"corpid":"c","userid":["z"]},"call_back_tag":"user_add_org","event_time":1e3}`,
		`{"EventTime":-0,"userId":[[]],"deptId":{}}`, `{"call_back_tag":"","":{"userid":1}}`, `null`, `[]`, "{\"\xff\":\"\xff\"}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, parse := range []func([]byte) (callback.Event, error){callback.ParseEvent, callback.ParseFailed} {
			var object map[string]json.RawMessage
			isObject := json.Unmarshal(text, &object) == nil && object != nil
			e, err := parse(text)
			if (err == nil) != isObject {
				t.Fatalf("err = %v, an object: %t", err, isObject)
			}
			if err != nil {
				continue
			}
			if !bytes.Equal(e.Raw, text) {
				t.Error("raw is not what came")
			}
			if _, err := json.Marshal(e); err != nil { // a queue in a table does that
				t.Error(err)
			}
		}
	})
}
