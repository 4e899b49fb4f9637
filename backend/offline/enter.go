package offline

import (
	"context"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Pass is the leave of one person to come in. Only [SignIn.ByPIN] and
// [SignIn.ByBadge] make one that is good for anybody.
type Pass struct {
	who identity.Who
	by  signlog.Method
	at  identity.Moment // at which it was decided
}

// Enter lets in by a pass, in one step: the use is counted, what a PIN was tried
// for is taken back, the person is the current one, and the sign-in log says so;
// after an error none of it is. The verdict may forbid it after all: another
// process may have used up what was left, or have heard DingTalk's no.
func (s *SignIn) Enter(ctx context.Context, p *Pass) (r Result, err error) {
	if p == nil {
		return Result{Refused: BadBadge}, nil
	}
	err = s.Store.Enter(ctx, p.who, p.by, func(rec identity.Record, t *Tallies) (in bool) {
		if p.by == signlog.ByPIN {
			t.release()
		}
		v := s.decide(rec, t, p.at)
		r = Result{Refused: reasonOf(v), Tried: rec.Identity}
		if v.Answer != identity.Allow {
			return false
		}
		t.Person.Uses++
		t.Device.Uses++
		rec.Used = t.used()
		v.UsesLeft--
		r = Result{Person: rec, Verdict: v, Tried: rec.Identity}
		return true
	})
	if err != nil {
		return Result{}, err
	}
	if r.Allowed() {
		s.Clock.Relied(ctx, p.at)
	}
	return r, nil
}
