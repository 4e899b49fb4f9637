package login_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/signlog"
)

// SSSD #7981: 150 MB of log a day. Somebody who may not come in tries for a day,
// every seven seconds: few entries, and each try is in one of them.
func TestADayOfRefusalsIsAFewEntriesThatTellAllOfThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		st := &fakeStore{}
		s := open(t, &fakeProvider{}, st, gated(&fakeGate{decision: login.Decision{
			Refused: "revoked", Person: personOf("A001"), Events: []signlog.Event{signlog.Refused},
		}}))
		const tries = 24 * 60 * 60 / 7
		for range tries {
			if _, err := s.ByBadge(t.Context(), secret.New("other")); err != nil {
				t.Fatal(err)
			}
			<-time.After(7 * time.Second) // of synctest's time; no while ends at a try
		}
		s.Close()
		told := 0
		for i, e := range st.noted() {
			told += max(1, e.Times)
			if e.UserID != "user of A001" || e.Reason != "revoked" || e.Method != signlog.ByBadge || e.ID != "" || (e.Times > 0) != (i%2 == 1) {
				t.Fatalf("entry %d: %+v", i, e)
			}
		}
		if n := len(st.noted()); n > 300 || told != tries {
			t.Errorf("%d entries tell of %d refusals, want %d", n, told, tries)
		}
	})
}

// What is new is written at once: another person, another reason, another way,
// and each wrong PIN, of which there are never many.
func TestARefusalThatIsNewIsWrittenAtOnce(t *testing.T) {
	t.Parallel()
	g, st := &fakeGate{}, &fakeStore{}
	s := open(t, &fakeProvider{}, st, gated(g))
	want := 0
	for _, d := range []login.Decision{
		{Refused: "gone", Person: personOf("A001"), Events: []signlog.Event{signlog.Refused}},
		{Refused: "gone", Person: personOf("A002"), Events: []signlog.Event{signlog.Refused}},
		{Refused: "too_old", Person: personOf("A002"), Events: []signlog.Event{signlog.Refused}},
		{Refused: "wrong_pin", Person: personOf("A002"), Events: []signlog.Event{signlog.PINFailed}},
		{Refused: "wrong_pin", Person: personOf("A002"), Events: []signlog.Event{signlog.PINFailed, signlog.Locked}},
	} {
		g.decision = d
		want += len(d.Events)
		if _, err := s.ByPIN(t.Context(), "A001", secret.New("other")); err != nil || len(st.noted()) != want {
			t.Errorf("%+v: %v, noted %d, want %d", d, err, len(st.noted()), want)
		}
	}
	g.decision = login.Decision{Refused: "gone", Person: personOf("A001"), Events: []signlog.Event{signlog.Refused}}
	for _, scan := range []func() (login.Decision, error){
		func() (login.Decision, error) { return s.ByBadge(t.Context(), secret.New("other")) },
		func() (login.Decision, error) { return s.ByPIN(t.Context(), "A001", secret.New("other")) }, // as before
	} {
		if _, err := scan(); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(st.noted()); n != want+1 {
		t.Errorf("noted %d, want %d", n, want+1)
	}
	s.Close() // tells what was counted
	if last := st.noted()[len(st.noted())-1]; last.Times != 1 || last.Method != signlog.ByPIN || last.UserID != "user of A001" {
		t.Errorf("at the end: %+v", last)
	}
}
