package conformance_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// device begins a device flow and follows its page to the phone.
func (d duo) device() (auth dingtalk.DeviceAuth, phone string) {
	d.t.Helper()
	auth, err := d.client.AuthorizeDevice(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	_, phone = d.browse(http.MethodGet, auth.PageWithCode, "")
	if phone != "/scan/"+auth.UserCode {
		d.t.Fatalf("%s leads to %q", auth.PageWithCode, phone)
	}
	return auth, phone
}

// Contract 1.7.
func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	t.Run("confirmed", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		auth, phone := d.device()
		d.phone(phone, "userid=zhang01&action=confirm")
		code, err := d.client.AwaitDevice(t.Context(), auth)
		if err != nil {
			t.Fatal(err)
		}
		who, err := d.client.Identify(t.Context(), code, nil)
		if err != nil || who.UserID != "zhang01" || who.CorpID != d.App().CorpID {
			t.Errorf("%s of %s, %v", who.UserID, who.CorpID, err)
		}
		_, err = d.client.ExchangeCode(t.Context(), code)
		duoFails(t, err, dingtalk.SignInAgain, login.CodeInvalid, "")
	})
	t.Run("confirmed while it waits", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		auth, phone := d.device()
		done := make(chan error, 1)
		go func() {
			_, err := d.client.AwaitDevice(t.Context(), auth)
			done <- err
		}()
		for d.Counts()["POST /oauth2/device/token.json"] == 0 {
			select {
			case err := <-done:
				t.Fatal("it did not wait:", err)
			case <-time.After(time.Millisecond):
			}
		}
		d.phone(phone, "userid=li02&action=confirm")
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		auth, phone := d.device()
		d.phone(phone, "action=refuse")
		_, err := d.client.AwaitDevice(t.Context(), auth)
		duoFails(t, err, dingtalk.Refuse, login.Denied, "")
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		auth, _ := d.device()
		d.Advance(time.Until(auth.Expires) + time.Second)
		_, err := d.client.AwaitDevice(t.Context(), auth)
		duoFails(t, err, dingtalk.SignInAgain, login.Expired, "")
	})
	t.Run("asked too soon", func(t *testing.T) {
		t.Parallel()
		d := newDuoAt(t, func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }) // stands still
		auth, _ := d.device()
		auth.Expires = d.Now() // so that what each poll said comes out at once
		for _, want := range []string{"authorization_pending", "slow_down", "slow_down"} {
			_, err := d.client.AwaitDevice(t.Context(), auth)
			duoFails(t, err, dingtalk.Retry, login.Expired, "")
			if said, _ := errors.AsType[*dingtalk.Error](err); said.Code != want {
				t.Errorf("it says %q, want %q", said.Code, want)
			}
		}
	})
	t.Run("another app", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		d.client.ClientID = "dingother"
		_, err := d.client.AuthorizeDevice(t.Context())
		duoFails(t, err, dingtalk.Settings, login.AppMisconfigured, "")
	})
	t.Run("the wrong secret shows at the exchange", func(t *testing.T) {
		t.Parallel()
		d := newDuo(t)
		auth, phone := d.device()
		d.phone(phone, "userid=zhang01&action=confirm")
		code, err := d.client.AwaitDevice(t.Context(), auth)
		if err != nil {
			t.Fatal(err)
		}
		d.client.ClientSecret = secret.New("guess")
		_, err = d.client.ExchangeCode(t.Context(), code)
		duoFails(t, err, dingtalk.Settings, login.AppMisconfigured, "")
	})
}
