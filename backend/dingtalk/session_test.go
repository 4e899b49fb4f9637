package dingtalk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/dingtalk"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/secret"
)

// rotor is a network behind which refresh tokens rotate: r0, then r1, …, each
// good for one use.
type rotor struct {
	t     *testing.T
	delay time.Duration

	mu       sync.Mutex
	newest   int
	inFlight int
	calls    int
	lose     bool // the next answer is lost after the token was spent
}

func (r *rotor) RoundTrip(req *http.Request) (*http.Response, error) {
	var asked struct{ GrantType, RefreshToken, ClientID, ClientSecret string }
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil || asked.GrantType != "refresh_token" || asked.ClientSecret != appSecret {
		r.t.Errorf("asked %+v, %v", asked, err)
	}
	r.mu.Lock()
	r.calls++
	r.inFlight++
	if r.inFlight > 1 {
		r.t.Error("two refreshes at once")
	}
	r.mu.Unlock()
	gone := false
	select {
	case <-time.After(r.delay):
	case <-req.Context().Done(): // the token is spent all the same
		gone = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inFlight--
	status, body := 400, `{"code":"invalidParameter.authCode.notFound"}`
	if asked.RefreshToken == "r"+strconv.Itoa(r.newest) {
		r.newest++
		status, body = 200, fmt.Sprintf(`{"accessToken":"u%d","refreshToken":"r%[1]d","expireIn":7200}`, r.newest)
	}
	if r.lose || gone {
		r.lose = false
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

func (r *rotor) session(keeper dingtalk.Keeper) *dingtalk.Session {
	return &dingtalk.Session{
		Client: &dingtalk.Client{ClientID: "dingabc123", ClientSecret: secret.New(appSecret), HTTP: &http.Client{Transport: r}},
		Keeper: keeper,
		Slot:   "zhang01",
	}
}

func granted() dingtalk.Grant {
	return dingtalk.Grant{AccessToken: secret.New("u0"), RefreshToken: secret.New("r0"), ExpiresIn: 2 * time.Hour, CorpID: "ding0a1b"}
}

// bubble runs a test with time of its own and a session that has begun.
func bubble(t *testing.T, test func(*testing.T, *rotor, *shelf, *dingtalk.Session)) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, keeper := &rotor{t: t, delay: time.Second}, newShelf()
		s := r.session(keeper)
		if err := s.Begin(t.Context(), granted()); err != nil {
			t.Fatal(err)
		}
		test(t, r, keeper, s)
		s.Close()
	})
}

func wants(t *testing.T, s *dingtalk.Session, want string) {
	t.Helper()
	if token, err := s.Token(t.Context()); err != nil || token.Reveal() != want {
		t.Errorf("token %q, %v; want %q", token.Reveal(), err, want)
	}
}

func TestASessionRenewsAndRotates(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, keeper *shelf, s *dingtalk.Session) {
		wants(t, s, "u0")
		pass(115*time.Minute - 1)
		wants(t, s, "u0")
		pass(1)
		wants(t, s, "u1")
		pass(2 * time.Hour)
		wants(t, s, "u2")
		wants(t, r.session(keeper), "u2") // after a restart
		if r.calls != 2 {
			t.Errorf("%d refreshes", r.calls)
		}
		if err := s.End(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := s.Token(t.Context()); login.CodeOf(err) != login.NotSignedIn {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestManyCallersInTwoProcessesMakeOneRefresh(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, keeper *shelf, s *dingtalk.Session) {
		pass(2 * time.Hour)
		other := r.session(keeper)
		var all sync.WaitGroup
		for range 25 {
			all.Go(func() { wants(t, s, "u1") })
			all.Go(func() { wants(t, other, "u1") })
		}
		all.Wait()
		if r.calls != 1 {
			t.Errorf("%d refreshes", r.calls)
		}
	})
}

func TestASessionNeedsNoKeeper(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, _ *shelf, _ *dingtalk.Session) {
		s := r.session(nil)
		defer s.Close()
		if err := s.Begin(t.Context(), granted()); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Hour)
		wants(t, s, "u1")
	})
}

func TestNobodyGetsATokenBeforeItsRefreshTokenIsStored(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, keeper *shelf, s *dingtalk.Session) {
		pass(2 * time.Hour)
		keeper.fail(errors.New("the disk is full"))
		if token, err := s.Token(t.Context()); login.CodeOf(err) != login.StoreUnavailable || !token.Empty() {
			t.Errorf("err = %v", err)
		}
		keeper.fail(nil)
		wants(t, s, "u1") // stored now, without asking again
		if r.calls != 1 || !strings.Contains(keeper.holds(t, "zhang01"), `"r1"`) {
			t.Errorf("%d refreshes", r.calls)
		}
	})
}

func TestWhatCouldNotBeStoredNeverOverwritesANewerSession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, keeper *shelf, s *dingtalk.Session) {
		pass(2 * time.Hour)
		keeper.fail(errors.New("the disk is full"))
		if _, err := s.Token(t.Context()); err == nil {
			t.Error("no error")
		}
		keeper.fail(nil)
		again := granted() // the person signs in anew, in another process
		again.AccessToken, again.RefreshToken, again.ExpiresIn = secret.New("n0"), secret.New("r1"), time.Second
		if err := r.session(keeper).Begin(t.Context(), again); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		wants(t, s, "u2")
	})
}

func TestADeadRefreshTokenEndsTheSession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, _ *shelf, s *dingtalk.Session) {
		r.newest = 7
		pass(2 * time.Hour)
		for _, want := range []login.Code{login.CodeInvalid, login.NotSignedIn} {
			if _, err := s.Token(t.Context()); login.CodeOf(err) != want {
				t.Errorf("err = %v, want %s", err, want)
			}
		}
		if r.calls != 1 {
			t.Errorf("%d refreshes", r.calls)
		}
	})
}

func TestALostAnswerDoesNotEndTheSession(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, keeper *shelf, s *dingtalk.Session) {
		pass(2 * time.Hour)
		r.lose = true
		if _, err := s.Token(t.Context()); login.CodeOf(err) != login.Network {
			t.Errorf("err = %v", err)
		}
		if !strings.Contains(keeper.holds(t, "zhang01"), `"r0"`) {
			t.Error("the only refresh token is gone")
		}
	})
}

func TestWhoGoesAwayLeavesARenewalThatIsStored(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, keeper *shelf, s *dingtalk.Session) {
		pass(2 * time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		began := time.Now()
		if _, err := s.Token(ctx); err == nil || time.Since(began) != time.Millisecond {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		s.Close()
		if !strings.Contains(keeper.holds(t, "zhang01"), `"r1"`) {
			t.Error("the new refresh token is lost")
		}
		wants(t, s, "u1")
	})
}

func TestATokenThatIsRefusedIsRenewedOnce(t *testing.T) {
	bubble(t, func(t *testing.T, r *rotor, _ *shelf, s *dingtalk.Session) {
		var used []string
		err := s.Use(t.Context(), func(token secret.Text) error {
			used = append(used, token.Reveal())
			return &dingtalk.Error{Status: 400, Code: "InvalidAuthentication"}
		})
		if err == nil || fmt.Sprint(used) != "[u0 u1]" || r.calls != 1 {
			t.Errorf("used %v, %d refreshes, %v", used, r.calls, err)
		}
	})
}

// Any interleaving of expiry, rotation, failing writes, kills and two
// processes: the rotor fails the test when two refreshes are in flight, and the
// slot never goes back to an older token.
func TestNoInterleavingStoresAnOlderToken(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rotor, keeper *shelf, first *dingtalk.Session) {
				dice := rand.New(rand.NewPCG(seed, 1))
				sessions := []*dingtalk.Session{first, r.session(keeper)}
				var killed []*dingtalk.Session // who asked before may begin a renewal after
				var all sync.WaitGroup
				last := 0
				for range 60 {
					who := dice.IntN(2)
					switch dice.IntN(6) {
					case 0: // killed, in the middle of whatever it does
						all.Go(sessions[who].Close)
						killed = append(killed, sessions[who])
						sessions[who] = r.session(keeper)
					case 1:
						keeper.fail(errors.New("the disk is full"))
					case 2:
						keeper.fail(nil)
					case 3:
						pass(time.Duration(dice.Int64N(int64(3 * time.Hour))))
					default:
						s, patience := sessions[who], time.Duration(dice.Int64N(int64(3*time.Second)))
						all.Go(func() {
							ctx, cancel := context.WithTimeout(t.Context(), patience)
							defer cancel()
							_, _ = s.Token(ctx) // may well fail
						})
					}
					if now := generation(t, keeper); now >= 0 {
						if now < last {
							t.Fatalf("the slot went back from r%d to r%d", last, now)
						}
						last = now
					}
				}
				all.Wait()
				for _, s := range append(sessions, killed...) {
					s.Close()
				}
			})
		})
	}
}

// generation is the number of the stored refresh token; -1 for none.
func generation(t *testing.T, keeper *shelf) int {
	t.Helper()
	value := keeper.holds(t, "zhang01")
	if value == "" {
		return -1
	}
	var held struct{ Refresh string }
	if err := json.Unmarshal([]byte(value), &held); err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimPrefix(held.Refresh, "r"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// pass lets the bubble's time go by.
func pass(d time.Duration) { <-time.After(d) }
