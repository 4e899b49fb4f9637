package login_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/signlog"
)

func TestRefusalsAreNotedAndWhatNobodyDidIsNot(t *testing.T) {
	t.Parallel()
	says := func(code login.Code) func(context.Context, string) (identity.Identity, error) {
		return func(context.Context, string) (identity.Identity, error) {
			return identity.Identity{}, &login.Error{Code: code}
		}
	}
	hangs := func(ctx context.Context, _ string) (identity.Identity, error) {
		<-ctx.Done()
		return identity.Identity{}, login.Fail(login.Network, ctx.Err())
	}
	confirmed := func(s *login.Service, state string) { s.Complete(answer(state, "c1")) }
	for name, c := range map[string]struct {
		identify func(ctx context.Context, code string) (identity.Identity, error)
		keep     func(ctx context.Context, rec identity.Record) error
		do       func(s *login.Service, state string)
		want     []login.Code
	}{
		"no member":                 {identify: says(login.NotMember), do: confirmed, want: []login.Code{login.NotMember}},
		"DingTalk is away":          {identify: says(login.Network), do: confirmed, want: []login.Code{login.Network}},
		"the answer takes too long": {identify: hangs, do: func(s *login.Service, state string) { confirmed(s, state); <-time.After(2 * login.DefaultAnswerWithin) }, want: []login.Code{login.Network}},
		"refused on the phone":      {do: func(s *login.Service, state string) { s.Complete(login.Callback{State: state, Denied: true}) }, want: []login.Code{login.Denied}},
		"it could not be stored": {keep: func(context.Context, identity.Record) error {
			return login.Fail(login.StoreUnavailable, errors.New("full"))
		}, do: confirmed, want: []login.Code{login.StoreUnavailable}},
		"signed in":                   {do: confirmed},
		"given up":                    {do: func(s *login.Service, _ string) { s.Cancel() }},
		"given up after the scan":     {identify: hangs, do: func(s *login.Service, state string) { confirmed(s, state); synctest.Wait(); s.Cancel() }},
		"nobody came":                 {do: func(*login.Service, string) { <-time.After(2 * login.DefaultLifetime) }},
		"an answer to nobody's state": {do: func(s *login.Service, _ string) { confirmed(s, "another") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				st := &fakeStore{keep: c.keep}
				s := open(t, &fakeProvider{identify: c.identify}, st)
				state := begin(t, s)
				attempt := s.Snapshot().AttemptID
				c.do(s, state)
				synctest.Wait()
				var codes []login.Code
				for _, e := range st.noted() {
					codes = append(codes, login.Code(e.Code))
					if e.Event != signlog.Refused || e.Method != signlog.ByQR || e.Source != signlog.FromDingTalk || e.ID != attempt {
						t.Errorf("entry = %+v", e)
					}
				}
				if !slices.Equal(codes, c.want) {
					t.Errorf("noted %v, want %v", codes, c.want)
				}
			})
		})
	}
}
