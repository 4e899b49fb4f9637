package sandbox

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"time"
)

// pollInterval is what a device is told to keep between two questions.
const pollInterval = 2 * time.Second

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// deviceCode begins a device flow (contract 1.7). What DingTalk says of a wrong
// form is not known; the names are RFC 6749's. That the app needs
// https://login.dingtalk.com among its redirect addresses is not checked, for
// the sandbox is not there.
func (s *Sandbox) deviceCode(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	switch {
	case r.PostFormValue("client_id") != s.App().ClientID:
		deviceRefused(w, "invalid_client")
		return
	case r.PostFormValue("scope") != "openid corpid":
		deviceRefused(w, "invalid_scope")
		return
	}
	lifetime := s.Settings().CodeLifetime
	random := rand.Text()
	t := s.board.open(random[:4]+"-"+random[4:8], ask{Device: true, Corp: true}, lifetime, false)
	page := base(r) + "/oauth2/device"
	deviceAnswers(w, map[string]any{
		"deviceCode": t.key, "userCode": t.id, "verificationUri": page,
		"verificationUriComplete": page + "?" + url.Values{"user_code": {t.id}}.Encode(),
		"expiresIn":               int(lifetime.Seconds()), "interval": int(pollInterval.Seconds()),
	})
}

// deviceToken is the poll. As in RFC 8628 its refusals are an error, but in a
// success.
func (s *Sandbox) deviceToken(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	switch {
	case r.PostFormValue("grant_type") != deviceGrant:
		deviceRefused(w, "unsupported_grant_type")
		return
	case r.PostFormValue("client_id") != s.App().ClientID:
		deviceRefused(w, "invalid_client")
		return
	}
	t, ok := s.board.watched(r.PostFormValue("device_code"))
	if !ok || !t.ask.Device {
		deviceRefused(w, "invalid_grant")
		return
	}
	code, problem := s.board.poll(t)
	deviceAnswers(w, map[string]any{"authCode": code, "redirectUrl": "", "error": problem})
}

// poll is what a device hears at the moment.
func (b *board) poll(t *ticket) (code, problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	hasty := now.Sub(t.polled) < pollInterval
	t.polled = now
	switch stage := b.stageOf(t); {
	case stage == Confirmed:
		return t.outcome.DeviceCode, ""
	case stage == Refused:
		return "", "access_denied"
	case stage == Expired:
		return "", "expired_token"
	case hasty:
		return "", "slow_down"
	}
	return "", "authorization_pending"
}

// devicePage is where the person types the user code, or comes with it. The
// sandbox has no form: its front page lists the codes.
func (s *Sandbox) devicePage(w http.ResponseWriter, r *http.Request) {
	to := "/"
	if code := r.URL.Query().Get("user_code"); code != "" {
		to = "/scan/" + url.PathEscape(code)
	}
	http.Redirect(w, r, to, http.StatusFound)
}

func deviceAnswers(w http.ResponseWriter, result map[string]any) {
	writeJSON(w, http.StatusOK, map[string]any{"success": true, "result": result, "errorCode": nil, "errorMsg": nil})
}

func deviceRefused(w http.ResponseWriter, code string) {
	writeJSON(w, http.StatusOK, map[string]any{"success": false, "result": nil, "errorCode": code, "errorMsg": "SANDBOX: " + code})
}
