package config

import (
	"fmt"
	"strings"
)

// Table is the README's table of settings, in Markdown. A test compares the
// two.
func Table() string {
	var out strings.Builder
	out.WriteString("| key | environment | flag | values | default | |\n|---|---|---|---|---|---|\n")
	for _, k := range keys() {
		fmt.Fprintf(&out, "| `%s` | `%s` | %s | %s | %s | %s |\n",
			k.Name, k.Env, code("--", k.Flag), k.Values, k.defaultText(), strings.ReplaceAll(k.Help, "`", ""))
	}
	return out.String()
}

func (k key) defaultText() string {
	if k.fallback != nil {
		return "the system's place for it"
	}
	return code("", k.Default)
}

func code(dashes, text string) string {
	if text == "" {
		return "–"
	}
	return "`" + dashes + text + "`"
}
