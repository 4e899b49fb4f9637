package config_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/config"
)

func TestEveryKeyIsExplained(t *testing.T) {
	t.Parallel()
	table := config.Table()
	for _, k := range config.Keys() {
		if k.Help == "" || k.Values == "" || k.Env != "DINGPASS_"+strings.ToUpper(k.Name) {
			t.Errorf("%+v is not explained", k)
		}
		if !strings.Contains(table, "| `"+k.Name+"` | `"+k.Env+"` |") {
			t.Errorf("the table lacks %s", k.Name)
		}
		if k.Default != "" && !strings.Contains(k.Usage(), "(default "+k.Default+")") {
			t.Errorf("usage of %s = %q", k.Name, k.Usage())
		}
	}
	if rows := strings.Count(table, "\n"); rows != len(config.Keys())+2 {
		t.Errorf("the table has %d lines", rows)
	}
}
