package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
)

func logExportCommand() command {
	return command{
		name:    "log export",
		summary: "the sign-in log for a spreadsheet or a program",
		example: "dingpass log export --since 2026-11-01 --output november.csv\ndingpass log export --format jsonl",
		options: []option{
			{name: "format", value: "csv", help: "the `format`: csv for spreadsheets, or jsonl, one JSON object a line"},
			{name: "since", value: "", help: "from this `day` or RFC 3339 time on, by trusted time"},
			{name: "until", value: "", help: "up to this `day`, itself included, or RFC 3339 time"},
			{name: "output", value: "", help: "write this `file`, which only this user may read; default: standard output"},
			settingsFlags,
		},
		run: runLogExport,
	}
}

// export is one run of «log export».
type export struct {
	format       func(io.Writer) signlog.Writer
	since, until time.Time // until itself is not in it; zero: no limit
	output       string
}

func runLogExport(ctx context.Context, p *Program, line *line) error {
	x, err := readExport(line)
	if err != nil {
		return err
	}
	settings, err := p.settings(line)
	if err != nil {
		return err
	}
	db, err := p.openToRead(ctx, settings)
	if login.CodeOf(err) == login.NotSignedIn {
		return x.write(p.Stdout, func(signlog.Writer) error { return nil }) // no log yet: no entries
	}
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // read only: nothing can be lost
	var unreadable error
	err = x.write(p.Stdout, func(to signlog.Writer) error {
		unreadable, err = x.entries(ctx, db, to)
		return err
	})
	return errors.Join(err, unreadable)
}

func readExport(line *line) (x export, err error) {
	switch format := line.text("format"); format {
	case "csv":
		x.format = signlog.CSV
	case "jsonl":
		x.format = signlog.JSONLines
	default:
		return x, usage("--format is %q; there are csv and jsonl", format)
	}
	if x.since, err = day(line.text("since"), 0); err != nil {
		return x, usage("--since %v", err)
	}
	if x.until, err = day(line.text("until"), 1); err != nil {
		return x, usage("--until %v", err)
	}
	x.output = line.text("output")
	return x, nil
}

// day reads a moment, or a day of this machine's calendar and as many more.
func day(text string, more int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, time.Local)
	if err != nil {
		return time.Time{}, fmt.Errorf("is %q; write a day such as 2026-11-21, or a time such as 2026-11-21T12:00:00+08:00", text)
	}
	return at.AddDate(0, 0, more), nil
}

// entries writes the entries of the time that was asked for. One that cannot be
// read does not keep the others back; the first such is told in the end.
func (x export) entries(ctx context.Context, db *database, to signlog.Writer) (unreadable, err error) {
	for e, err := range db.LogEntries(ctx) {
		switch {
		case err != nil && e.ID == "": // the database, not an entry
			return nil, err
		case err != nil && unreadable == nil:
			unreadable = fmt.Errorf("entry %d: %w", e.Sequence, err)
		case err != nil:
		case x.wants(e.TrustedTime):
			if err := to.Write(e); err != nil {
				return nil, err
			}
		}
	}
	return unreadable, nil
}

func (x export) wants(at time.Time) bool {
	return !at.Before(x.since) && (x.until.IsZero() || at.Before(x.until))
}

// write gives fill a writer to standard output, or to the output file, which
// appears under its name only when all of it is there.
func (x export) write(stdout io.Writer, fill func(signlog.Writer) error) error {
	if x.output == "" {
		return x.fill(stdout, fill)
	}
	file, err := os.CreateTemp(filepath.Dir(x.output), ".dingpass-*") // mode 0600: it has people's names in it
	if err != nil {
		return usage("--output: %v", err)
	}
	err = errors.Join(x.fill(file, fill), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), x.output)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func (x export) fill(to io.Writer, fill func(signlog.Writer) error) error {
	buffer := bufio.NewWriter(to)
	w := x.format(buffer)
	return errors.Join(fill(w), w.Close(), buffer.Flush())
}
