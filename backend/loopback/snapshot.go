package loopback

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
)

// snapshot is what the interface may show. frontend/src/core/snapshot.ts is the
// same in TypeScript. It holds no phone number, no e-mail address and no id of
// DingTalk's: the screen stands in a lobby.
type snapshot struct {
	Seq       uint64      `json:"seq"`
	Phase     login.Phase `json:"phase"`
	Attempt   string      `json:"attempt"`
	Embed     login.Embed `json:"embed"`
	StartedAt time.Time   `json:"started_at,omitzero"`
	ExpiresAt time.Time   `json:"expires_at,omitzero"`
	Now       time.Time   `json:"now"` // the countdown is counted from here: the browser's clock may be wrong
	Person    *person     `json:"person,omitempty"`
	Offline   *offline    `json:"offline,omitempty"`
	Network   *network    `json:"network,omitempty"`
	Clock     *wrongClock `json:"clock,omitempty"`
	Problem   *problem    `json:"problem,omitempty"`
	Hint      string      `json:"hint,omitempty"` // https_used
	Demo      bool        `json:"demo"`
	Language  string      `json:"language"`
	CanRetry  bool        `json:"can_retry"`
	Provider  string      `json:"provider_origin"`
	Key       *key        `json:"key,omitempty"`
	Disk      *problem    `json:"disk,omitempty"` // why nothing can be written for now: who comes and goes is in memory only
}

// key is why nothing is kept of who signs in.
type key struct {
	State string `json:"state"` // locked, gone, wrong or unavailable: the first word of the error's detail
}

// person is who is signed in.
type person struct {
	Name         string       `json:"name"`
	Title        string       `json:"title,omitempty"`
	JobNumber    string       `json:"job_number,omitempty"`
	Source       login.Source `json:"source"`
	VerifiedAt   time.Time    `json:"verified_at"`
	OfflineUntil time.Time    `json:"offline_until,omitzero"`

	// What the cache says of them now (package identity).
	Verdict  identity.Answer `json:"verdict"`
	Reason   identity.Reason `json:"reason"`
	UsesLeft int             `json:"uses_left"`
}

// network is what is known of the way to DingTalk; none where nothing is.
type network struct {
	State     login.ReachState `json:"state"`
	Reason    login.Trouble    `json:"reason,omitempty"`
	Since     time.Time        `json:"since,omitzero"`
	NextTryAt time.Time        `json:"next_try_at,omitzero"` // by the same clock as «now»
}

// wrongClock is there when somebody should mend the machine's clock.
type wrongClock struct {
	Suspended  bool  `json:"suspended"` // nobody may sign in offline until DingTalk has answered once
	OffSeconds int64 `json:"off_seconds"`
}

// problem is why there is none.
type problem struct {
	Code   login.Code `json:"code"`
	Detail string     `json:"detail,omitempty"`
}

func problemOf(err error) problem {
	return problem{Code: login.CodeOf(err), Detail: login.DetailOf(err)}
}

// view is the snapshot of the service as the interface gets it.
func (s *Server) view(ctx context.Context, snap login.Snapshot) snapshot {
	now := s.opts.Now()
	v := snapshot{
		Seq: snap.Seq, Phase: snap.Phase, Attempt: snap.AttemptID, Embed: snap.Embed,
		StartedAt: onClock(now, snap.StartedAt), ExpiresAt: onClock(now, snap.ExpiresAt), Now: now.UTC(),
		Hint: s.hint.of(snap.AttemptID), Demo: s.opts.Demo, Language: s.opts.Language, CanRetry: s.opts.CanRetry,
		Provider: s.opts.ProviderOrigin, Offline: s.offline(ctx),
	}
	at := s.opts.Clock()
	if rec := snap.Record; rec != nil {
		verdict := s.verdict(snap, at)
		v.Person = &person{
			Name: rec.Identity.DisplayName(), Title: rec.Identity.Title, JobNumber: rec.Identity.JobNo,
			Source: snap.Source, VerifiedAt: rec.VerifiedAt, OfflineUntil: s.opts.Policy.Until(*rec),
			Verdict: verdict.Answer, Reason: verdict.Reason, UsesLeft: verdict.UsesLeft,
		}
	}
	if at.Trust == identity.Behind || at.Wrong() {
		v.Clock = &wrongClock{Suspended: at.Trust == identity.Behind, OffSeconds: int64(at.Off / time.Second)}
	}
	if s.opts.Network != nil {
		reach := s.opts.Network.Reach()
		v.Network = &network{
			State: reach.State, Reason: reach.Trouble,
			Since: onClock(now, reach.Since), NextTryAt: onClock(now, reach.NextTry),
		}
	}
	if s.opts.Locked != nil {
		v.Key = keyOf(s.opts.Locked())
	}
	if s.opts.Unwritten != nil {
		if err := s.opts.Unwritten(); err != nil {
			p := problemOf(err)
			v.Disk = &p
		}
	}
	if snap.Err != nil {
		p := problemOf(snap.Err)
		v.Problem = &p
	}
	return v
}

// verdict is what the cache says of the person of a snapshot, whom there must be.
func (s *Server) verdict(snap login.Snapshot, at identity.Moment) identity.Verdict {
	if snap.Entered {
		return identity.DecideEntered(*snap.Record, s.opts.Policy, at)
	}
	return identity.Decide(*snap.Record, s.opts.Policy, at)
}

func keyOf(err error) *key {
	if err == nil {
		return nil
	}
	state, _, _ := strings.Cut(login.DetailOf(err), ":")
	return &key{state}
}

// onClock tells a moment by the clock as it stands now: all that counts is how
// far away it is, and a clock that was set meanwhile (NTP at boot) would make a
// fresh code expired, or good for an hour. Both carry Go's monotonic reading.
func onClock(now, moment time.Time) time.Time {
	if moment.IsZero() {
		return moment
	}
	return now.Add(moment.Sub(now)).UTC()
}

// snapshot answers GET /api/snapshot.
func (s *Server) snapshot(w http.ResponseWriter, r *http.Request) {
	s.opts.Service.Refresh(r.Context())
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s.view(r.Context(), s.opts.Service.Snapshot())) // the page is gone if this fails
}
