package network_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/network"
)

// TestTheKernelsNetwork has a real cable plugged in and pulled out. It starts
// itself again in a network namespace, where there is nothing else and nothing
// of this machine changes. No subtest is parallel: they share the cable.
func TestTheKernelsNetwork(t *testing.T) {
	t.Parallel()
	const inside = "DINGPASS_TEST_INSIDE"
	if os.Getenv(inside) != "" {
		c := newCable(t)
		t.Run("a link is an address on a cable that is plugged in", c.link)
		t.Run("its changes are heard", c.heard)
		t.Run("another address is another network", c.watched)
		t.Run("a cable that is plugged in brings DingTalk back", c.back)
		return
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), inside+"=1")
	again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		again.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		again.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		again.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	said, err := again.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || strings.Contains(string(said), mayNot) {
		t.Log("this system lets no such user make a network namespace, so nothing was tried")
		return
	}
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}

// mayNot is what a process says that has a namespace and may do nothing in it:
// Ubuntu 24.04 gives one to everybody, and its rights to nobody.
const mayNot = "no right to lay a cable"

// patience bounds every wait.
const patience = time.Minute

// cable is a pair of cards joined by one; who pulls it out takes far down.
type cable struct{}

func newCable(t *testing.T) cable {
	t.Helper()
	add := exec.CommandContext(t.Context(), "ip", "link", "add", "near", "type", "veth", "peer", "name", "far")
	if said, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", mayNot, err, said)
	}
	c := cable{}
	c.ip(t, "link", "set", "lo", "up")
	c.ip(t, "link", "set", "near", "up")
	return c
}

func (cable) ip(t *testing.T, args ...string) {
	t.Helper()
	if said, err := exec.CommandContext(t.Context(), "ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %v: %v: %s", args, err, said)
	}
}

func (c cable) plug(t *testing.T)   { t.Helper(); c.ip(t, "link", "set", "far", "up") }
func (c cable) unplug(t *testing.T) { t.Helper(); c.ip(t, "link", "set", "far", "down") }

func (c cable) link(t *testing.T) {
	want := func(when string, link bool) {
		t.Helper()
		soon(t, when, func() bool { return network.HasLink() == link })
	}
	want("there is the loopback only", false)
	c.plug(t)
	soon(t, "the cable's own address", func() bool {
		near, err := net.InterfaceByName("near")
		if err != nil {
			return false
		}
		has, err := near.Addrs()
		return err == nil && len(has) > 0
	})
	want("there is an address of the cable only", false)
	c.ip(t, "address", "add", "192.0.2.1/24", "dev", "near")
	want("there is an address", true)
	c.unplug(t)
	want("the cable is pulled out", false)
}

func (c cable) heard(t *testing.T) {
	heard := make(chan struct{}, 1)
	within(t, func(ctx context.Context) {
		network.Listen(ctx, func() {
			select {
			case heard <- struct{}{}:
			default:
			}
		})
	})
	for range 1000 { // nobody tells when it has begun to listen
		c.plug(t)
		c.unplug(t)
		select {
		case <-heard:
			return
		default:
		}
	}
	t.Error("nothing was heard of a thousand changes")
}

func (c cable) watched(t *testing.T) {
	c.plug(t)
	moved := make(chan struct{}, 1)
	within(t, func(ctx context.Context) {
		network.Watch(ctx, func() {
			select {
			case moved <- struct{}{}:
			default:
			}
		})
	})
	for n := range 10 { // what it compares the first one with may be that one itself
		c.ip(t, "address", "add", "192.0.2."+strconv.Itoa(n+2)+"/24", "dev", "near")
		select {
		case <-moved:
			return
		case <-time.After(patience / 10):
		}
	}
	t.Error("ten other addresses went unnoticed")
}

// Back within seconds of the link, however long the pauses have become (SSSD
// #7045).
func (c cable) back(t *testing.T) {
	c.unplug(t)
	soon(t, "no link", func() bool { return !network.HasLink() })
	m := network.New(network.Options{Probe: func(context.Context) login.Heard {
		if network.HasLink() {
			return login.Heard{}
		}
		return login.Heard{Trouble: login.TroubleDNS} // what it looks like from here
	}})
	within(t, m.Run)
	reach := func(state login.ReachState, trouble login.Trouble) {
		t.Helper()
		late := time.After(patience)
		for {
			changed := m.Changed()
			if got := m.Reach(); got.State == state && got.Trouble == trouble {
				return
			}
			select {
			case <-changed:
			case <-late:
				t.Fatalf("reach is %+v", m.Reach())
			}
		}
	}
	reach(login.Offline, login.TroubleLink)
	c.plug(t)
	reach(login.Online, login.NoTrouble)
	c.unplug(t)
	reach(login.Offline, login.TroubleLink)
}

// within runs something until the test ends.
func within(t *testing.T, run func(ctx context.Context)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
}

// soon waits for what the kernel does in its own time.
func soon(t *testing.T, what string, done func() bool) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	late := time.After(patience)
	for !done() {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("not in time: %s", what)
		}
	}
}
