package command

import (
	"fmt"

	"github.com/dingpass/dingpass/backend/words"
)

// restoreText is what «cache restore» says in one language.
type restoreText struct {
	kept       string // where
	distrusted string
	marks      map[string]string // by restoreResult.Marks
	halfDone   string
}

var restoreTexts = map[string]restoreText{
	words.English: {
		kept:       "The database of before is kept as %s, sealed as it was. Remove it when you do not need it any more.",
		distrusted: "Until they sign in with DingTalk once, nobody's PIN, badge or count is taken from the copy. The sign-in log tells of the restore.",
		marks: map[string]string{
			"kept":      "Entries of the sign-in log that are newer than the copy are missing from now on, and the log says so.",
			"made_anew": "The marks that lie with the key were not here, and were made anew: what was written after the copy cannot be told from here.",
			"none":      "This key source has no place for marks: a copy that is put back by hand is not noticed.",
		},
		halfDone: "The copy is in place, and the restore is not done: run the same command once more.",
	},
	words.Chinese: {
		kept:       "原来的数据库保存为 %s，仍是加密的。不再需要时请删除。",
		distrusted: "每个人用钉钉扫码登录一次之前，副本中的 PIN、工牌和次数一律不采信。登录记录中记有此次恢复。",
		marks: map[string]string{
			"kept":      "比副本更新的登录记录从此缺失，登录记录会注明。",
			"made_anew": "与密钥放在一起的标记不在这台电脑上，已重新建立：副本之后写入了什么，这里无法得知。",
			"none":      "这种密钥来源没有存放标记的地方：手工放回旧副本时无法发现。",
		},
		halfDone: "副本已就位，但恢复尚未完成：请再运行一次同样的命令。",
	},
}

// textOf is what is said in a language, in English where there is no other.
func textOf[T any](texts map[string]T, language string) T {
	if text, ok := texts[language]; ok {
		return text
	}
	return texts[words.English]
}

// words are what a restore means from now on, a line each.
func (r restoreResult) words(language string) (lines []string) {
	text := textOf(restoreTexts, language)
	if r.Kept != "" {
		lines = append(lines, r.keptWords(language))
	}
	if r.Distrusted {
		lines = append(lines, text.distrusted, text.marks[r.Marks])
	}
	return lines
}

// keptWords say where the database of before is; "" where there was none.
func (r restoreResult) keptWords(language string) string {
	if r.Kept == "" {
		return ""
	}
	return fmt.Sprintf(textOf(restoreTexts, language).kept, r.Kept)
}
