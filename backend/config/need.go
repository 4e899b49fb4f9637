package config

import (
	"errors"
	"maps"
	"slices"

	"github.com/dingpass/dingpass/backend/secret"
)

// LoadForSignIn is [Load] for commands that sign in: what is missing for that
// is reported with the rest, not after the rest is mended. An error of
// Sources.Kept comes alone, once nothing else is wrong.
func LoadForSignIn(src Sources) (Settings, error) {
	s, problems := Load(src)
	s, err := s.WithKept(src.Kept)
	if err != nil && s.withSecret(secret.New("any"), "").ForSignIn(problems) == nil {
		return s, err // the secret may be there, and cannot be had
	}
	return s, s.ForSignIn(problems)
}

// WithKept are the settings with the client secret that the operating system
// keeps, where there is no other. See Sources.Kept.
func (s Settings) WithKept(kept func(clientID string) (secret.Text, error)) (Settings, error) {
	if kept == nil || s.ClientID == "" || !s.ClientSecret.Empty() {
		return s, nil
	}
	found, err := kept(s.ClientID)
	if err != nil || found.Empty() {
		return s, err
	}
	return s.withSecret(found, keychain), nil
}

// keychain is the source of a secret that the operating system keeps.
const keychain = "keychain"

func (s Settings) withSecret(found secret.Text, source string) Settings {
	s.ClientSecret, s.from = found, maps.Clone(s.from)
	s.from["client_secret"] = source
	return s
}

// ForSignIn reports, as one *Problems, what Load has found and then what is
// missing that no sign-in can do without. What Load has found already is not
// missing, but wrong. Nor is anything said to be missing while the settings
// file cannot be read: it may stand there. An error that is no *Problems is
// returned as it is.
func (s Settings) ForSignIn(found error) error {
	before := &Problems{}
	if found != nil && !errors.As(found, &before) {
		return found
	}
	all := &Problems{All: slices.Clone(before.All)}
	for _, need := range s.needs() {
		if need.absent && !slices.ContainsFunc(before.All, need.explained) {
			all.add(need.keys[0], "", &fault{Missing, "is missing", need.mend})
		}
	}
	return all.orNil()
}

// need is what no sign-in can do without.
type need struct {
	keys   []string // which set it, the first above the others
	absent bool
	mend   string
}

func (s Settings) needs() []need {
	return []need{
		{[]string{"client_id"}, s.ClientID == "", "set it to the AppKey of the app in DingTalk's console"},
		{[]string{"client_secret", "client_secret_file"}, s.ClientSecret.Empty(), "set DINGPASS_CLIENT_SECRET, name a private file with client_secret_file, or store it with «dingpass secret set»"},
		{[]string{"corp_id"}, s.CorpID == "", "set it to the CorpId of the company, which DingTalk's console shows"},
	}
}

// explained reports whether a problem is the reason for the absence. Of
// secrets there is only one: misplaced is misplaced, under whatever name.
func (n need) explained(p Problem) bool {
	return p.Key == "" || slices.Contains(n.keys, p.Key) || p.Fault == Misplaced && n.keys[0] == "client_secret"
}
