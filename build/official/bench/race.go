package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// client is one of the two that are compared.
type client interface {
	appToken(ctx context.Context) error
	exchange(ctx context.Context, code string) error
	me(ctx context.Context, token string) error
}

// kind is a kind of call. Its inputs are made before the time is taken.
type kind struct {
	name   string
	inputs func(ctx context.Context, c *company, n int) ([]string, error)
	call   func(ctx context.Context, c client, input string) error
}

func kinds() []kind {
	return []kind{
		{
			"app token (accessToken)",
			func(_ context.Context, _ *company, n int) ([]string, error) { return make([]string, n), nil },
			func(ctx context.Context, c client, _ string) error { return c.appToken(ctx) },
		},
		{
			"code for a token (userAccessToken)",
			func(ctx context.Context, c *company, n int) ([]string, error) { return c.codes(ctx, n) },
			func(ctx context.Context, c client, code string) error { return c.exchange(ctx, code) },
		},
		{
			"who am I (users/me)",
			func(ctx context.Context, c *company, n int) ([]string, error) {
				token, err := c.userToken(ctx)
				return slices.Repeat([]string{token}, n), err
			},
			func(ctx context.Context, c client, token string) error { return c.me(ctx, token) },
		},
	}
}

// cost is what a call costs on average, in nanoseconds, allocations and bytes.
type cost [3]float64

// race has both clients make all kinds of calls, round by round.
func race(ctx context.Context, p plan, company *company) ([]row, error) {
	ours := newProduct(company)
	theirs, err := newSDK(company)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, kind := range kinds() {
		var costs [2][]cost
		for round := range p.rounds + 1 {
			for turn := range 2 {
				who := (round + turn) % 2
				inputs, err := kind.inputs(ctx, company, p.calls)
				if err != nil {
					return nil, fmt.Errorf("prepare %s: %w", kind.name, err)
				}
				one, err := measure(inputs, func(input string) error {
					return kind.call(ctx, []client{ours, theirs}[who], input)
				})
				if err != nil {
					return nil, fmt.Errorf("%s: %w", kind.name, err)
				}
				if round > 0 { // the first one connects
					costs[who] = append(costs[who], one)
				}
			}
		}
		for i, unit := range []string{"µs", "allocations", "kB"} {
			rows = append(rows, beside(kind.name, unit, column(costs[0], i), column(costs[1], i)))
		}
	}
	return rows, nil
}

// measure makes the calls one after the other.
func measure(inputs []string, call func(string) error) (cost, error) {
	runtime.GC() // of what was before
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	for _, input := range inputs {
		if err := call(input); err != nil {
			return cost{}, err
		}
	}
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	n := float64(len(inputs))
	return cost{
		float64(took.Nanoseconds()) / n,
		float64(after.Mallocs-before.Mallocs) / n,
		float64(after.TotalAlloc-before.TotalAlloc) / n,
	}, nil
}

// column is one of the costs, in the unit in which it is shown.
func column(costs []cost, i int) []float64 {
	var values []float64
	for _, c := range costs {
		values = append(values, c[i]/[3]float64{1e3, 1, 1e3}[i])
	}
	return values
}
