package config

import win "golang.org/x/sys/windows"

// systemLocale is the language in which this user's Windows is shown, as zh-CN:
// no variable tells it there.
func systemLocale() string {
	names, err := win.GetUserPreferredUILanguages(win.MUI_LANGUAGE_NAME)
	if err != nil || len(names) == 0 {
		return ""
	}
	return names[0]
}
