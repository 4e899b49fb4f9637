package sandbox

import (
	"cmp"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/secret"
)

// The credentials of the sandbox's only app where Options name none. They are
// no secrets: the sandbox is reachable from this machine only and knows only
// invented people.
const (
	DefaultClientID     = "dingsandboxapp0001"
	DefaultClientSecret = "sandbox-secret-for-nothing-real"
	DefaultCorpID       = "dingcorpsandbox0001"
	DefaultSuiteTicket  = "sandbox-ticket-for-nothing-real"
	DefaultSSOSecret    = "sandbox-secret-for-the-console"

	// OtherCorpID is the company that zhou07 and zheng09 belong to.
	OtherCorpID = "dingcorpelsewhere0002"
)

// Options are how a sandbox starts. The zero value is a good sandbox.
type Options struct {
	ClientID     string
	ClientSecret secret.Text
	CorpID       string

	// RegisteredRedirects is the console's 重定向URL list; default
	// http://127.0.0.1, which allows any port and path of that host.
	RegisteredRedirects []string

	People int    // people besides the named ones; 0: 60, negative: none
	Seed   uint64 // the same seed gives the same people

	CodeLifetime     time.Duration // of a QR; default 5 minutes
	AuthCodeLifetime time.Duration // of a one-time code; default 5 minutes

	// FrameNeedsCookie makes the framed page deaf where its cookie is not sent
	// back, as a browser without third-party cookies makes DingTalk's.
	FrameNeedsCookie bool

	Now func() time.Time // default time.Now
	Log *slog.Logger     // nil: silent
}

// App is what a client has to know of the app that the sandbox knows.
type App struct {
	ClientID     string
	ClientSecret secret.Text
	CorpID       string
	SuiteTicket  secret.Text // as if the app were a suite's, too
	SSOSecret    secret.Text // for administrators from DingTalk's admin console
}

// Sandbox is DingTalk, played. Make one with New. All methods may be called
// from several goroutines.
type Sandbox struct {
	log       *slog.Logger
	clock     *clock
	mux       *http.ServeMux
	pages     *template.Template
	people    *directory
	board     *board
	mint      *mint
	faults    faults
	limits    limits
	staff     *staff
	stream    *stream
	courier   *http.Client
	callbacks callbacks
	endpoints []string // the routes of the calls, sorted; never changes
	diary     diary

	mu       sync.Mutex
	app      App      // guarded by mu
	settings Settings // guarded by mu
}

var _ http.Handler = (*Sandbox)(nil)

// New makes a sandbox that is not listening yet. Its QR codes point at the
// address of the connection that asked for them.
func New(o Options) *Sandbox {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.ClientSecret.Empty() {
		o.ClientSecret = secret.New(DefaultClientSecret)
	}
	if o.RegisteredRedirects == nil {
		o.RegisteredRedirects = []string{"http://127.0.0.1"}
	}
	app := App{
		ClientID:     cmp.Or(o.ClientID, DefaultClientID),
		ClientSecret: o.ClientSecret,
		CorpID:       cmp.Or(o.CorpID, DefaultCorpID),
		SuiteTicket:  secret.New(DefaultSuiteTicket),
		SSOSecret:    secret.New(DefaultSSOSecret),
	}
	clock := newClock(o.Now)
	s := &Sandbox{
		log: o.Log, clock: clock, app: app,
		pages:  templates(),
		people: newDirectory(o.Seed, cmp.Or(o.People, 60), app.CorpID),
		board:  &board{clock: clock},
		mint:   &mint{now: clock.Now},
		staff:  newStaff(), stream: newStream(clock), courier: newCourier(),
		settings: o.settings(),
	}
	s.mux = s.routes()
	return s
}

// App returns the credentials that are right at the moment.
func (s *Sandbox) App() App {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.app
}

// RotateTokens makes every token that was issued so far invalid, as DingTalk
// does when it loses patience with an app.
func (s *Sandbox) RotateTokens() { s.mint.rotate() }

// ExpireTokens makes every access token expired rather than unknown. Refresh
// tokens stay good.
func (s *Sandbox) ExpireTokens() { s.mint.expireTokens() }

// ExpireCodes ends every QR that nobody confirmed yet, and makes every
// one-time code that was not exchanged yet worthless.
func (s *Sandbox) ExpireCodes() {
	s.board.expire()
	s.mint.expireCodes()
}

func (s *Sandbox) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/oauth2/auth", s.authorize)
	mux.HandleFunc("/oauth2/challenge.htm", s.authorize)
	mux.HandleFunc("POST /oauth2/device/code.json", s.deviceCode)
	mux.HandleFunc("POST /oauth2/device/token.json", s.deviceToken)
	mux.HandleFunc("GET /oauth2/device", s.devicePage)
	mux.HandleFunc("GET /connect/qrconnect", s.snsPage)
	mux.HandleFunc("GET /connect/oauth2/sns_authorize", s.snsAuthorize)
	mux.HandleFunc("GET /login/qrcode.htm", s.snsFrame)
	mux.HandleFunc("GET /oauth2/watch/{key}", s.watch)
	mux.HandleFunc("GET /oauth2/continue/{key}", s.proceed)
	mux.Handle("GET /oauth2/assets/", serveAssets())
	mux.HandleFunc("GET /scan/{id}", s.scan)
	mux.HandleFunc("POST /scan/{id}", s.decide)
	s.apis(mux)
	mux.HandleFunc("GET /connect", s.connect)
	s.control(mux)
	mux.HandleFunc("GET /_console", s.console)
	mux.HandleFunc("GET /_console/live", s.live)
	mux.HandleFunc("/{$}", s.front)
	mux.HandleFunc("/", s.notFound)
	return mux
}

// ServeHTTP answers as DingTalk would, unless a fault says otherwise.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, pattern := s.mux.Handler(r)
	seen := &statusWriter{ResponseWriter: w}
	began := s.clock.Now()
	s.diary.arrived(r.Method + " " + bare(pattern))
	defer func() { // deferred: a fault may abort the handler
		s.diary.answered(Request{At: began, Method: r.Method, Endpoint: bare(pattern), Status: seen.status, Remote: r.RemoteAddr})
		s.log.DebugContext(r.Context(), "sandbox answered", "method", r.Method, "op", bare(pattern), "status", seen.status)
	}()
	skew := s.Settings().ClockSkew
	seen.Header().Set("Date", began.Add(skew).UTC().Format(http.TimeFormat))

	if s.limited(seen, r, bare(pattern)) {
		return
	}
	if fault, ok := s.faults.next(r.URL.Path, bare(pattern)); ok {
		fault.play(seen, r, s.mux)
		return
	}
	s.mux.ServeHTTP(seen, r)
}

// bare is a pattern without its method and its end mark.
func bare(pattern string) string {
	_, path, _ := strings.Cut(pattern, "/")
	return "/" + strings.TrimSuffix(path, "{$}")
}

// statusWriter remembers the status for the diary.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.status = cmp.Or(w.status, http.StatusOK)
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
