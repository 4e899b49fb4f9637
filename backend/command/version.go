package command

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// Build is what the program knows of its own making.
type Build struct {
	Version string // a tag, or "dev"
	Commit  string // abbreviated, with "+changes" where the tree was not clean
	Time    string // RFC 3339, of the commit
	Window  bool   // built with a window
}

// ReadBuild completes the version with what the Go tool recorded.
func ReadBuild(version string, window bool) Build {
	b := Build{Version: version, Window: window}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value[:min(12, len(setting.Value))] + b.Commit
		case "vcs.time":
			b.Time = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				b.Commit += "+changes"
			}
		}
	}
	return b
}

func versionCommand() command {
	return command{
		name:    "version",
		summary: "version, commit, build, with or without a window",
		example: "dingpass version --json",
		options: []option{jsonFlag("one JSON object")},
		run:     runVersion,
	}
}

// versionResult is the JSON of «version --json».
type versionResult struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Time     string `json:"time,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Window   bool   `json:"window"`
}

func runVersion(_ context.Context, p *Program, line *line) error {
	r := versionResult{
		Version: p.Build.Version, Commit: p.Build.Commit, Time: p.Build.Time,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Window: p.Build.Window,
	}
	if line.json() {
		return p.result(r)
	}
	window := "without a window"
	if r.Window {
		window = "with a window"
	}
	made := ""
	if r.Commit != "" {
		made = fmt.Sprintf(" (%s %s)", r.Commit, r.Time)
	}
	_, err := fmt.Fprintf(p.Stdout, "dingpass %s%s %s %s, %s\n", r.Version, made, r.Go, r.Platform, window)
	return err
}
