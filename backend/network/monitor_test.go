package network_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/network"
)

// line is a network that a test changes. It answers in what time it is told,
// or with what is in the way.
type line struct {
	mu    sync.Mutex
	takes time.Duration
	way   login.Trouble
	asked []time.Time
	moved func() // what Watch was given
	lost  int    // how often kept connections were dropped
}

func (l *line) set(way login.Trouble, takes time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.way, l.takes = way, takes
}

// probe answers as DingTalk does over this line, and never after ctx.
func (l *line) probe(ctx context.Context) login.Heard {
	l.mu.Lock()
	l.asked = append(l.asked, time.Now())
	way, takes := l.way, l.takes
	l.mu.Unlock()
	select {
	case <-time.After(takes):
		return login.Heard{Trouble: way, Took: takes}
	case <-ctx.Done():
		return login.Heard{Trouble: login.TroubleSlow, Took: takes}
	}
}

func (l *line) watch(ctx context.Context, moved func()) {
	l.mu.Lock()
	l.moved = moved
	l.mu.Unlock()
	<-ctx.Done()
}

func (l *line) times() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.asked)
}

// monitor is one over the line, and its log.
func (l *line) monitor() (*network.Monitor, *states) {
	log := &states{}
	return network.New(network.Options{
		Probe: l.probe, Watch: l.watch, HasLink: func() bool { return true },
		Moved: func() { l.mu.Lock(); l.lost++; l.mu.Unlock() },
		Log:   slog.New(slog.NewTextHandler(log, nil)),
	}), log
}

// run runs the monitor in a bubble until the test is over.
func run(t *testing.T, m *network.Monitor) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { m.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	synctest.Wait()
}

// states is the log, as the states that it tells.
type states struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *states) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

var told = regexp.MustCompile(`msg=network state=(\S+) trouble=(\S+) was=`)

func (s *states) seen() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range told.FindAllStringSubmatch(s.text.String(), -1) {
		all = append(all, regexp.MustCompile(` ""$`).ReplaceAllString(m[1]+" "+m[2], ""))
	}
	return all
}

func (s *states) want(t *testing.T, want ...string) {
	t.Helper()
	if got := s.seen(); !slices.Equal(got, want) {
		t.Errorf("states were %q, want %q", got, want)
	}
}

// pass lets synctest's time pass.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func wantReach(t *testing.T, m *network.Monitor, state login.ReachState, trouble login.Trouble) {
	t.Helper()
	if got := m.Reach(); got.State != state || got.Trouble != trouble {
		t.Errorf("reach is %+v, want %s %q", got, state, trouble)
	}
}

func TestEachNetworkIsKnownForWhatItIs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		way   login.Trouble
		takes time.Duration
		want  string
	}{
		"good":        {login.NoTrouble, 100 * time.Millisecond, "online"},
		"refusing":    {login.TroubleRefused, 0, "offline refused"},
		"captive":     {login.TroubleCaptive, time.Millisecond, "offline captive"},
		"lying":       {login.TroubleLying, time.Millisecond, "offline lying"},
		"without TLS": {login.TroubleTLS, time.Millisecond, "offline tls"},
		"nameless":    {login.TroubleDNS, time.Second, "offline dns"},
		"slow":        {login.NoTrouble, 1500 * time.Millisecond, "shaky slow"},
		"too slow":    {login.NoTrouble, 3 * time.Second, "offline slow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &line{}
				l.set(tc.way, tc.takes)
				m, log := l.monitor()
				wantReach(t, m, login.ReachUnknown, login.NoTrouble)
				run(t, m)
				pass(network.Deadline) // and no question takes longer
				log.want(t, tc.want)
			})
		})
	}
}

// SSSD #8108: offline for good after one offline sign-in. SSSD #7045: marked
// offline though the server answers.
func TestALinkThatComesUpIsOnlineWithinFiveSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		l.set(login.TroubleDNS, time.Second)
		m, log := l.monitor()
		run(t, m)
		pass(time.Hour)
		// A try that is under way was due a moment ago.
		if next := m.Reach().NextTry; next.Before(time.Now().Add(-network.Deadline)) || next.After(time.Now().Add(2*network.LongestPause)) {
			t.Errorf("the next try is at %s, now is %s", next, time.Now())
		}
		l.moved() // the cable is in, but there is no address yet
		pass(2 * time.Second)
		l.set(login.NoTrouble, 100*time.Millisecond)
		pass(5 * time.Second)
		log.want(t, "offline dns", "online")
		if l.lost != 1 {
			t.Errorf("kept connections were dropped %d times, want once", l.lost)
		}
		if next := m.Reach().NextTry; !next.IsZero() {
			t.Errorf("online, and still to try at %s", next)
		}
	})
}

// A line that is back further away is told by nothing on this machine.
func TestALineThatComesBackFurtherAwayIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		l.set(login.TroubleTimeout, 10*time.Second)
		m, log := l.monitor()
		run(t, m)
		pass(24 * time.Hour)
		l.set(login.NoTrouble, 0)
		pass(network.LongestPause * 6 / 5)
		log.want(t, "offline slow", "online")
	})
}

func TestPausesGrowAndHaveAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		l.set(login.TroubleRefused, 0)
		m, _ := l.monitor()
		run(t, m)
		pass(10 * time.Minute)
		var pauses []time.Duration
		for i, at := range l.times()[1:] {
			pauses = append(pauses, at.Sub(l.times()[i]))
		}
		if pauses[0] > time.Second || pauses[1] < pauses[0] || len(pauses) > 40 {
			t.Errorf("%d pauses: %v", len(pauses), pauses)
		}
		equal := true
		for i, pause := range pauses {
			if pause > network.LongestPause*6/5 || i > 8 && pause < network.LongestPause*4/5 {
				t.Errorf("pause %d is %v", i, pause)
			}
			equal = equal && (i < 9 || pause == pauses[8])
		}
		if equal {
			t.Error("no jitter: the kiosks of a building would ask at one moment")
		}
	})
}

func TestAMachineThatNobodyUsesIsQuiet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		m, log := l.monitor()
		run(t, m)
		pass(24 * time.Hour)
		if n := len(l.times()); n > int(24*time.Hour/network.WellEvery)*5/4+1 {
			t.Errorf("asked %d times in a day", n)
		}
		log.want(t, "online")
	})
}

// An interface that comes and goes must not become a flood.
func TestHoweverOftenTheLinkChangesQuestionsAreApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		m, _ := l.monitor()
		run(t, m)
		for range 100 {
			l.moved()
			m.Retry()
			pass(50 * time.Millisecond)
		}
		if n := len(l.times()); n > 7 {
			t.Errorf("asked %d times in five seconds", n)
		}
	})
}

func TestRealCallsDecideWithoutAQuestion(t *testing.T) {
	t.Parallel()
	const fast, slow = 100 * time.Millisecond, 1500 * time.Millisecond
	good := func(took time.Duration) login.Heard { return login.Heard{Took: took} }
	bad := login.Heard{Trouble: login.TroubleTimeout}
	for name, tc := range map[string]struct {
		heard []login.Heard
		want  []string
	}{
		"all is well":                           {[]login.Heard{good(fast), good(fast)}, []string{"online"}},
		"one call fails":                        {[]login.Heard{good(fast), bad}, []string{"online", "shaky timeout"}},
		"two fail in a row":                     {[]login.Heard{good(fast), bad, bad}, []string{"online", "shaky timeout", "offline timeout"}},
		"the first one fails":                   {[]login.Heard{bad}, []string{"offline timeout"}},
		"every third call fails":                {[]login.Heard{good(fast), good(fast), bad, good(fast), good(fast), bad}, []string{"online", "shaky timeout"}},
		"a failure is forgotten in five":        {[]login.Heard{good(fast), bad, good(fast), good(fast), good(fast), good(fast), good(fast)}, []string{"online", "shaky timeout", "online"}},
		"one slow answer among good ones":       {[]login.Heard{good(fast), good(slow), good(fast)}, []string{"online"}},
		"slow on average":                       {[]login.Heard{good(fast), good(slow), good(slow), good(slow)}, []string{"online", "shaky slow"}},
		"one good answer ends it":               {[]login.Heard{bad, bad, good(fast)}, []string{"offline timeout", "online"}},
		"another trouble is told":               {[]login.Heard{bad, {Trouble: login.TroubleDNS}}, []string{"offline timeout", "offline dns"}},
		"the same trouble is not told for ever": {[]login.Heard{bad, bad, bad, bad}, []string{"offline timeout"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &line{}
			m, log := l.monitor()
			for _, heard := range tc.heard {
				m.Note(heard)
			}
			log.want(t, tc.want...)
			if len(l.times()) != 0 {
				t.Error("DingTalk was asked")
			}
		})
	}
}

// pretixscan-android PR 28: cannot get back online, and no hint when.
func TestACallThatFailsHasDingTalkAskedAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &line{}
		m, log := l.monitor()
		run(t, m)
		pass(time.Minute)
		l.set(login.TroubleRefused, 0)
		m.Note(login.Heard{Trouble: login.TroubleBroken})
		pass(network.Apart)
		log.want(t, "online", "shaky broken", "offline refused")
		since := m.Reach().Since
		pass(time.Minute)
		if got := m.Reach().Since; !got.Equal(since) {
			t.Errorf("offline since %s, and before since %s", got, since)
		}
	})
}

func TestAMachineWithoutALinkSaysSo(t *testing.T) {
	t.Parallel()
	m := network.New(network.Options{
		Probe:   func(context.Context) login.Heard { return login.Heard{Trouble: login.TroubleDNS} },
		HasLink: func() bool { return false },
	})
	if got := m.Ask(t.Context()); got.State != login.Offline || got.Trouble != login.TroubleLink {
		t.Errorf("reach is %+v", got)
	}
}

// A stand-in on this machine answers although there is no link.
func TestAnAnswerCountsMoreThanTheLink(t *testing.T) {
	t.Parallel()
	m := network.New(network.Options{
		Probe:   func(context.Context) login.Heard { return login.Heard{} },
		HasLink: func() bool { return false },
	})
	if got := m.Ask(t.Context()); got.State != login.Online {
		t.Errorf("reach is %+v", got)
	}
}

func TestChangedTellsOnceForEachChange(t *testing.T) {
	t.Parallel()
	m, _ := (&line{}).monitor()
	before := m.Changed()
	m.Note(login.Heard{})
	select {
	case <-before:
	default:
		t.Error("nothing was told")
	}
	after := m.Changed()
	m.Note(login.Heard{})
	select {
	case <-after:
		t.Error("the same was told again")
	default:
	}
}

func TestAQuestionThatItsCallerEndedSaysNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := &line{}
	l.set(login.NoTrouble, time.Hour)
	m, log := l.monitor()
	m.Ask(ctx)
	log.want(t)
}
