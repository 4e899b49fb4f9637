package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

// The calls that wait for each other (design 2): exchange, me, membership and
// record; for a known person the last two go together.
const (
	newPerson   = 4
	knownPerson = 3

	promisedRatio = 1.05
)

// measureSignIn is scan to welcome, for each distance.
func measureSignIn(ctx context.Context, p plan) (rows []row, err error) {
	for _, rtt := range p.rtts {
		more, err := measureDistance(ctx, p, rtt)
		if err != nil {
			return rows, fmt.Errorf("at %v: %w", rtt, err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// distance holds what was measured at one, run by run.
type distance struct {
	first, again          []time.Duration // the product: a new person, and the same one once more
	floorFirst, floorBack []time.Duration
	tutorial              []time.Duration
}

func measureDistance(ctx context.Context, p plan, rtt time.Duration) (_ []row, err error) {
	dir, err := os.MkdirTemp("", "dingpass-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w, err := newWire(ctx, dir, p.http, rtt)
	if err != nil {
		return nil, err
	}
	defer w.close()
	c, err := startCore(ctx, p.bin, coreEnvironment(dir, w.App(), w.URL(), w.apiURL(), w.oapiURL(), "SSL_CERT_FILE="+w.caFile))
	if err != nil {
		return nil, err
	}
	defer c.close()
	f := newFloor(w)
	defer f.close()

	var d distance
	for run := range p.runs + 1 {
		one, err := d.measure(ctx, w, c, f, fmt.Sprintf("user%06d", run+1))
		if err != nil {
			return nil, err
		}
		p.tell("signin at %v: %d of %d: new %v, known %v", rtt, run, p.runs,
			one.first[0].Round(time.Millisecond), one.again[0].Round(time.Millisecond))
		if run > 0 { // the first opens connections and fills caches
			d.add(one)
		}
	}
	return d.rows(rtt, f.protocol), nil
}

// measure makes one run of each, right after one another.
func (*distance) measure(ctx context.Context, w *wire, c *core, f *floor, userID string) (one distance, err error) {
	for _, step := range []struct {
		name string
		into *[]time.Duration
		take func() (time.Duration, error)
	}{
		{"a new person", &one.first, func() (time.Duration, error) { return c.signIn(ctx, userID, w.warmed()) }},
		{"the floor", &one.floorFirst, func() (time.Duration, error) { return f.measure(ctx, newPerson) }},
		{"a known person", &one.again, func() (time.Duration, error) { return c.signIn(ctx, userID, w.warmed()) }},
		{"the floor", &one.floorBack, func() (time.Duration, error) { return f.measure(ctx, knownPerson) }},
		{"the tutorials' way", &one.tutorial, func() (time.Duration, error) { return tutorial(ctx, w, userID) }},
	} {
		took, err := step.take()
		if err != nil {
			return one, fmt.Errorf("%s: %w", step.name, err)
		}
		*step.into = []time.Duration{took}
	}
	return one, nil
}

// warmed is quiet, counted from now.
func (w *wire) warmed() func(context.Context) error {
	since := w.passed()
	return func(ctx context.Context) error { return w.quiet(ctx, since) }
}

func (d *distance) add(one distance) {
	d.first, d.again = append(d.first, one.first...), append(d.again, one.again...)
	d.floorFirst, d.floorBack = append(d.floorFirst, one.floorFirst...), append(d.floorBack, one.floorBack...)
	d.tutorial = append(d.tutorial, one.tutorial...)
}

// rows compares with the computed floor, which is what is promised, where there
// is one.
func (d *distance) rows(rtt time.Duration, protocol string) []row {
	at := fmt.Sprintf(", round trips of %v, %s", rtt, protocol)
	compare := func(ours, floor []time.Duration, trips int) []against {
		all := []against{ratios("the measured floor", 0, ours, floor)}
		if rtt > 0 {
			computed := time.Duration(trips) * rtt
			all = append(all, ratios(fmt.Sprintf("the floor of %v", computed), promisedRatio, ours, constant(computed, len(ours))))
		}
		return all
	}
	return []row{
		timed("scan to welcome, new person"+at, d.first, compare(d.first, d.floorFirst, newPerson)...),
		timed(fmt.Sprintf("… floor: %d bare requests", newPerson), d.floorFirst),
		timed("scan to welcome, known person"+at, d.again, compare(d.again, d.floorBack, knownPerson)...),
		timed(fmt.Sprintf("… floor: %d bare requests", knownPerson), d.floorBack),
		timed("… the tutorials' way: 5 calls, 5 connections", d.tutorial,
			ratios("our new person", 0, d.tutorial, d.first), ratios("our known person", 0, d.tutorial, d.again)),
	}
}

// floor makes bare requests on a warm connection.
type floor struct {
	client   *http.Client
	url      string
	protocol string // that was spoken: HTTP/1.1 or HTTP/2.0
}

// newFloor asks for a path that the sandbox answers without any work.
func newFloor(w *wire) *floor {
	return &floor{client: &http.Client{Transport: w.transport()}, url: w.apiURL() + "/v1.0/nothing"}
}

func (f *floor) close() { f.client.CloseIdleConnections() }

// measure makes so many requests, one after the other. One before them sees to
// it that the connection is there.
func (f *floor) measure(ctx context.Context, requests int) (time.Duration, error) {
	var began time.Time
	for i := range requests + 1 {
		if i == 1 {
			began = time.Now()
		}
		if err := f.ask(ctx); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

func (f *floor) ask(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return err
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	f.protocol = resp.Proto
	return drain(resp)
}
