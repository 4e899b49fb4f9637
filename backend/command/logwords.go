package command

import (
	"fmt"

	"github.com/dingpass/dingpass/backend/signlog"
	"github.com/dingpass/dingpass/backend/words"
)

// logText is what «log verify» says in one language. Numbers of entries are
// filled in.
type logText struct {
	entry, entries string // what is counted: one of it, and several

	sound   string // how many
	unsound string // the first finding
	more    string // how many

	restored string // which entry

	unkeyed, unanchored, beyond, noted string

	one      map[signlog.Kind]string // of one entry
	several  map[signlog.Kind]string // of a range, or of an entry and another
	allOfThe string                  // how many: an empty log that should not be
}

var logTexts = map[string]logText{
	words.English: {
		entry:      "entry",
		entries:    "entries",
		sound:      "The sign-in log is as it was written: %s.",
		unsound:    "The sign-in log is not as it was written: %s.",
		more:       "Not as it was written besides: %s.",
		restored:   "The database was put back from a copy: entry %d tells of it. What was written after that copy, and before, is in another file.",
		unkeyed:    "It is not keyed: this finds accidents, and nobody who can write the file.",
		unanchored: "Its length is not kept outside the file: an end that was cut off does not show.",
		beyond:     "Newer than the length that is kept outside: %s at its end.",
		noted:      " (noticed at the time, and noted in the log)",
		allOfThe:   "all of it is missing, %s",
		one: map[signlog.Kind]string{
			signlog.Altered:    "entry %d was changed",
			signlog.Missing:    "entry %d is missing",
			signlog.Renumbered: "entry %d was given another number",
			signlog.Inserted:   "entry %d was inserted by somebody else",
			signlog.Replaced:   "entry %d is another one than it was: the log was replaced from there or before",
			signlog.Unreadable: "entry %d is as it was written, and the key that can read it is not here",
			signlog.OtherKey:   "entry %d was written with another key: by another machine, or by somebody else",
		},
		several: map[signlog.Kind]string{
			signlog.Missing:    "entries %d to %d are missing",
			signlog.Replaced:   "entries %d to %d are others than they were",
			signlog.Swapped:    "entries %d and %d have changed places",
			signlog.Renumbered: "entry %d was given another number: what is wrong shows at %d",
			signlog.Inserted:   "entry %d was inserted: it is a copy of entry %d",
		},
	},
	words.Chinese: {
		entry:      "条",
		entries:    "条",
		sound:      "登录记录完好，共 %s。",
		unsound:    "登录记录有问题：%s。",
		more:       "另有 %s记录有问题。",
		restored:   "数据库曾从副本恢复，见第 %d 条。该副本之后、恢复之前的记录在另一个文件中。",
		unkeyed:    "记录未用密钥保护：只能发现意外损坏，不能发现有权写入文件的人所做的改动。",
		unanchored: "记录的长度没有另存于文件之外：末尾被截去时无法发现。",
		beyond:     "末尾有 %s记录比另存的长度更新。",
		noted:      "（当时已发现并记入登录记录）",
		allOfThe:   "全部 %s记录都不见了",
		one: map[signlog.Kind]string{
			signlog.Altered:    "第 %d 条被改动",
			signlog.Missing:    "第 %d 条缺失",
			signlog.Renumbered: "第 %d 条的编号被改动",
			signlog.Inserted:   "第 %d 条是他人插入的",
			signlog.Replaced:   "第 %d 条与原来的不同：从此处或更早起，记录被替换过",
			signlog.Unreadable: "第 %d 条未被改动，但读取它的密钥不在此处",
			signlog.OtherKey:   "第 %d 条使用了另一把密钥：来自另一台设备，或由他人写入",
		},
		several: map[signlog.Kind]string{
			signlog.Missing:    "第 %d 至 %d 条缺失",
			signlog.Replaced:   "第 %d 至 %d 条与原来的不同",
			signlog.Swapped:    "第 %d 条与第 %d 条被对调",
			signlog.Renumbered: "第 %d 条的编号被改动，异常见于第 %d 条",
			signlog.Inserted:   "第 %d 条是插入的，与第 %d 条相同",
		},
	},
}

// verdictOnLog is a report in words, a line each; the first names the first
// entry that is wrong.
func verdictOnLog(language string, r signlog.Report) (lines []string) {
	text, ok := logTexts[language]
	if !ok {
		text = logTexts[words.English]
	}
	if r.Sound() {
		lines = append(lines, fmt.Sprintf(text.sound, text.count(r.Rows)))
	}
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf(text.unsound, text.finding(f, r.Rows)))
	}
	for _, note := range []struct {
		say  bool
		text string
	}{
		{r.More > 0, fmt.Sprintf(text.more, text.count(r.More))},
		{r.Restored > 0, fmt.Sprintf(text.restored, r.Restored)},
		{!r.Keyed, text.unkeyed},
		{!r.Anchored, text.unanchored},
		{r.Anchored && r.Beyond > 0, fmt.Sprintf(text.beyond, text.count(r.Beyond))},
	} {
		if note.say {
			lines = append(lines, note.text)
		}
	}
	return lines
}

// count is a number of entries.
func (t logText) count(n int64) string { return counted(n, t.entry, t.entries) }

// finding is one finding in words.
func (t logText) finding(f signlog.Finding, rows int64) string {
	said := ""
	switch several, ok := t.several[f.Kind]; {
	case f.Kind == signlog.Missing && rows == 0:
		said = fmt.Sprintf(t.allOfThe, t.count(f.Through))
	case ok && f.Through > f.Row:
		said = fmt.Sprintf(several, f.Row, f.Through)
	case ok && f.Other != 0:
		said = fmt.Sprintf(several, f.Row, f.Other)
	default:
		said = fmt.Sprintf(t.one[f.Kind], f.Row)
	}
	if f.Noted {
		said += t.noted
	}
	return said
}
