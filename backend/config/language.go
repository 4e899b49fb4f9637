package config

import "strings"

// The languages, and the word for «as the system has it».
const (
	chinese = "zh-CN"
	english = "en"
	system  = "system"
)

// language settles what «system» is: by the variables of POSIX in their order,
// else by what the operating system itself is set to.
func (in input) language(to *string) {
	*to = in.text()
	if *to != system {
		return
	}
	*to = english
	if strings.HasPrefix(strings.ToLower(in.preferred()), "zh") {
		*to = chinese
	}
}

// preferred is the person's first language: zh_CN.UTF-8, zh-Hans-CN, C, or "".
func (in input) preferred() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := in.env.get(name); locale != "" {
			return locale
		}
	}
	if in.locale == nil {
		return systemLocale()
	}
	return in.locale()
}
