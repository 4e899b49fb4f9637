package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

func TestOpeningTheQRsAddressIsScanning(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open()
	k.do(http.MethodHead, s.scan, "")
	k.do(http.MethodGet, s.scan, "", "Sec-Purpose", "prefetch;prerender")
	if got := k.watch(s, "waiting"); got["stage"] != "waiting" {
		t.Fatalf("a preview counted as scanning: %v", got)
	}
	screen := k.do(http.MethodGet, s.scan, "").body
	if !strings.Contains(screen, "张三") || !strings.Contains(screen, "阿依古丽") {
		t.Error("the phone does not list the people")
	}
	if got := k.watch(s, "waiting"); got["stage"] != "scanned" {
		t.Errorf("after opening: %v", got)
	}
}

func TestThePhoneFindsPeople(t *testing.T) {
	t.Parallel()
	k := start(t, func(o *sandbox.Options) { o.People = 3000 })
	s := k.open()
	screen := k.do(http.MethodGet, s.scan+"?q=B02999", "").body
	last, err := k.Person("user002999")
	if err != nil || !strings.Contains(screen, last.Name) || strings.Contains(screen, "张三") {
		t.Errorf("searching for %s: %v", last.Name, err)
	}
}

func TestAScannedCodeCanBeUsedOnce(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"confirm", "refuse"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			k := start(t)
			s := k.open()
			if res := k.phone(s, "userid", "zhang01", "action", action); res.status != http.StatusOK {
				t.Fatalf("first: %d", res.status)
			}
			before := k.landed(s).String()
			res := k.phone(s, "userid", "li02", "action", "confirm")
			if res.status != http.StatusGone || res.json(t)["error"] != "used" {
				t.Errorf("second: %d %s", res.status, res.body)
			}
			if after := k.landed(s).String(); after != before {
				t.Error("the second phone changed the outcome")
			}
		})
	}
}

func TestOfTwoPhonesAtOnceOneWins(t *testing.T) {
	t.Parallel()
	k := start(t)
	s := k.open()
	statuses := make(chan int, 2)
	var bodies [2]*io.PipeWriter
	for i := range bodies {
		var body *io.PipeReader
		body, bodies[i] = io.Pipe()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.scan, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		go func() {
			res, err := k.client.Do(req)
			if err != nil {
				t.Error(err)
				statuses <- 0
				return
			}
			_ = res.Body.Close()
			statuses <- res.StatusCode
		}()
	}
	for k.Counts()["POST /scan/{id}"] < len(bodies) { // both look at the code before either decides
		k.do(http.MethodGet, "/", "")
	}
	for _, body := range bodies {
		if _, err := io.WriteString(body, "userid=zhang01&action=confirm"); err != nil {
			t.Error(err)
		}
		_ = body.Close() // a pipe's Close returns no error
	}
	if got := (<-statuses) + (<-statuses); got != http.StatusOK+http.StatusGone {
		t.Errorf("the statuses add up to %d", got)
	}
}

func TestThePhoneIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	k := start(t)
	for name, c := range map[string]struct {
		pairs []string
		error string
	}{
		"nobody has the userid":         {[]string{"action", "confirm", "userid", "nobody"}, "no_person"},
		"the action is unknown":         {[]string{"action", "maybe", "userid", "zhang01"}, "bad_action"},
		"the company is another's":      {[]string{"action", "confirm", "userid", "zhang01", "corp", sandbox.OtherCorpID}, "no_corp"},
		"a personal account has no one": {[]string{"action", "confirm", "userid", "wu08", "corp", sandbox.DefaultCorpID}, "no_corp"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			s := k.open()
			res := k.phone(s, c.pairs...)
			if res.status != http.StatusBadRequest || res.json(t)["error"] != c.error {
				t.Errorf("got %d %s", res.status, res.body)
			}
			if got := k.watch(s, "waiting"); got["stage"] != "waiting" {
				t.Errorf("the page moved: %v", got)
			}
		})
	}
	t.Run("there is no such code", func(t *testing.T) {
		t.Parallel()
		k := k.in(t)
		res := k.phone(shown{scan: "/scan/NOTHING"}, "action", "confirm", "userid", "zhang01")
		if res.status != http.StatusNotFound || res.json(t)["error"] != "unknown" {
			t.Errorf("got %d %s", res.status, res.body)
		}
	})
}

func TestRefusingDoesWhatTheSettingSays(t *testing.T) {
	t.Parallel()
	for style, want := range map[sandbox.Refusal]map[string]any{
		sandbox.RefusalRedirect: {"stage": "refused", "redirectUrl": redirect + "?error=access_denied&state=S%2B%2F+1"},
		sandbox.RefusalMessage:  {"stage": "refused", "errorMsg": "access_denied"},
		sandbox.RefusalSilent:   {"stage": "refused"},
	} {
		t.Run(string(style), func(t *testing.T) {
			t.Parallel()
			k := start(t)
			k.change(func(s *sandbox.Settings) { s.Refusal = style })
			s := k.open()
			k.phone(s, "action", "refuse")
			got := k.watch(s, "waiting")
			if len(got) != len(want) || got["redirectUrl"] != want["redirectUrl"] || got["errorMsg"] != want["errorMsg"] || got["stage"] != "refused" {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestTheCompanyIsThePersonsChoice(t *testing.T) {
	t.Parallel()
	k := start(t)
	for name, c := range map[string]struct {
		open, phone []string
		want        any
	}{
		"an employee has one":                   {nil, []string{"userid", "zhang01"}, sandbox.DefaultCorpID},
		"another company's":                     {nil, []string{"userid", "zhou07"}, sandbox.OtherCorpID},
		"a personal account has none":           {nil, []string{"userid", "wu08"}, nil},
		"of two, the app's comes first":         {nil, []string{"userid", "zheng09"}, sandbox.DefaultCorpID},
		"of two, corpId says which comes first": {[]string{"corpId", sandbox.OtherCorpID}, []string{"userid", "zheng09"}, sandbox.OtherCorpID},
		"of two, the phone has the last word":   {[]string{"corpId", sandbox.DefaultCorpID}, []string{"userid", "zheng09", "corp", sandbox.OtherCorpID}, sandbox.OtherCorpID},
		"scope openid tells no company":         {[]string{"scope", "openid"}, []string{"userid", "zhang01"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := k.in(t)
			s := k.open(c.open...)
			k.phone(s, append(c.phone, "action", "confirm")...)
			if got := k.exchange(k.landed(s).Query().Get("code")).json(t)["corpId"]; got != c.want {
				t.Errorf("corpId %v, want %v", got, c.want)
			}
		})
	}
	t.Run("org_type=management is for who manages", func(t *testing.T) {
		t.Parallel()
		k := k.in(t)
		s := k.open("org_type", "management")
		if res := k.phone(s, "userid", "zhang01", "action", "confirm"); res.status != http.StatusBadRequest {
			t.Errorf("an employee: %d", res.status)
		}
		if res := k.phone(s, "userid", "li02", "action", "confirm"); res.status != http.StatusOK {
			t.Errorf("an administrator: %d", res.status)
		}
	})
}

func TestAPageForEnterpriseAccountsOffersTheirCompanyOnly(t *testing.T) {
	t.Parallel()
	k := start(t)
	p, err := k.Person("zheng09")
	if err != nil {
		t.Fatal(err)
	}
	p.Enterprise = sandbox.OtherCorpID
	if err := k.Put(p); err != nil {
		t.Fatal(err)
	}
	s := k.open("exclusiveLogin", "true")
	if screen := k.do(http.MethodGet, s.scan+"?as=zhang01", ""); screen.status != http.StatusBadRequest || strings.Contains(screen.body, "<form") {
		t.Errorf("an ordinary account is asked: %d %s", screen.status, screen.body)
	}
	screen := k.do(http.MethodGet, s.scan+"?as=zheng09", "").body
	if !strings.Contains(screen, `value="`+sandbox.OtherCorpID+`"`) || strings.Contains(screen, sandbox.DefaultCorpID) {
		t.Errorf("the companies: %s", screen)
	}
	if res := k.phone(s, "userid", "zhang01", "action", "confirm"); res.json(t)["error"] != "no_enterprise" {
		t.Errorf("an ordinary account confirms: %s", res.body)
	}
	if res := k.phone(s, "userid", "zheng09", "action", "confirm", "corp", sandbox.DefaultCorpID); res.json(t)["error"] != "no_corp" {
		t.Errorf("another company is chosen: %s", res.body)
	}
}
