package command

import (
	"context"
	"fmt"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/words"
)

func secretSetCommand() command {
	return command{
		name:    "secret set",
		summary: "keep the client secret in the keychain; typed, or from standard input",
		example: "dingpass secret set\ndingpass secret set < appsecret.txt",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runSecretSet,
	}
}

func secretCheckCommand() command {
	return command{
		name:    "secret check",
		summary: "where the client secret comes from and whether it can be read",
		example: "dingpass secret check",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runSecretCheck,
	}
}

func secretClearCommand() command {
	return command{
		name:    "secret clear",
		summary: "remove the client secret from the keychain",
		example: "dingpass secret clear",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runSecretClear,
	}
}

// secretResult is the JSON of «secret check», and of the others with what they
// did. The secret itself is in none.
type secretResult struct {
	Event  string `json:"event"`            // stored, found or cleared
	Source string `json:"source,omitempty"` // where it was stored or found; of cleared, where there still is one
}

func runSecretSet(ctx context.Context, p *Program, line *line) error {
	return p.withApp(line, func(settings config.Settings) error {
		text, err := p.typed(ctx, promptFor(settings))
		if err != nil {
			return err
		}
		secret, ok := config.ParseClientSecret(text)
		if !ok {
			return usage("that is no AppSecret: it is one word of letters and digits")
		}
		if err := p.keptSecret(settings.ClientID).Set(ctx, secret); err != nil {
			return err
		}
		if own := settings.SecretSource(); own != "" {
			p.say("%s goes before the keychain, and has a secret too: remove that one", own)
		}
		return p.tellSecret(line, secretResult{"stored", "keychain"}, "stored in the keychain for app "+settings.ClientID)
	})
}

func runSecretCheck(ctx context.Context, p *Program, line *line) error {
	return p.withApp(line, func(settings config.Settings) error {
		settings, err := settings.WithKept(p.kept(ctx))
		if err != nil {
			return err
		}
		source := settings.SecretSource()
		if source == "" {
			return usage("there is no client secret: %s", mendMissing)
		}
		return p.tellSecret(line, secretResult{"found", source}, "the client secret comes from "+source)
	})
}

func runSecretClear(ctx context.Context, p *Program, line *line) error {
	return p.withApp(line, func(settings config.Settings) error {
		if err := p.keptSecret(settings.ClientID).Clear(ctx); err != nil {
			return err
		}
		own := settings.SecretSource()
		if own != "" {
			p.say("%s still has one", own)
		}
		return p.tellSecret(line, secretResult{"cleared", own}, "the keychain has no secret of app "+settings.ClientID)
	})
}

// mendMissing is how to give dingpass the secret.
const mendMissing = "set DINGPASS_CLIENT_SECRET, name a private file with client_secret_file, or store it with «dingpass secret set»"

// withApp runs what needs to know the app whose secret it is.
func (p *Program) withApp(line *line, do func(config.Settings) error) error {
	settings, err := p.settings(line)
	if err == nil && settings.ClientID == "" {
		err = usage("client_id is missing: the secret is kept under the app's AppKey")
	}
	if err == nil {
		err = do(settings)
	}
	if err != nil {
		return p.failed(line, err)
	}
	return nil
}

// tellSecret prints the result, as JSON or in words.
func (p *Program) tellSecret(line *line, r secretResult, inWords string) error {
	if line.json() {
		return p.result(r)
	}
	if _, err := fmt.Fprintln(p.Stdout, inWords); err != nil {
		return login.Fail(login.Internal, err)
	}
	return nil
}

func promptFor(settings config.Settings) string {
	if settings.Language == words.Chinese {
		return "应用 " + settings.ClientID + " 的 AppSecret（输入时不显示）："
	}
	return "AppSecret of app " + settings.ClientID + " (not shown): "
}
