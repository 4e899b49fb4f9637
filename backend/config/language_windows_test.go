package config_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/config"
)

func TestWindowsTellsItsLanguage(t *testing.T) {
	t.Parallel()
	if name := config.SystemLocale(); len(name) < 2 || strings.ContainsAny(name, "\x00 ") {
		t.Errorf("language = %q, want a name as zh-CN", name)
	}
}
