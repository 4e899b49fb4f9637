package loopback_test

import (
	"net"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/loopback"
)

func redirects(list ...loopback.Redirect) func(*plan) {
	return func(p *plan) { p.redirects = list }
}

// hasIPv6 reports whether this machine has ::1 at all.
func hasIPv6(t *testing.T) bool {
	t.Helper()
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		if ip, ok := addr.(*net.IPNet); ok && ip.IP.Equal(net.IPv6loopback) {
			return true
		}
	}
	return false
}

// occupy takes a free port on the host.
func occupy(t *testing.T, host string) int {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() }) // it only held the port
	return ln.Addr().(*net.TCPAddr).Port
}

// refuses reports whether nobody listens there.
func refuses(t *testing.T, host, port string) bool {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return true
	}
	_ = conn.Close() // that it could be opened is the answer
	return false
}

// A1, row «listening address» (the AWS CLI: 0.0.0.0). T42: appvia/kore PR #487,
// a firewall prompt.
func TestA1_T42_OnlyLoopbackIsListenedOnAndOnlyWhileServing(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"", "127.0.0.1", "localhost"} {
		t.Run("host «"+host+"»", func(t *testing.T) {
			t.Parallel()
			s := newSite(t, redirects(loopback.Redirect{Host: host}))
			_, port, _ := net.SplitHostPort(s.host)
			for _, addr := range s.address.Bound() {
				if ip := addr.(*net.TCPAddr).IP; !ip.IsLoopback() {
					t.Errorf("listens on %s", ip)
				}
			}
			for _, other := range othersOfThisMachine(t) {
				if !refuses(t, other, port) {
					t.Errorf("%s reaches the server too", other)
				}
			}
			s.signIn()
			s.end()
			if !refuses(t, "127.0.0.1", port) {
				t.Error("the address is still taken after the server has ended")
			}
		})
	}
}

// othersOfThisMachine are addresses at which a listener of all interfaces
// would answer. 127.0.0.2 is one on Linux even without any network.
func othersOfThisMachine(t *testing.T) []string {
	t.Helper()
	others := []string{"127.0.0.2"}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range addrs {
		if ip, ok := addr.(*net.IPNet); ok && !ip.IP.IsLoopback() && !ip.IP.IsLinkLocalUnicast() {
			others = append(others, ip.IP.String())
		}
	}
	return others
}

func TestAnAddressThatIsNotServedCanBeGivenBack(t *testing.T) {
	t.Parallel()
	a, err := loopback.Listen(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(a.Origin(), "http://"))
	a.Close()
	if !refuses(t, "127.0.0.1", port) {
		t.Error("the address is still taken")
	}
}

// T7: firebase-tools #10750, makenotion/lore PR #249: localhost is whatever
// the browser's resolver says, so both families must be ours.
func TestT07_LocalhostIsBothFamiliesOnOnePort(t *testing.T) {
	t.Parallel()
	s := newSite(t, redirects(loopback.Redirect{Host: "localhost"}))
	if !strings.HasPrefix(s.redirect, "http://localhost:") {
		t.Errorf("redirect URI %s, want localhost as it was registered", s.redirect)
	}
	_, port, _ := net.SplitHostPort(s.host)
	families := []string{"127.0.0.1"}
	if hasIPv6(t) {
		families = append(families, "::1")
	}
	if got := s.address.Bound(); len(got) != len(families) {
		t.Fatalf("listens on %v, want %v", got, families)
	}
	for i, addr := range s.address.Bound() {
		if got, want := addr.String(), net.JoinHostPort(families[i], port); got != want {
			t.Errorf("listens on %s, want %s", got, want)
		}
	}
	s.signIn()
}

// T7, its worse half: another program has one of the two families.
func TestT07_LocalhostIsTakenWhenOneFamilyIs(t *testing.T) {
	t.Parallel()
	families := map[string]string{"127.0.0.1": "::1"}
	if hasIPv6(t) {
		families["::1"] = "127.0.0.1"
	}
	for taken, free := range families {
		t.Run(taken+" is taken", func(t *testing.T) {
			t.Parallel()
			port := occupy(t, taken)
			a, err := loopback.Listen(t.Context(), []loopback.Redirect{{Host: "localhost", Port: port}})
			if err == nil {
				a.Close()
				t.Fatal("localhost was bound with one of its addresses in other hands")
			}
			if !refuses(t, free, itoa(port)) {
				t.Error("the other family was left bound")
			}
		})
	}
}

// T8: claude-code #86233, hermes-agent PR #29875, MSAL #539: which of the
// loopback hosts is registered is the provider's choice, so it is a setting.
func TestT08_EveryLoopbackHostCanBeTheRedirect(t *testing.T) {
	t.Parallel()
	hosts := map[string]string{"": "http://127.0.0.1:", "127.0.0.1": "http://127.0.0.1:", "localhost": "http://localhost:"}
	if hasIPv6(t) {
		hosts["::1"] = "http://[::1]:"
	}
	for host, want := range hosts {
		t.Run("host «"+host+"»", func(t *testing.T) {
			t.Parallel()
			s := newSite(t, redirects(loopback.Redirect{Host: host}))
			if !strings.HasPrefix(s.redirect, want) {
				t.Errorf("redirect URI %s, want %s…", s.redirect, want)
			}
			s.signIn()
		})
	}
}

func TestARedirectThatIsNotOursToServeIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		redirect loopback.Redirect
	}{
		{"all interfaces", loopback.Redirect{Host: "0.0.0.0"}},
		{"another machine", loopback.Redirect{Host: "192.0.2.1"}},
		{"another name", loopback.Redirect{Host: "login.example"}},
		{"a port that cannot be", loopback.Redirect{Port: 65536}},
		{"a path that does not begin with a slash", loopback.Redirect{Path: "callback"}},
		{"a path with a query", loopback.Redirect{Path: "/callback?x=1"}},
		{"a path with a fragment", loopback.Redirect{Path: "/callback#x"}},
		{"a path with broken encoding", loopback.Redirect{Path: "/call%zz"}},
		{"a path that a browser would tidy", loopback.Redirect{Path: "/a/../callback"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a, err := loopback.Listen(t.Context(), []loopback.Redirect{test.redirect})
			if err == nil {
				a.Close()
				t.Fatal("it was bound")
			}
			if got := login.CodeOf(err); got != login.RedirectMisconfigured {
				t.Errorf("code %s, want redirect_misconfigured", got)
			}
		})
	}
}

// T9: kubelogin #826, openhuman PR #3904, thunderbolt #388 and #470: a port that
// is busy ended in a cryptic error of the provider's, or in the code being
// sent to another program.
func TestT09_AllPortsTakenIsSaidBeforeAnyQR(t *testing.T) {
	t.Parallel()
	first, second := occupy(t, "127.0.0.1"), occupy(t, "127.0.0.1")
	a, err := loopback.Listen(t.Context(), []loopback.Redirect{{Port: first}, {Port: second}})
	if err == nil {
		a.Close()
		t.Fatal("an address was found although all are taken")
	}
	if got := login.CodeOf(err); got != login.RedirectMisconfigured {
		t.Errorf("code %s, want redirect_misconfigured", got)
	}
	for _, port := range []int{first, second} {
		if want := "127.0.0.1:" + itoa(port); !strings.Contains(login.DetailOf(err), want) {
			t.Errorf("detail %q does not name %s", login.DetailOf(err), want)
		}
	}
}

func TestT09_TheFirstFreeRedirectIsTaken(t *testing.T) {
	t.Parallel()
	taken := occupy(t, "127.0.0.1")
	s := newSite(t, redirects(loopback.Redirect{Port: taken}, loopback.Redirect{Path: "/second"}, loopback.Redirect{Path: "/third"}))
	if !strings.HasSuffix(s.redirect, "/second") {
		t.Errorf("redirect URI %s, want the second of the list", s.redirect)
	}
	s.signInAt("/second?code={code}&state={state}")
}

// T10: globalping-cli #154, cyberduck #18447, tego PR #429: two spellings of one
// address. T40: dws #230, PR #242: a URL cut at its &.
func TestT10_T40_TheRedirectURIIsTheBoundAddressByteForByte(t *testing.T) {
	t.Parallel()
	paths := map[string]string{ // as set, and as a browser asks for it
		"":                 "/callback",
		"/":                "/",
		"/cb":              "/cb",
		"/cb/":             "/cb/",
		"/a/b.c/d":         "/a/b.c/d",
		"/A-b_c~d":         "/A-b_c~d",
		"/a+b&c=d":         "/a+b&c=d",
		"/a;b,c@d":         "/a;b,c@d",
		"/a b":             "/a%20b",
		"/100%25":          "/100%25",
		"/a%2Fb":           "/a%2Fb",
		"/a%2fb":           "/a%2fb",
		"/登录/回调":           "/%E7%99%BB%E5%BD%95/%E5%9B%9E%E8%B0%83",
		"/%E7%99%BB%E5%BD": "/%E7%99%BB%E5%BD",
		"/login":           "/login",
	}
	hosts := []string{"127.0.0.1", "localhost"}
	if hasIPv6(t) {
		hosts = append(hosts, "::1")
	}
	for set, asked := range paths {
		for _, host := range hosts {
			t.Run(host+" "+set, func(t *testing.T) {
				t.Parallel()
				s := newSite(t, redirects(loopback.Redirect{Host: host, Path: set}))
				if want := s.origin + asked; s.redirect != want {
					t.Errorf("redirect URI %q, want %q", s.redirect, want)
				}
				s.launch()
				for _, start := range []string{"/login/start", "/login/start?frame=1"} {
					location := s.get(start, ours...).header.Get("Location")
					requests := s.provider.asked()
					last := requests[len(requests)-1]
					if last.RedirectURI != s.redirect {
						t.Errorf("the authorization request says %q, the socket is %q", last.RedirectURI, s.redirect)
					}
					if want := s.provider.AuthorizeURL(last); location != want {
						t.Errorf("the browser is sent to\n%s, want\n%s", location, want)
					}
				}
				s.signInAt(asked + "?authCode={code}&code={code}&state={state}")
			})
		}
	}
}
