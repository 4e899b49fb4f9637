package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// subscribe enters the console's form, some fields replaced.
func (k *kit) subscribe(target string, pairs ...any) reply {
	k.t.Helper()
	form := map[string]any{"url": target, "token": callbackToken, "aes_key": callbackKey}
	for i := 0; i < len(pairs); i += 2 {
		form[pairs[i].(string)] = pairs[i+1]
	}
	body, err := json.Marshal(form)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.control(http.MethodPost, "subscription", string(body))
}

func TestTheConsolesSubscriptionIsTheAppKeys(t *testing.T) {
	t.Parallel()
	k := start(t)
	r := k.receiverOf(k.App().ClientID)
	if res := k.subscribe(r.URL, "events", []string{"user_leave_org"}); res.status != http.StatusNoContent {
		t.Fatalf("subscribe: %d %s", res.status, res.body)
	}
	if check := <-r.got; check["EventType"] != "check_url" {
		t.Errorf("the check: %v", check)
	}
	id := k.send("zhang01")
	if event := <-r.got; event["eventId"] != id {
		t.Errorf("the event: %v", event)
	}
	isTopError(t, k.flat("/call_back/get_call_back"), 71007, "")
	if _, err := k.SendEvent(sandbox.Event{Type: "user_add_org"}); err != nil || len(k.PendingEvents()) != 1 {
		t.Errorf("an event that is not ticked goes over Stream: %v", err)
	}
	if res := k.control(http.MethodDelete, "subscription", ""); res.status != http.StatusNoContent {
		t.Errorf("unsubscribe: %d %s", res.status, res.body)
	}
	k.send("li02")
	if len(k.PendingEvents()) != 2 {
		t.Error("an event went to an address that is no longer there")
	}
}

func TestTheOlderFormOfAnEvent(t *testing.T) {
	t.Parallel()
	k := start(t)
	r := k.receiverOf(k.App().ClientID)
	k.subscribe(r.URL, "older", true)
	<-r.got
	k.send("zhang01")
	event := <-r.got
	if users, _ := event["UserId"].([]any); len(event) != 4 || event["EventType"] != "user_leave_org" || event["TimeStamp"] != 1795262400000.0 ||
		event["CorpId"] != k.App().CorpID || len(users) != 1 {
		t.Errorf("the event: %v", event)
	}
}

func TestASuitesAddressHasToAnswerWithTheRandom(t *testing.T) {
	t.Parallel()
	k := start(t)
	for by, c := range map[string]struct{ check, owner string }{
		"new_suite": {"check_create_suite_url", "suite4xxxxxxxxxxxxxxx"},
		"suite":     {"check_update_suite_url", k.App().ClientID},
	} {
		r := k.receiverOf(c.owner)
		if res := k.subscribe(r.URL, "by", by); res.status != http.StatusBadRequest || !strings.Contains(res.body, "71009") {
			t.Errorf("%s, who answers success: %d %s", by, res.status, res.body)
		}
		check := <-r.got
		if random, _ := check["Random"].(string); check["EventType"] != c.check || check["TestSuiteKey"] != c.owner || len(random) != 8 {
			t.Errorf("%s: %v", by, check)
		}
	}
	k.send("zhang01")
	if len(k.PendingEvents()) != 1 {
		t.Error("what was refused is kept")
	}
}

func TestASubscriptionIsChecked(t *testing.T) {
	t.Parallel()
	k := start(t)
	r := k.receiverOf(k.App().ClientID)
	for name, pairs := range map[string][]any{
		"a token of two characters": {"token", "ab"},
		"a token with a space":      {"token", "ab cd"},
		"a short key":               {"aes_key", "short"},
		"a key that is no base64":   {"aes_key", strings.Repeat("!", 43)},
		"nobody's subscription":     {"by", "nobody"},
		"another host":              {"url", "http://192.0.2.1/hook"},
		"a misspelt field":          {"oldest", true},
	} {
		if res := k.subscribe(r.URL, pairs...); res.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, res.status, res.body)
		}
	}
	if len(r.got) != 0 {
		t.Error("the address was asked all the same")
	}
}
