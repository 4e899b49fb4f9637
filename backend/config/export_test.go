package config

// The operating systems' places, for systems that the test does not run on, and
// the language of this one.
var (
	UsualDataDir = func(goos string, env func(string) (string, bool)) string { return usualDataDir(goos, env) }
	UsualPath    = func(goos string, env func(string) (string, bool)) string { return usualPath(goos, env) }
	SystemLocale = systemLocale
)

// From tells where the value of a key came from. Users see it in problems only.
func (s Settings) From(key string) string { return s.from[key] }
