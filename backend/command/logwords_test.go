package command_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/command"
	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/words"
)

func TestEntriesAreCountedAsPeopleDo(t *testing.T) {
	t.Parallel()
	altered := []signlog.Finding{{Row: 4, Kind: signlog.Altered}}
	emptied := func(of int64) []signlog.Finding {
		return []signlog.Finding{{Row: 1, Kind: signlog.Missing, Through: of}}
	}
	for name, c := range map[string]struct {
		language string
		report   signlog.Report
		want     string
	}{
		"no entry":           {words.English, signlog.Report{}, "as it was written: 0 entries."},
		"one entry":          {words.English, signlog.Report{Rows: 1}, "as it was written: 1 entry."},
		"two entries":        {words.English, signlog.Report{Rows: 2}, "as it was written: 2 entries."},
		"one at the end":     {words.English, signlog.Report{Rows: 9, Anchored: true, Beyond: 1}, "kept outside: 1 entry at its end."},
		"several at the end": {words.English, signlog.Report{Rows: 9, Anchored: true, Beyond: 3}, "kept outside: 3 entries at its end."},
		"one more":           {words.English, signlog.Report{Rows: 9, Findings: altered, More: 1}, "besides: 1 entry."},
		"several more":       {words.English, signlog.Report{Rows: 9, Findings: altered, More: 8}, "besides: 8 entries."},
		"all of one":         {words.English, signlog.Report{Findings: emptied(1)}, "all of it is missing, 1 entry."},
		"all of several":     {words.English, signlog.Report{Findings: emptied(7)}, "all of it is missing, 7 entries."},
		"one in Chinese":     {words.Chinese, signlog.Report{Rows: 1}, "共 1 条。"},
		"all in Chinese":     {words.Chinese, signlog.Report{Findings: emptied(7)}, "全部 7 条记录都不见了。"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(command.VerdictOnLog(c.language, c.report), "\n"); !strings.Contains(got, c.want) {
				t.Errorf("it says %q, want %q in it", got, c.want)
			}
		})
	}
}

func TestTheLastUseLeftIsOne(t *testing.T) {
	t.Parallel()
	m := newMachine(t).with("DINGPASS_OFFLINE_USES", "1")
	m.signIn("zhang01")
	typed{"status", 0, `, 1 use left\n`, ""}.check(t, m)
}
