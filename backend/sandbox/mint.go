package sandbox

import (
	"crypto/rand"
	"sync"
	"time"
)

// grant is what one person allowed the app in one sign-in.
type grant struct {
	UserID string
	CorpID string // the chosen company; "" without scope corpid, or for a person of none

	// Permissions are those of the moment of consent: after a permission is
	// added in the console, people have to consent again.
	Permissions []string
}

// mint issues one-time codes and tokens, and knows what they are worth.
type mint struct {
	now func() time.Time

	mu      sync.Mutex
	codes   shelf[grant]
	noLogin shelf[grant] // codes of pages inside DingTalk
	access  shelf[grant]
	refresh shelf[grant]
	app     shelf[struct{}]
	current string // the app token that is handed out

	sns snsShelves
	sso ssoShelves
}

// issue makes a code or a token for the grant on one of the mint's shelves.
func (m *mint) issue(on *shelf[grant], g grant, lifetime time.Duration) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, code := m.now(), rand.Text()
	on.put(code, g, now.Add(lifetime), now)
	return code
}

// spend returns what a one-time code was issued for, once.
func (m *mint) spend(from *shelf[grant], code string) (grant, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g, is := from.take(code, m.now())
	return g, is == valid
}

// tokens is a user token with what renews it.
type tokens struct{ access, refresh string }

// lifetimes are those of the tokens that are made next.
type lifetimes struct{ access, refresh time.Duration }

func (s Settings) lifetimes() lifetimes { return lifetimes{s.TokenLifetime, s.RefreshLifetime} }

// redeem turns a one-time code into tokens, once.
func (m *mint) redeem(code string, live lifetimes) (grant, tokens, bool) {
	return m.trade(&m.codes, code, live)
}

// renew turns a refresh token into tokens, once: the old one is dead after it.
func (m *mint) renew(refresh string, live lifetimes) (grant, tokens, bool) {
	return m.trade(&m.refresh, refresh, live)
}

func (m *mint) trade(from *shelf[grant], key string, live lifetimes) (grant, tokens, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	g, is := from.take(key, now)
	if is != valid {
		return grant{}, tokens{}, false
	}
	fresh := tokens{rand.Text(), rand.Text()}
	m.access.put(fresh.access, g, now.Add(live.access), now)
	m.refresh.put(fresh.refresh, g, now.Add(live.refresh), now)
	return g, fresh, true
}

// userToken says whose token it is.
func (m *mint) userToken(token string) (grant, standing) { return m.look(&m.access, token) }

func (m *mint) look(on *shelf[grant], key string) (grant, standing) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return on.get(key, m.now())
}

// appToken returns the app's token: within its validity the same again, with
// the validity extended.
func (m *mint) appToken(lifetime time.Duration) string {
	return m.repeat(&m.app, &m.current, lifetime)
}

func (m *mint) repeat(on *shelf[struct{}], current *string, lifetime time.Duration) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if _, is := on.get(*current, now); is != valid {
		*current = rand.Text()
	}
	on.put(*current, struct{}{}, now.Add(lifetime), now)
	return *current
}

func (m *mint) isAppToken(token string) standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, is := m.app.get(token, m.now())
	return is
}

func (m *mint) rotate() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.access.clear()
	m.refresh.clear()
	m.app.clear()
	m.sns.app.clear()
	m.sns.tokens.clear()
	m.sso.tokens.clear()
}

func (m *mint) expireTokens() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.access.expire(now)
	m.app.expire(now)
	m.sns.app.expire(now)
	m.sns.tokens.expire(now)
	m.sso.tokens.expire(now)
}

func (m *mint) expireCodes() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.codes.expire(now)
	m.noLogin.expire(now)
	m.sns.codes.expire(now)
	m.sns.login.expire(now)
	m.sso.codes.expire(now)
}
