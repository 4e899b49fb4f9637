package conformance_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// newSuiteKey is the owner of the messages to a suite that has no key yet.
const newSuiteKey = "suite4xxxxxxxxxxxxxxx"

// subscribe enters a hook's address in DingTalk's console.
func (w *world) subscribe(h *hook, by sandbox.Subscriber, older bool) error {
	address := w.address(h.url)
	return w.Subscribe(w.t.Context(), sandbox.Subscription{
		By: by, URL: address.URL, Token: address.Token.Reveal(), AESKey: address.AESKey.Reveal(), Older: older,
	})
}

// Every event comes through the console's subscription, in both forms.
func TestSubscribedEvents(t *testing.T) {
	t.Parallel()
	for name, tc := range occasions() {
		for _, form := range []struct {
			name  string
			by    sandbox.Subscriber
			older bool
		}{
			{"the newer form, for the AppKey", sandbox.SubscriberApp, false},
			{"the older form, for the AppKey", sandbox.SubscriberApp, true},
			{"the newer form, for the SuiteKey", sandbox.SubscriberSuite, false},
		} {
			t.Run(name+", "+form.name, func(t *testing.T) {
				t.Parallel()
				w := newWorldAt(t, still)
				h := w.hookOf(w.App().ClientID)
				if err := w.subscribe(h, form.by, form.older); err != nil {
					t.Fatal(err)
				}
				want := tc.want
				want.Type = tc.kind
				want.ID = w.happens(tc.kind, tc.fields)
				if form.older {
					want.ID = "" // that form has none
				}
				same(t, w, <-h.events, want)
			})
		}
	}
}

// The tests of an address are answered by who expects the right owner, and by
// nobody else.
func TestTheOwnerOfASubscription(t *testing.T) {
	t.Parallel()
	const key, corp = sandbox.DefaultClientID, sandbox.DefaultCorpID
	for _, tc := range []struct {
		name  string
		by    sandbox.Subscriber
		owner string
		taken bool
	}{
		{"8.2 the console, check_url: the AppKey", sandbox.SubscriberApp, key, true},
		{"8.2 the console, check_url: not the corpId", sandbox.SubscriberApp, corp, false},
		{"8.4 check_create_suite_url: the key of a suite that has none", sandbox.SubscriberNewSuite, newSuiteKey, true},
		{"8.4 check_create_suite_url: no SuiteKey yet", sandbox.SubscriberNewSuite, key, false},
		{"8.4 check_update_suite_url: the SuiteKey", sandbox.SubscriberSuite, key, true},
		{"8.4 check_update_suite_url: not the corpId", sandbox.SubscriberSuite, corp, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			err := w.subscribe(w.hookOf(tc.owner), tc.by, false)
			if taken := err == nil; taken != tc.taken || !taken && !strings.Contains(err.Error(), "71012") {
				t.Errorf("subscribe: %v", err)
			}
		})
	}
}
