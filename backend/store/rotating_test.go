package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/secret"
	"github.com/dingpass/dingpass/backend/store"
)

// rotating is a DingTalk whose tokens have numbers that grow, and that knows
// which process asks it for what, and which of them have been killed. It says
// who is to be killed next.
type rotating struct {
	*httptest.Server
	t       *testing.T
	began   time.Time
	tokens  *store.Tokens
	victims chan string   // the names of processes; "" is any one
	over    chan struct{} // closed by finish
	finish  func()        // ends the test: there were enough token calls, or one that is wrong

	mu       sync.Mutex
	dice     *rand.Rand
	killed   map[string]bool
	inFlight map[string][]string // who asks, by path
	spent    map[int]string      // who spent a refresh token
	newest   map[string]int      // of the numbers, by path
	revoked  map[string]int      // the last that is no longer taken
	left     int                 // token calls until the end
}

// The paths of the two token calls.
const (
	appPath    = "/v1.0/oauth2/accessToken"
	personPath = "/v1.0/oauth2/userAccessToken"
)

func newRotating(t *testing.T, tokens *store.Tokens, seed uint64) *rotating {
	t.Helper()
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d", seed)
	d := &rotating{
		t: t, began: time.Now(), tokens: tokens, victims: make(chan string), over: make(chan struct{}),
		dice:   rand.New(rand.NewPCG(seed, 0)),
		killed: map[string]bool{}, inFlight: map[string][]string{}, spent: map[int]string{},
		newest: map[string]int{}, revoked: map[string]int{}, left: *refreshes,
	}
	d.finish = sync.OnceFunc(func() { close(d.over) })
	mux := http.NewServeMux()
	mux.HandleFunc(appPath, d.refresh)
	mux.HandleFunc(personPath, d.refresh)
	mux.HandleFunc("/auth/scopes", func(w http.ResponseWriter, r *http.Request) {
		d.use(w, r, appPath, strings.TrimPrefix(r.URL.Query().Get("access_token"), "a"))
	})
	mux.HandleFunc("/use", func(w http.ResponseWriter, r *http.Request) {
		d.use(w, r, personPath, strings.TrimPrefix(r.Header.Get("Token"), "u"))
	})
	mux.HandleFunc("/complaint", func(_ http.ResponseWriter, r *http.Request) {
		said, _ := io.ReadAll(r.Body) // a process that is killed says less
		if !d.isDead(caller(r)) {
			t.Errorf("%s: %s", caller(r), said)
			d.finish()
		}
	})
	d.Server = httptest.NewUnstartedServer(mux) // its address belongs to d before anybody can ask
	d.Start()
	t.Cleanup(d.Close)
	return d
}

func caller(r *http.Request) string { return r.Header.Get("Process") }

// refresh gives a token. Now and then somebody is killed: who asks, before or
// just after they get it; or the other one.
func (d *rotating) refresh(w http.ResponseWriter, r *http.Request) {
	var asked struct{ RefreshToken string }
	if body, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(body, &asked) != nil {
		return // killed while it asked
	}
	d.arrive(r.URL.Path, caller(r))
	defer d.leave(r.URL.Path, caller(r))
	fate := d.roll(12)
	if fate == 0 && d.kill(caller(r)) {
		<-r.Context().Done()
		return
	}
	d.dawdle(r.Context())
	n, ok := d.issue(r.URL.Path, strings.TrimPrefix(asked.RefreshToken, "r"), caller(r))
	if !ok {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"code":"invalidParameter.authCode.notFound"}`)
		return
	}
	switch fate {
	case 1, 2:
		d.kill(caller(r))
	case 3:
		d.kill("")
	}
	answer := fmt.Sprintf(`{"accessToken":"a%d","expireIn":7200}`, n)
	if r.URL.Path == personPath {
		answer = fmt.Sprintf(`{"accessToken":"u%d","refreshToken":"r%[1]d","expireIn":7200}`, n)
	}
	_, _ = io.WriteString(w, answer)
}

// arrive wants nobody else to be refreshing who is alive.
func (d *rotating) arrive(path, who string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, other := range d.inFlight[path] {
		if !d.killed[other] && !d.killed[who] {
			d.t.Errorf("%s: %s asks while %s does", path, who, other)
		}
	}
	d.inFlight[path] = append(d.inFlight[path], who)
	if d.left--; d.left == 0 {
		d.finish()
	}
}

func (d *rotating) leave(path, who string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, other := range d.inFlight[path] {
		if other == who {
			d.inFlight[path] = append(d.inFlight[path][:i:i], d.inFlight[path][i+1:]...)
			return
		}
	}
}

// issue makes the next token. A refresh token is good for one use.
func (d *rotating) issue(path, spends, who string) (n int, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if path == personPath && who != "" {
		n, err := strconv.Atoi(spends)
		if err != nil {
			d.t.Errorf("%s spent %q", who, spends)
		}
		before, again := d.spent[n]
		if again && !d.killed[before] && !d.killed[who] {
			d.t.Errorf("%s spent r%d, which %s had spent", who, n, before)
		}
		d.spent[n] = who
		if again || n != d.newest[path] {
			return 0, false
		}
	}
	d.newest[path]++
	return d.newest[path], true
}

// use takes a token that has not been revoked, and wants it to be stored. Now
// and then all tokens are revoked.
func (d *rotating) use(w http.ResponseWriter, r *http.Request, path, number string) {
	n, err := strconv.Atoi(number)
	if err != nil {
		d.t.Errorf("%s uses the token %q", caller(r), number)
	}
	if stored := d.stored(r.Context(), path); stored > 0 && stored < n && r.Context().Err() == nil {
		d.t.Errorf("%s: %s uses token %d, and %d is stored", path, caller(r), n, stored)
	}
	fate := d.roll(30)
	d.mu.Lock()
	if fate == 0 {
		d.revoked[path] = d.newest[path]
	}
	refused := n <= d.revoked[path]
	d.mu.Unlock()
	d.dawdle(r.Context())
	if refused {
		_, _ = io.WriteString(w, `{"errcode":88,"sub_code":"40014"}`)
		return
	}
	_, _ = io.WriteString(w, `{"errcode":0,"auth_org_scopes":{}}`)
}

// stored is the number of the token that is stored; 0 for none.
func (d *rotating) stored(ctx context.Context, path string) int {
	slot := map[string]string{appPath: "app token dingabc123 " + d.URL, personPath: personSlot}[path]
	value, err := d.tokens.Load(ctx, slot)
	if err != nil || value.Empty() {
		if err != nil && ctx.Err() == nil {
			d.t.Errorf("load: %v", err)
		}
		return 0
	}
	var held struct{ Token string }
	if err := json.Unmarshal([]byte(value.Reveal()), &held); err != nil || held.Token == "" {
		d.t.Errorf("what is stored cannot be read: %v", err)
		return 0
	}
	n, err := strconv.Atoi(held.Token[1:])
	if err != nil {
		d.t.Errorf("stored is %q", held.Token)
	}
	return n
}

// watch looks at what is stored, again and again, and wants it never to be
// older than before. Whose session has ended signs in again.
func (d *rotating) watch(ctx context.Context, person *dingtalk.Session) {
	beat := time.NewTicker(time.Millisecond)
	defer beat.Stop()
	last := map[string]int{}
	for {
		select {
		case <-beat.C:
		case <-ctx.Done():
			return
		}
		for _, path := range []string{appPath, personPath} {
			now := d.stored(ctx, path)
			if now > 0 && now < last[path] {
				d.t.Errorf("%s: stored is token %d, and was %d", path, now, last[path])
			}
			last[path] = max(last[path], now)
			if now > 0 || path == appPath {
				continue
			}
			n, _ := d.issue(path, "", "")
			grant := dingtalk.Grant{
				AccessToken: secret.New("u" + strconv.Itoa(n)), RefreshToken: secret.New("r" + strconv.Itoa(n)), ExpiresIn: 2 * time.Hour,
			}
			if err := person.Begin(ctx, grant); err != nil && ctx.Err() == nil {
				d.t.Errorf("sign in again: %v", err)
			}
		}
	}
}

// kill has a process killed, unless another one is being killed.
func (d *rotating) kill(who string) bool {
	select {
	case d.victims <- who:
		return true
	default:
		return false
	}
}

// mark notes that a process is killed from here on, whatever of it still
// arrives.
func (d *rotating) mark(who string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.killed[who] = true
}

func (d *rotating) isDead(who string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.killed[who]
}

func (d *rotating) roll(sides int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dice.IntN(sides)
}

// dawdle takes the time that DingTalk takes, shortened.
func (d *rotating) dawdle(ctx context.Context) {
	wait := time.NewTimer(time.Duration(d.roll(5000)) * time.Microsecond)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
}
