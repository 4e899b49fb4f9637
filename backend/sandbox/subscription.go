package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

// Subscriber is whose events a subscription brings, and with that how its
// address is tested and for whom everything is sealed.
type Subscriber string

// The subscribers. The sandbox's app is a suite's, too, and its Client ID the
// SuiteKey.
const (
	SubscriberApp      Subscriber = "app"       // an internal app: check_url, for the AppKey
	SubscriberNewSuite Subscriber = "new_suite" // a suite that is being created: check_create_suite_url, for a key that is none yet
	SubscriberSuite    Subscriber = "suite"     // a suite that exists: check_update_suite_url, for the SuiteKey
)

// newSuiteKey is for whom the test is sealed while the suite has no key
// (contract 8.3, V1).
const newSuiteKey = "suite4xxxxxxxxxxxxxxx"

// Subscription is what an administrator enters in DingTalk's console under
// 事件订阅 with HTTP (contract 8.1). It is beside the address that
// register_call_back keeps.
type Subscription struct {
	By     Subscriber `json:"by"` // "": an internal app
	URL    string     `json:"url"`
	Token  string     `json:"token"`   // 3 to 32 letters and digits
	AESKey string     `json:"aes_key"` // 43 letters and digits
	Events []string   `json:"events"`  // those that are ticked; none: all
	Older  bool       `json:"older"`   // events come in the older form, without ids (contract 8.4)
}

var consoleTokenForm = regexp.MustCompile(`^[A-Za-z0-9]{3,32}$`)

// Subscribe tests the address, as DingTalk does when the console's form is
// saved, and keeps the subscription in place of the one before. What is wrong
// with it is the error, and the one before stays.
func (s *Sandbox) Subscribe(ctx context.Context, what Subscription) error {
	key := s.App().ClientID
	reg := registration{Tags: slices.Clone(what.Events), URL: what.URL, older: what.Older}
	var err error
	if reg.sealer, err = newSealer(what.Token, what.AESKey, key); err != nil || !aesKeyForm.MatchString(what.AESKey) {
		return errors.New("aes_key: want 43 letters and digits")
	}
	if !consoleTokenForm.MatchString(what.Token) {
		return errors.New("token: want 3 to 32 letters and digits")
	}
	text, want, sealedFor, err := what.By.check(key)
	if err != nil {
		return err
	}
	asked := reg
	asked.sealer.owner = sealedFor // the test alone: a suite has its key when it has events
	if refused := s.post(ctx, asked, text, want); refused != nil {
		return fmt.Errorf("url: %s (%d)", refused.Message, refused.Code)
	}
	s.callbacks.mu.Lock()
	defer s.callbacks.mu.Unlock()
	s.callbacks.console = &reg
	return nil
}

// check is the test of an address: the message, the answer that is wanted, and
// for whom both are sealed. The contract shows the one of a new suite; that the
// other has TestSuiteKey as well is assumed.
func (b Subscriber) check(key string) (text, want, owner string, err error) {
	kind := "check_update_suite_url"
	switch b {
	case SubscriberApp, "":
		return checkURL, success, key, nil
	case SubscriberNewSuite:
		kind, key = "check_create_suite_url", newSuiteKey
	case SubscriberSuite:
	default:
		return "", "", "", fmt.Errorf("by: %q is none of app, new_suite, suite", b)
	}
	random := rand.Text()[:8]
	body, err := json.Marshal(map[string]string{"EventType": kind, "Random": random, "TestSuiteKey": key})
	return string(body), random, key, err
}

// Unsubscribe empties the console's form. An address that register_call_back
// keeps stays.
func (s *Sandbox) Unsubscribe() {
	s.callbacks.mu.Lock()
	defer s.callbacks.mu.Unlock()
	s.callbacks.console = nil
}

func (s *Sandbox) controlSubscribe(r *http.Request) (any, error) {
	var in Subscription
	if err := read(r, &in); err != nil {
		return nil, err
	}
	return nil, s.Subscribe(r.Context(), in)
}

func (s *Sandbox) controlUnsubscribe(*http.Request) (any, error) {
	s.Unsubscribe()
	return nil, nil
}
