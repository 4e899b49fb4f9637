package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/sandbox"
)

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	const token = "/gettoken"
	for name, c := range map[string]struct {
		endpoint string
		fault    sandbox.Fault
		status   int
		body     string // what the answer holds
	}{
		"an HTML page":                  {userPath, sandbox.Fault{Kind: sandbox.FaultHTML}, 200, "<!doctype html>"},
		"an HTML page with a status":    {exchangePath, sandbox.Fault{Kind: sandbox.FaultHTML, Status: 502}, 502, "<!doctype html>"},
		"the traffic guard":             {userPath, sandbox.Fault{Kind: sandbox.FaultGuard}, 200, `"status":1111`},
		"a status, new API":             {exchangePath, sandbox.Fault{Status: 503}, 503, `"code":"ServiceUnavailable"`},
		"a status, old API":             {userPath, sandbox.Fault{Status: 500}, 500, ""},
		"a new-style code":              {exchangePath, sandbox.Fault{Code: "system.error", Status: 500}, 500, `"code":"system.error"`},
		"an errcode as it is":           {token, sandbox.Fault{ErrCode: -1}, 200, `"errcode":-1,`},
		"an errcode behind 88":          {userPath, sandbox.Fault{SubCode: 40014, Message: "why"}, 200, `"sub_code":"40014"`},
		"a body":                        {userPath, sandbox.Fault{Body: "{", Status: 201}, 201, "{"},
		"too many, new API":             {exchangePath, sandbox.Fault{Kind: sandbox.FaultRateLimited}, 403, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"},
		"too many, old API":             {userPath, sandbox.Fault{Kind: sandbox.FaultRateLimited}, 200, `"sub_code":"90018"`},
		"too many, old API, no gateway": {token, sandbox.Fault{Kind: sandbox.FaultRateLimited}, 200, `"errcode":90018`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			k.fault(c.endpoint, c.fault)
			res := k.post(c.endpoint, map[string]any{})
			if res.status != c.status || !strings.Contains(res.body, c.body) {
				t.Errorf("got %d %s", res.status, res.body)
			}
		})
	}
}

func TestAHugeAnswerIsTenMegabytes(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.fault(exchangePath, sandbox.Fault{Kind: sandbox.FaultHuge})
	if res := k.post(exchangePath, map[string]any{}); len(res.body) < 10<<20 {
		t.Errorf("got %d bytes", len(res.body))
	}
}

func TestACutAnswerBeginsTrueAndEndsEarly(t *testing.T) {
	t.Parallel()
	k := start(t)
	code := k.code("zhang01")
	k.fault(exchangePath, sandbox.Fault{Kind: sandbox.FaultCut, Times: 1})
	app := k.App()
	res, err := k.try(http.MethodPost, exchangePath,
		`{"clientId":"`+app.ClientID+`","clientSecret":"`+app.ClientSecret.Reveal()+`","code":"`+code+`","grantType":"authorization_code"}`,
		"Content-Type", "application/json")
	if !errors.Is(err, io.ErrUnexpectedEOF) || res.status != http.StatusOK || !strings.HasPrefix(res.body, `{"accessToken"`) {
		t.Errorf("got %d %q, %v", res.status, res.body, err)
	}
	isRestError(t, k.exchange(code), http.StatusBadRequest, "invalidParameter.authCode.notFound") // it was spent
}

func TestADroppedConnectionSendsNothing(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.fault("*", sandbox.Fault{Kind: sandbox.FaultDrop})
	if res, err := k.try(http.MethodPost, exchangePath, "{}"); err == nil {
		t.Errorf("got %d %q", res.status, res.body)
	}
}

func TestAHangingCallEndsWhenTheClientGoes(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.fault(exchangePath, sandbox.Fault{Kind: sandbox.FaultHang})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, k.URL()+exchangePath, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		res, err := k.client.Do(req)
		if err == nil {
			err = res.Body.Close()
		}
		done <- err
	}()
	for k.Counts()["POST "+exchangePath] == 0 {
		select {
		case err := <-done:
			t.Fatalf("answered: %v", err)
		default:
			k.do(http.MethodGet, "/", "") // not spoilt; gives way to the other
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// Close, at the end of the test, waits for the handler: it must have gone.
}

func TestCloseWakesWhatHangs(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.fault(exchangePath, sandbox.Fault{Kind: sandbox.FaultHang})
	done := make(chan error, 1)
	go func() {
		_, err := k.try(http.MethodPost, exchangePath, "{}")
		done <- err
	}()
	for k.Counts()["POST "+exchangePath] == 0 {
		k.do(http.MethodGet, "/", "")
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("answered")
	}
}

func TestLatencyComesBeforeTheTruth(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.fault(appTokenPath, sandbox.Fault{Latency: time.Millisecond, Times: 1})
	if k.appToken() == "" {
		t.Error("no token")
	}
	if left := k.Faults(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestAFaultHealsAfterItsTimesAndGivesWayToTheNext(t *testing.T) {
	t.Parallel()
	k := start(t)
	k.fault("/gettoken", sandbox.Fault{Status: 503, Times: 2}, sandbox.Fault{ErrCode: -1, Times: 1})
	var got []any
	for range 4 {
		res := k.do(http.MethodGet, "/gettoken", "")
		if res.status == http.StatusOK {
			got = append(got, res.json(t)["errcode"])
		} else {
			got = append(got, res.status)
		}
	}
	want := []any{503, 503, -1.0, 40035.0}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func TestAfterMeansThatTheWorkWasDone(t *testing.T) {
	t.Parallel()
	k := start(t)
	code, kept := k.code("zhang01"), k.code("zhang01")
	k.fault(exchangePath, sandbox.Fault{Status: 500, After: true, Times: 1}, sandbox.Fault{Status: 500, Times: 1})
	if res := k.exchange(code); res.status != http.StatusInternalServerError {
		t.Fatalf("got %d", res.status)
	}
	if res := k.exchange(kept); res.status != http.StatusInternalServerError {
		t.Fatalf("got %d", res.status)
	}
	isRestError(t, k.exchange(code), http.StatusBadRequest, "invalidParameter.authCode.notFound")
	if res := k.exchange(kept); res.status != http.StatusOK {
		t.Errorf("the code that was not worked on: %d", res.status)
	}
}

func TestAFaultForAllLeavesThePhoneAndTheControlAlone(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open()
	k.fault("*", sandbox.Fault{Status: 503})
	if res := k.phone(s, "userid", "zhang01", "action", "confirm"); res.status != http.StatusOK {
		t.Errorf("phone: %d", res.status)
	}
	if got := k.watch(s, "waiting"); got["stage"] != "confirmed" {
		t.Errorf("page: %v", got)
	}
	if res := k.do(http.MethodGet, "/_control/state", ""); res.status != http.StatusOK {
		t.Errorf("control: %d", res.status)
	}
	for _, target := range []string{"/", k.query(), "/gettoken", "/v1.0/contact/users/me"} {
		if res := k.do(http.MethodGet, target, ""); res.status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d", target, res.status)
		}
	}
	k.ClearFaults()
	if res := k.do(http.MethodGet, "/", ""); res.status != http.StatusOK {
		t.Errorf("healed: %d", res.status)
	}
}

func TestAFaultThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	s := sandbox.New(sandbox.Options{})
	for name, err := range map[string]error{
		"an unknown kind":    s.SetFault("*", sandbox.Fault{Kind: "fire"}),
		"an odd status":      s.SetFault("*", sandbox.Fault{Status: 42}),
		"a negative count":   s.SetFault("*", sandbox.Fault{Times: -1}),
		"no path and no all": s.SetFault("gettoken", sandbox.Fault{Status: 500}),
	} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if left := s.Faults(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
