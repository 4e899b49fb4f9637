package callback_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/secret"
)

func FuzzEncrypt(f *testing.F) {
	f.Add([]byte("success"), at, nonce, token, aesKey, owner, 3)
	f.Add([]byte{0}, "", "", "", "", "", 0)
	f.Add([]byte("{}"), "1", "2", "t", strings.Repeat("/", 43), "x", 40)
	f.Add([]byte("{}"), "1", "2", "t", strings.Repeat("é", 22)[:43], "x", 40)
	f.Fuzz(func(t *testing.T, text []byte, timestamp, nonce, token, aesKey, owner string, at int) {
		c := callback.Crypto{Token: secret.New(token), AESKey: secret.New(aesKey), Owner: owner}
		sealed, err := c.Encrypt(text, timestamp, nonce)
		if err != nil {
			return
		}
		if got, err := c.Decrypt(sealed); err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q came back as %q, %v", text, got, err)
		}
		// One character that is another one breaks the signature.
		changed := []byte(sealed.Encrypt)
		changed[uint(at)%uint(len(changed))] ^= 1
		if _, err := c.Decrypt(callback.Envelope{Signature: sealed.Signature, Timestamp: timestamp, Nonce: nonce, Encrypt: string(changed)}); err == nil {
			t.Errorf("%q was taken for %q", changed, sealed.Encrypt)
		}
	})
}

// FuzzHandler has anything for a request, of which nothing may be taken; or,
// with the query «sealed», for the text in one that is rightly sealed.
func FuzzHandler(f *testing.F) {
	f.Add("POST", "signature=x&timestamp="+at+"&nonce="+nonce, `{"encrypt":"eA=="}`)
	f.Add("GET", "", "")
	f.Add("POST", "%zz&msg_signature=%00", `{"encrypt":7}`)
	f.Add("POST", "sealed", leaves)
	f.Add("POST", "sealed", `{"EventType":"check_url"}`)
	f.Add("POST", "sealed", `{"EventType":"check_create_suite_url","Random":"LPIdSnlF"}`)
	f.Add("POST", "sealed", `{"EventType":7,"Random":[]}`)
	f.Fuzz(func(t *testing.T, method, query, body string) {
		delivered := make(chan callback.Event, 1)
		h := &callback.Handler{Crypto: ours(), Deliver: callback.Queue(delivered), Now: func() time.Time { return start }}
		sealed := query == "sealed" && body != ""
		if sealed {
			e := sealedAt(t, body, start)
			query = url.Values{"msg_signature": {e.Signature}, "timestamp": {e.Timestamp}, "nonce": {e.Nonce}}.Encode()
			body = `{"encrypt":"` + e.Encrypt + `"}`
		}
		req, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1/callback", strings.NewReader(body))
		if err != nil {
			return
		}
		req.URL.RawQuery = query
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, req)
		if !sealed && (answer.Code == http.StatusOK || len(delivered) > 0) {
			t.Errorf("%s %q %q was taken", method, query, body)
		}
		if answer.Code != http.StatusOK && answer.Body.Len() > 0 || answer.Code == http.StatusInternalServerError {
			t.Errorf("%s %q %q: %d %q", method, query, body, answer.Code, answer.Body)
		}
		if answer.Code == http.StatusOK {
			wantSealed(t, answer.Body.Bytes())
		}
	})
}

// wantSealed wants an answer that DingTalk can open.
func wantSealed(t *testing.T, body []byte) {
	t.Helper()
	var reply callback.Envelope
	if err := json.Unmarshal(body, &reply); err != nil {
		t.Fatal(err)
	}
	if text, err := ours().Decrypt(reply); err != nil || len(text) == 0 {
		t.Errorf("answered %q, %v", text, err)
	}
}
