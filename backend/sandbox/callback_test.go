package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

const (
	callbackToken = "token123"
	callbackKey   = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus"
)

// receiver is an app's callback address. It hands over what it decrypts, and
// answers what answer says.
type receiver struct {
	*httptest.Server
	got    chan map[string]any
	answer chan string // what it says next; none: success
}

func (k *kit) receiver() *receiver { return k.receiverOf(k.App().CorpID) }

func (k *kit) receiverOf(owner string) *receiver {
	k.t.Helper()
	s, err := sandbox.NewSealer(callbackToken, callbackKey, owner)
	if err != nil {
		k.t.Fatal(err)
	}
	r := &receiver{got: make(chan map[string]any, 16), answer: make(chan string, 16)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		var in struct{ Encrypt string }
		_ = json.Unmarshal(body, &in)
		q := req.URL.Query()
		plain, err := s.Unseal(in.Encrypt)
		var event map[string]any
		if err != nil || q.Get("signature") != s.Sign(q.Get("timestamp"), q.Get("nonce"), in.Encrypt) || json.Unmarshal([]byte(plain), &event) != nil {
			k.t.Errorf("a callback that cannot be read: %s %s", req.URL, body)
		}
		r.got <- event
		said := "success"
		select {
		case said = <-r.answer:
		default:
		}
		if said == "moved" {
			http.Redirect(w, req, "/elsewhere", http.StatusFound)
			return
		}
		sealed := s.Seal("1234567890123456", said)
		_, _ = fmt.Fprintf(w, `{"msg_signature":%q,"timeStamp":"1","nonce":"n","encrypt":%q}`, s.Sign("1", "n", sealed), sealed)
	}))
	k.t.Cleanup(r.Close)
	return r
}

// register calls one of the registration calls, some fields replaced.
func (k *kit) register(call, target string, pairs ...any) map[string]any {
	k.t.Helper()
	body := map[string]any{"call_back_tag": []string{"user_leave_org", "org_dept_modify"}, "token": callbackToken, "aes_key": callbackKey, "url": target}
	for i := 0; i < len(pairs); i += 2 {
		body[pairs[i].(string)] = pairs[i+1]
	}
	return k.top("/call_back/"+call, k.appToken(), body)
}

func TestAnEventIsCalledBack(t *testing.T) {
	t.Parallel()
	k := start(t)
	r := k.receiver()
	if got := k.register("register_call_back", r.URL+"/hook?x=1"); got["errcode"] != 0.0 {
		t.Fatalf("register: %v", got)
	}
	if check := <-r.got; check["EventType"] != "check_url" || len(check) != 1 {
		t.Errorf("the check: %v", check)
	}
	id := k.send("zhang01")
	event := <-r.got
	if users, _ := event["userId"].([]any); event["EventType"] != "user_leave_org" || event["eventId"] != id || event["CorpId"] != k.App().CorpID ||
		event["EventTime"] != 1795262400000.0 || event["timeStamp"] != "1795262400000" || len(users) != 1 {
		t.Errorf("the event: %v", event)
	}
	if len(k.PendingEvents()) != 0 {
		t.Error("it waits for a Stream connection as well")
	}
	if _, err := k.SendEvent(sandbox.Event{Type: "user_add_org"}); err != nil || len(k.PendingEvents()) != 1 {
		t.Errorf("an event that is not registered goes over Stream: %v", err)
	}
}

func TestACallbackIsTriedThreeTimes(t *testing.T) {
	t.Parallel()
	k := start(t)
	r := k.receiver()
	k.register("register_call_back", r.URL)
	<-r.got
	for _, said := range []string{"fail", "moved", "fail", "fail"} {
		r.answer <- said
	}
	k.send("zhang01")
	first := <-r.got
	k.Advance(10 * time.Second)
	<-r.got
	k.Advance(30 * time.Second)
	if third := <-r.got; third["eventId"] != first["eventId"] {
		t.Errorf("third: %v", third)
	}
	var list []any
	var failed map[string]any
	for len(list) == 0 {
		failed = k.flat("/call_back/get_call_back_failed_result")
		list, _ = failed["failed_list"].([]any)
	}
	item, _ := list[0].(map[string]any)
	what, _ := item["user_leave_org"].(map[string]any)
	users, _ := what["userid"].([]any)
	if failed["has_more"] != false || item["call_back_tag"] != "user_leave_org" || item["event_time"] != 1795262400000.0 || what["corpid"] != k.App().CorpID || len(users) != 1 {
		t.Errorf("failed: %v", failed)
	}
	if again, _ := k.flat("/call_back/get_call_back_failed_result")["failed_list"].([]any); len(again) != 0 {
		t.Errorf("reading clears: %v", again)
	}
}

func TestASecondAttemptCanSucceed(t *testing.T) {
	t.Parallel()
	k := start(t)
	r := k.receiver()
	k.register("register_call_back", r.URL)
	<-r.got
	r.answer <- "fail"
	k.send("zhang01")
	<-r.got
	k.Advance(10 * time.Second)
	<-r.got
	k.Advance(time.Hour)
	k.send("li02")
	if event := <-r.got; fmt.Sprint(event["userId"]) != "[li02]" {
		t.Errorf("it came a third time: %v", event)
	}
}

func TestTheRegistrationOfACallback(t *testing.T) {
	t.Parallel()
	k := start(t)
	r := k.receiver()
	isTopError(t, k.flat("/call_back/get_call_back"), 71007, "")
	isTopError(t, k.flat("/call_back/delete_call_back"), 71007, "")
	isTopError(t, k.register("update_call_back", r.URL), 71007, "")
	isTopError(t, k.register("register_call_back", r.URL, "call_back_tag", []string{"user_dances"}), 71008, "")
	isTopError(t, k.register("register_call_back", r.URL, "call_back_tag", []string{}), 40035, "")
	isTopError(t, k.register("register_call_back", r.URL, "aes_key", "short"), 40035, "")
	isTopError(t, k.register("register_call_back", r.URL, "token", "a b c d"), 40035, "")
	isTopError(t, k.register("register_call_back", "http://192.0.2.1/hook"), 71013, "")
	isTopError(t, k.register("register_call_back", "http://example.com/hook"), 71013, "")
	isTopError(t, k.register("register_call_back", "ftp://127.0.0.1/hook"), 71013, "")
	r.answer <- "moved"
	isTopError(t, k.register("register_call_back", r.URL), 71012, "")
	r.answer <- "no"
	isTopError(t, k.register("register_call_back", r.URL), 71009, "")
	isTopError(t, k.register("register_call_back", r.URL, "aes_key", strings.Replace(callbackKey, "o1", "p1", 1), "url", k.URL()+"/_control/state"), 71012, "")

	if got := k.register("register_call_back", r.URL); got["errcode"] != 0.0 {
		t.Fatalf("register: %v", got)
	}
	isTopError(t, k.register("register_call_back", r.URL), 71006, "")
	if got := k.register("update_call_back", r.URL+"/new"); got["errcode"] != 0.0 {
		t.Errorf("update: %v", got)
	}
	got := k.flat("/call_back/get_call_back")
	if tags, _ := got["call_back_tag"].([]any); got["url"] != r.URL+"/new" || got["token"] != callbackToken || got["aes_key"] != callbackKey || len(tags) != 2 {
		t.Errorf("get: %v", got)
	}
	if got := k.flat("/call_back/delete_call_back"); got["errcode"] != 0.0 {
		t.Errorf("delete: %v", got)
	}
	isTopError(t, k.flat("/call_back/get_call_back"), 71007, "")
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	isTopError(t, k.register("register_call_back", gone.URL), 71012, "")
}
