package signlog

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Writer writes entries in a format. What it has written is whole after Close,
// which leaves what it writes to open.
type Writer interface {
	Write(e Entry) error
	Close() error
}

// JSONLines writes one JSON object a line: an [Entry] with the names of its
// JSON form.
func JSONLines(w io.Writer) Writer { return jsonLines{json.NewEncoder(w)} }

type jsonLines struct{ to *json.Encoder }

// Write writes a line.
func (j jsonLines) Write(e Entry) error { return j.to.Encode(e) }

// Close has nothing left to write.
func (j jsonLines) Close() error { return nil }

// byteOrderMark makes Excel read UTF-8; without it a Chinese name is shown in
// the code page of the machine. Programs take JSON lines.
const byteOrderMark = "\ufeff"

// columns are those of the CSV format. New ones are added at the end.
var columns = []string{
	"sequence", "event", "device_time", "trusted_time", "trust", "name", "user_id", "corp_id",
	"method", "source", "verdict", "reason", "code", "id", "times",
}

// CSV writes a table for spreadsheets as in RFC 4180, with a header, in UTF-8
// with a byte order mark. A value that a spreadsheet would take for a formula
// has an apostrophe before it: names come from people.
func CSV(w io.Writer) Writer {
	to := csv.NewWriter(w)
	to.UseCRLF = true
	_, err := io.WriteString(w, byteOrderMark)
	return &table{to, errors.Join(err, to.Write(columns))}
}

type table struct {
	to  *csv.Writer
	err error // of the first lines
}

// Write writes a line.
func (t *table) Write(e Entry) error {
	if t.err != nil {
		return t.err
	}
	fields := []string{
		strconv.FormatInt(e.Sequence, 10), string(e.Event), timeText(e.DeviceTime), timeText(e.TrustedTime), e.trust(),
		e.Name, e.UserID, e.CorpID, string(e.Method), string(e.Source), string(e.Verdict), e.Reason, e.Code, e.ID, timesText(e.Times),
	}
	for i, field := range fields {
		fields[i] = harmless(field)
	}
	return t.to.Write(fields)
}

// Close writes what is left.
func (t *table) Close() error {
	t.to.Flush()
	return errors.Join(t.err, t.to.Error())
}

// timesText is empty for an entry that stands for itself.
func timesText(times int) string {
	if times == 0 {
		return ""
	}
	return strconv.Itoa(times)
}

func timeText(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// formulas are the characters that a formula may begin with (OWASP, CSV
// injection); Chinese and Japanese Excel take the wide forms too.
const formulas = "=+-@\t\r\n＝＋－＠"

// harmless keeps a value from being a formula. Spaces before one do not.
func harmless(field string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(field, " \u00a0\u3000"))
	if strings.ContainsRune(formulas, first) {
		return "'" + field
	}
	return field
}
