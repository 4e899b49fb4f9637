package loopback

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// Service is the sign-in as the routes need it; *login.Service is one.
type Service interface {
	Begin(ctx context.Context, opts login.BeginOptions) error
	Cancel()
	Forget(ctx context.Context) error
	Refresh(ctx context.Context)
	AuthorizeURL(frame bool) (url string, ok bool)
	Complete(cb login.Callback) login.Outcome
	Snapshot() login.Snapshot
	Watch(ctx context.Context) iter.Seq[login.Snapshot]
}

var _ Service = (*login.Service)(nil)

// Options are what a Server needs. Service and Assets are required.
type Options struct {
	Service Service
	Assets  fs.FS // index.html and assets/

	ProviderOrigin string          // origin of DingTalk's login page; the only one that the interface frames and listens to
	Policy         identity.Policy // for what the cache says of a person
	Language       string          // zh-CN or en
	Demo           bool            // the interface says on every view that nothing here is real
	CanRetry       bool            // false: the first result is the last, the window may be closed

	Offline Offline // sign-in by PIN and badge; nil: there is none

	// Locked says why nothing is kept of who signs in: nil where something is.
	// It may be nil.
	Locked func() error

	// Unwritten says why nothing can be written on this machine for now: nil
	// where something can. It may be nil.
	Unwritten func() error

	Network login.NetworkState     // nil: nothing is known of it, and nothing shown
	Clock   func() identity.Moment // trusted time; nil = Now's

	Now func() time.Time // nil = time.Now
	Log *slog.Logger     // nil = discarded
}

const (
	// headerWithin drops a connection that says nothing (wabbajack PR #3030:
	// one silent connection kept the callback out).
	headerWithin = 2 * time.Second

	// bodyWithin and maxBody bound what a POST may send.
	bodyWithin = 2 * time.Second
	maxBody    = 4 << 10

	maxHeader = 16 << 10
	idleAfter = 60 * time.Second

	// closeWithin is how long answers under way may take once the server ends.
	closeWithin = time.Second
)

// Server serves one sign-in service on one address.
type Server struct {
	opts    Options
	log     *slog.Logger
	address *Address
	launch  *launcher
	csp     string
	index   []byte
	pages   *audience
	hint    *hint
	http    *http.Server
}

// New reads the interface and prepares the routes. The server owns the address
// from here on.
func New(address *Address, opts Options) (*Server, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = func() identity.Moment { return identity.Moment{Now: opts.Now().UTC()} }
	}
	index, err := fs.ReadFile(opts.Assets, "index.html")
	if err != nil {
		return nil, errors.New("the interface is not built into this binary; run «make interface» first")
	}
	s := &Server{
		opts:    opts,
		log:     opts.Log,
		address: address,
		launch:  newLauncher(address.redirect.Port),
		csp:     contentSecurityPolicy(opts.ProviderOrigin),
		index:   index,
		pages:   newAudience(),
		hint:    newHint(),
	}
	s.http = &http.Server{
		Handler:           s.guarded(s.routes()),
		ReadHeaderTimeout: headerWithin,
		IdleTimeout:       idleAfter,
		MaxHeaderBytes:    maxHeader,
		// «OPTIONS *» is answered like everything else: net/http's own answer
		// asks for no Host and carries no headers.
		DisableGeneralOptionsHandler: true,

		ErrorLog: slog.NewLogLogger(opts.Log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Link mints a launch link for one use, such as
// http://127.0.0.1:43817/open/5c….
func (s *Server) Link() string { return s.address.Origin() + "/open/" + s.launch.mint() }

// Opened is closed when a browser or a window has opened this launch link: it
// loads pages, and has drawn the one that sent it here. A link that cannot be
// opened any more counts as opened.
func (s *Server) Opened(link string) <-chan struct{} { return s.launch.opened(path.Base(link)) }

// Serve answers until ctx ends, and returns when the address is free again.
func (s *Server) Serve(ctx context.Context) error {
	failed := make(chan error, len(s.address.listeners))
	var serving sync.WaitGroup
	for _, ln := range s.address.listeners {
		serving.Go(func() { failed <- s.http.Serve(hintedListener{ln, s.sawTLS}) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	// Event streams never end by themselves: their context is the request's,
	// and Shutdown waits for them in vain. They are told first.
	s.pages.close()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeWithin)
	defer cancel()
	if s.http.Shutdown(grace) != nil {
		_ = s.http.Close() // what did not end in time is cut
	}
	serving.Wait()
	if errors.Is(err, http.ErrServerClosed) || ctx.Err() != nil {
		return nil
	}
	return err
}

// routes is design 3.6.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/open/{token}", get(s.launch.open))
	mux.HandleFunc("/{$}", get(s.interfacePage))
	mux.HandleFunc("/assets/{file}", get(s.ours(s.asset))) // a pattern «/assets/» would redirect «/assets»
	mux.HandleFunc("/api/snapshot", get(s.ours(s.snapshot)))
	mux.HandleFunc("/api/events", get(s.ours(s.events)))
	mux.HandleFunc("/api/login", post(s.changing(s.begin)))
	mux.HandleFunc("/api/login/cancel", post(s.changing(s.cancel)))
	mux.HandleFunc("/api/logout", post(s.changing(s.logout)))
	mux.HandleFunc("/api/offline/pin", post(s.changing(s.pin)))
	mux.HandleFunc("/api/offline/badge", post(s.changing(s.badge)))
	mux.HandleFunc("/api/offline/enrol", post(s.changing(s.enrol)))
	mux.HandleFunc("/api/offline/revoke", post(s.changing(s.revoke)))
	mux.HandleFunc("/api/network/retry", post(s.changing(s.retry)))
	mux.HandleFunc("/login/start", get(s.ours(s.start)))
	mux.HandleFunc("/", s.notFound)
	callback := get(s.callback)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case s.isCallback(r):
			callback(w, r)
		case r.URL.Path != path.Clean(r.URL.Path):
			// The mux would redirect to the tidied path and repeat the query,
			// state and code included: «//callback?code=…» is no callback.
			s.notFound(w, r)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.page(w, r, http.StatusNotFound, pageNotOurs)
}

// isCallback compares the path as it came, before the mux tidies it: the
// redirect URI is registered byte for byte. Where it is the root, which is the
// interface's place too, the state tells them apart.
func (s *Server) isCallback(r *http.Request) bool {
	registered := s.address.redirect.Path
	return r.URL.EscapedPath() == registered && (registered != "/" || r.URL.Query().Has("state"))
}

// get lets GET through and nothing else. http.ServeMux's «GET /path» would let
// HEAD through as well, and link checkers and preflights are no one's sign-in
// (lionello/onedrive-cli PR #63).
func get(next http.HandlerFunc) http.HandlerFunc { return only(http.MethodGet, next) }

func post(next http.HandlerFunc) http.HandlerFunc { return only(http.MethodPost, next) }

func only(method string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		next(w, r)
	}
}

// hintedListener notices a browser that was made to use https: it can show
// nothing but its own error page (django-bolt #307, cli/cli PR #650), so the
// hint is shown by whoever still talks to us.
type hintedListener struct {
	net.Listener
	sawTLS func()
}

// Accept wraps the connection.
func (l hintedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &hintedConn{Conn: conn, sawTLS: l.sawTLS}, nil
}

// hintedConn looks at the first byte that arrives.
type hintedConn struct {
	net.Conn
	sawTLS func() // nil once the first byte was seen
}

// tlsHandshake is the record type that a TLS ClientHello begins with (RFC 8446,
// 5.1).
const tlsHandshake = 0x16

// Read is only ever called by one goroutine at a time, as net/http does.
func (c *hintedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.sawTLS != nil {
		if p[0] == tlsHandshake {
			c.sawTLS()
		}
		c.sawTLS = nil
	}
	return n, err
}
