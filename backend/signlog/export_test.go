package signlog_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

func exported(t *testing.T, make func(*bytes.Buffer) signlog.Writer, entries ...signlog.Entry) string {
	t.Helper()
	var out bytes.Buffer
	w := make(&out)
	for _, e := range entries {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func toCSV(out *bytes.Buffer) signlog.Writer   { return signlog.CSV(out) }
func toLines(out *bytes.Buffer) signlog.Writer { return signlog.JSONLines(out) }

func TestBothTimesStandSideBySide(t *testing.T) {
	t.Parallel()
	e := entry(1)
	e.DeviceTime, e.Trust = moment.AddDate(-1, 0, 0), identity.Behind
	wantCSV := "\ufeffsequence,event,device_time,trusted_time,trust,name,user_id,corp_id,method,source,verdict,reason,code,id,times\r\n" +
		"1,signed_in,2025-11-21T12:00:00Z,2026-11-21T12:01:00Z,behind,张三丰,user-zhang,dingcorp1,qr,online,,,,event-1,\r\n"
	if got := exported(t, toCSV, e); got != wantCSV {
		t.Errorf("CSV = %q, want %q", got, wantCSV)
	}
	wantLine := `{"sequence":1,"id":"event-1","event":"signed_in","device_time":"2025-11-21T12:00:00Z",` +
		`"trusted_time":"2026-11-21T12:01:00Z","method":"qr","source":"online",` +
		`"corp_id":"dingcorp1","user_id":"user-zhang","name":"张三丰","trust":"behind"}` + "\n"
	if got := exported(t, toLines, e); got != wantLine {
		t.Errorf("line = %s, want %s", got, wantLine)
	}
}

func TestAnEntryTellsHowManyItStandsFor(t *testing.T) {
	t.Parallel()
	e := entry(1)
	e.Times = 57
	if got := exported(t, toCSV, e); !strings.HasSuffix(got, ",event-1,57\r\n") {
		t.Errorf("CSV = %q", got)
	}
	if got := exported(t, toLines, e); !strings.Contains(got, `"times":57,`) {
		t.Errorf("line = %s", got)
	}
}

func TestEntriesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	whole := entry(7)
	whole.Event, whole.Method, whole.Source = signlog.LogCut, signlog.ByBadge, signlog.FromCache
	whole.Verdict, whole.Reason, whole.Code = identity.Deny, string(identity.Gone), "not_member"
	whole.Times = 12
	whole.Missing, whole.Cut = &signlog.Span{From: 3, Through: 6}, 7
	for _, e := range []signlog.Entry{whole, entry(1), {Trust: identity.Unconfirmed, DeviceTime: moment, TrustedTime: moment.Add(time.Millisecond)}} {
		line := exported(t, toLines, e)
		var read signlog.Entry
		if err := json.Unmarshal([]byte(line), &read); err != nil {
			t.Fatal(err)
		}
		if again := exported(t, toLines, read); again != line {
			t.Errorf("read and written again: %s, want %s", again, line)
		}
	}
	var e signlog.Entry
	if err := json.Unmarshal([]byte(`{"trust":"somewhat"}`), &e); err == nil {
		t.Error("an entry with a trust that does not exist was read")
	}
}

// A name is what people call themselves, and a spreadsheet runs what begins
// like a formula.
func TestNoNameIsAFormula(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		`=cmd|' /C calc'!A0`, "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "＝1", "＋1", "－1", "＠1",
	} {
		e := entry(1)
		e.Name = name
		rows, err := csv.NewReader(strings.NewReader(exported(t, toCSV, e))).ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if got := rows[1][5]; !strings.HasPrefix(got, "'") {
			t.Errorf("%q is written as %q", name, got)
		}
	}
}

func TestAwkwardNamesComeBackFromCSV(t *testing.T) {
	t.Parallel()
	for _, name := range []string{`quo"te`, "com,ma", "line\nbreak", "", "欧阳娜娜", "a=b", "O'Neil"} {
		e := entry(1)
		e.Name = name
		rows, err := csv.NewReader(strings.NewReader(exported(t, toCSV, e))).ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if got := rows[1][5]; got != name {
			t.Errorf("%q came back as %q", name, got)
		}
	}
}
