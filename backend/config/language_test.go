package config_test

import (
	"testing"

	"github.com/dingpass/dingpass/backend/config"
)

func TestSystemLanguage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		env    map[string]string
		system string
		want   string
	}{
		{"nothing set", nil, "", "en"},
		{"Chinese", map[string]string{"LANG": "zh_CN.UTF-8"}, "", "zh-CN"},
		{"Chinese of Taiwan: the only Chinese there is", map[string]string{"LANG": "zh_TW.UTF-8"}, "", "zh-CN"},
		{"German", map[string]string{"LANG": "de_DE.UTF-8"}, "", "en"},
		{"LC_ALL wins", map[string]string{"LC_ALL": "C", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}, "", "en"},
		{"LC_MESSAGES wins over LANG", map[string]string{"LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "", "zh-CN"},
		{"empty counts as not set", map[string]string{"LC_ALL": "", "LANG": "zh_CN"}, "", "zh-CN"},
		{"Chinese Windows has no variable", nil, "zh-CN", "zh-CN"},
		{"Chinese Windows, by its script", nil, "zh-Hans-CN", "zh-CN"},
		{"German Windows", nil, "de-DE", "en"},
		{"a variable wins over Windows", map[string]string{"LANG": "en_US.UTF-8"}, "zh-CN", "en"},
		{"the setting wins over all", map[string]string{"DINGPASS_LANGUAGE": "en", "LANG": "zh_CN"}, "zh-CN", "en"},
	} {
		s, bad := load(t, config.Sources{Env: vars(c.env), Locale: func() string { return c.system }})
		if s.Language != c.want || bad != nil {
			t.Errorf("%s: language = %q, want %q; problems = %v", c.name, s.Language, c.want, bad)
		}
	}
}
