package command

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/sandbox"
	"github.com/dingpass/dingpass/backend/words"
)

func demoCommand() command {
	return command{
		name:    "demo",
		summary: "the app against the built-in sandbox; nothing to configure",
		example: "dingpass demo",
		options: []option{settingsFlags},
		run:     runDemo,
	}
}

// runDemo is the app with a DingTalk of its own.
func runDemo(ctx context.Context, p *Program, line *line) error {
	server, err := sandbox.Listen(ctx, "127.0.0.1:0", sandbox.Options{People: demoPeople})
	if err != nil {
		return login.Fail(login.Internal, err)
	}
	defer func() { _ = server.Close() }() // nothing of it outlives us
	settings, err := p.demoSettings(line, server)
	if err != nil {
		return err
	}
	p.say(phoneHint(settings.Language), server.URL()+"/", settings.DataDir, settings.KeySource.Path)
	p.say(offlineHint(settings.Language), server.URL()+"/_console")
	return p.app(ctx, settings, coreOptions{demo: true, canRetry: true})
}

// demoPeople makes the phone's list look like a company's.
const demoPeople = 40

// demoSettings are the person's settings for how things look, and the
// sandbox's for everything that reaches DingTalk. The settings file is left
// alone: the demo runs where nothing is configured, and where something is
// configured wrongly.
func (p *Program) demoSettings(line *line, server *sandbox.Server) (config.Settings, error) {
	settings, err := config.Load(p.demoSources(line))
	if err != nil {
		return settings, err
	}
	app := server.App()
	settings.ClientID, settings.ClientSecret, settings.CorpID = app.ClientID, app.ClientSecret, app.CorpID
	settings.LoginURL, settings.APIURL, settings.OAPIURL = server.URL(), server.URL(), server.URL()
	// Nobody's real name is in there: a key of its own, beside its data, works
	// where there is no keychain and asks nobody to unlock one.
	settings.KeySource = config.KeySource{Kind: config.KeyFile, Path: filepath.Join(settings.DataDir, "demo.key")}
	settings.DataDir = filepath.Join(settings.DataDir, "demo")
	return settings, nil
}

func (p *Program) demoSources(line *line) config.Sources {
	return config.Sources{Flags: line.settings, Env: p.looks, Path: os.DevNull}
}

// looks is the environment without what is about the real app: its redirect
// address is none of the sandbox's, and a mistake in it is none of ours.
func (p *Program) looks(name string) (value string, ok bool) {
	switch name {
	case "DINGPASS_DATA_DIR", "DINGPASS_UI", "DINGPASS_EMBED", "DINGPASS_LANGUAGE":
	default:
		if strings.HasPrefix(name, "DINGPASS_") {
			return "", false
		}
	}
	return p.Getenv(name)
}

// phoneHint tells where the stand-in for the phone is, and where the data goes.
func phoneHint(language string) string {
	if language == words.Chinese {
		return "演示：不连接真正的钉钉。扫码用的手机：%s\n查看身份：dingpass whoami --data-dir %s --key-source file:%s"
	}
	return "This is a demonstration; the real DingTalk is not asked.\nThe phone to scan with: %s\nAsk who is signed in: dingpass whoami --data-dir %s --key-source file:%s"
}

// offlineHint tells how to see what works without a network, by the words of
// the sandbox's console.
func offlineHint(language string) string {
	if language == words.Chinese {
		return "断网试试：登录后设置离线 PIN，退出登录；在 %s 的“故障”里选“一直”，按 drop；再点登录，输入工号（如 A001）和 PIN。按“全部清除”恢复网络。"
	}
	return "Try it without a network: sign in, set an offline PIN, sign out; at %s under Faults choose «Always» and press «drop»; " +
		"then sign in by job number (such as A001) and PIN. «Clear all» brings the network back."
}
