package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/signlog"
)

// Anchor keeps the head of the sign-in log, and the epoch, where the database
// file is not, so that an older copy of the file, or a log whose end was cut, is
// noticed. It is asked in the background, and where a key is begun, and may be
// slow. Calls end with their context.
type Anchor interface {
	// Read is the head that was kept last, the zero Head before the first; an
	// error that wraps ErrNoAnchor where there turns out to be no place for one.
	Read(ctx context.Context) (signlog.Head, error)

	// Advance keeps a head, and returns once it has been read back. It may
	// refuse one that is not longer than the one that is kept.
	Advance(ctx context.Context, to signlog.Head) error

	// Epoch is the epoch that was kept last, 0 before the first, and AdvanceEpoch
	// keeps one. Their errors are as above.
	Epoch(ctx context.Context) (uint64, error)
	AdvanceEpoch(ctx context.Context, to uint64) error
}

// ErrHeadGone is an [Anchor]'s answer where the head was removed, or something
// else is in its place.
var ErrHeadGone = errors.New("the head outside the database is gone")

// ErrNoAnchor is an [Anchor]'s answer where nothing can be kept outside.
var ErrNoAnchor = errors.New("there is no place outside the database")

// State is how the log stands against the head outside.
type State string

// The states.
const (
	Unknown    State = "unknown"    // the head outside could not be read yet; see Standing.Err
	Unanchored State = "unanchored" // there is no place for one: a cut does not show
	Removed    State = "removed"    // there was one, and it is gone; see Standing.Err
	Sound      State = "sound"
	Stale      State = "stale" // an older copy of the database, or a log that was tampered with
)

// Standing is what the head outside says of the database.
type Standing struct {
	State State
	Err   error // why it is Unknown or Removed

	// Cut is the sequence of the entry that says that the database was last found
	// stale, by this process or an earlier one; 0 if it never was. Where the head
	// is Removed it is that of the last entry there was when this was found.
	Cut int64

	// Recovered is how many entries were found beyond the head: written just
	// before a process died, or by another one that runs. They chain onto it.
	Recovered int64
}

// Distrusts reports whether what the database says of a person's PIN, badge
// and counts may be of an older copy: the person has not signed in with DingTalk
// since it was found stale. An answer of DingTalk's that nobody scanned for says
// nothing of these.
//
// Where the head is Removed, nobody is trusted: whoever puts an older copy in
// place can take the head away as well, so nothing could be told by their leaving
// it. Where it is Unknown, people are trusted: it lies where the key lies, and
// the key was just had from there, so that this is a keychain which is slow for
// a moment, as after a start; whoever can keep it from answering for long keeps
// the key back too, without which no PIN is taken. To refuse people then would
// lock everybody out whenever a kiosk starts without a network. It is shown, and
// looked at again.
func (s Standing) Distrusts(rec identity.Record) bool {
	return s.State == Removed || rec.Log.SignedIn < s.Cut
}

// doubts reports whether what DingTalk has said of a person may be of an older
// copy: it has not answered since. Where the head is Removed, only a sign-in
// counts, and for as long as this process runs. Nobody waits for a look at the
// head here, and before the first nothing is doubted.
func (j *journal) doubts(of identity.LogLengths) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := j.standing
	return of.Answered < now.Cut || now.State == Removed && of.SignedIn < now.Cut
}

// Standing tells how the log stands. It waits for the first look at the head
// outside, as long as ctx allows; Unknown where that is not long enough.
func (s *Store) Standing(ctx context.Context) Standing {
	if s.journal.stop == nil { // opened to read: nobody else looks
		err := s.again(ctx, func() error { _, err := s.look(ctx); return err })
		if err != nil {
			s.journal.stand(s.standingOf(ctx, err))
		}
		s.journal.settle()
	}
	select {
	case <-s.journal.looked:
	case <-ctx.Done():
	}
	cut := s.lastCut(context.WithoutCancel(ctx))
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	if now := s.journal.standing.State; now == "" || now == Unknown || now == Unanchored {
		s.journal.standing.Cut = cut
	}
	now := s.journal.standing
	if now.State == "" {
		now.State, now.Err = Unknown, ctx.Err()
	}
	return now
}

// lastCut is the last cut that the log itself tells of, whatever is outside; 0
// where it cannot be read, as nothing else then.
func (s *Store) lastCut(ctx context.Context) int64 {
	_, cut, err := s.end(ctx, s.read)
	if err != nil || s.Locked() != nil {
		return 0
	}
	return cut
}

// stand takes note of the standing. What was stale once stays so to the end of
// the process, and a failure to look again takes nothing back.
func (j *journal) stand(now Standing) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch was := j.standing; {
	case was.State == Stale, was.State == Sound && now.State == Unknown:
		return
	case was.State == Sound && now.State == Sound:
		now.Recovered = was.Recovered // later ones are those of the moment
	case was.State == Removed && now.State == Removed:
		now.Cut = was.Cut // who has signed in since has
	}
	j.standing = now
}

// tendHead brings the head outside to where the log is. Where the log does not
// go on from it, that is written into the log first.
func (s *Store) tendHead(ctx context.Context) error {
	if s.journal.anchor == nil {
		return nil
	}
	err := s.moveHead(ctx)
	if err == nil {
		return nil
	}
	s.journal.stand(s.standingOf(ctx, err))
	if errors.Is(err, ErrNoAnchor) {
		return nil
	}
	return err
}

// standingOf is the standing of a log whose head outside cannot be read.
func (s *Store) standingOf(ctx context.Context, err error) Standing {
	switch {
	case errors.Is(err, ErrNoAnchor):
		return Standing{State: Unanchored}
	case errors.Is(err, ErrHeadGone):
		last, _, endErr := s.end(ctx, s.read)
		return Standing{State: Removed, Err: errors.Join(err, endErr), Cut: last.Sequence}
	}
	return Standing{State: Unknown, Err: err}
}

func (s *Store) moveHead(ctx context.Context) (err error) {
	last, _, err := s.end(ctx, s.read)
	epoch := s.keyring.epoch()
	if err != nil || last.Sequence == s.journal.anchored && epoch == s.journal.epoch {
		return err
	}
	if s.journal.anchored < 0 { // a first look without the lock, which a read-only disk does not have
		seen, err := s.look(ctx)
		if err != nil {
			return err
		}
		if seen.missing == nil && !seen.older && seen.last == seen.outside.Length && seen.epoch == epoch {
			s.journal.anchored, s.journal.epoch = seen.last, epoch
			return nil
		}
	}
	turn := flock.New(filepath.Join(filepath.Dir(s.path), "log.lock"), flock.SetPermissions(0o600))
	if _, err := turn.TryLockContext(ctx, lockPoll); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, turn.Close()) }()
	return s.advance(ctx)
}

// advance is moveHead's turn among all processes. Another may have had its turn
// in the meantime.
func (s *Store) advance(ctx context.Context) error {
	seen, err := s.look(ctx)
	if err != nil {
		return err
	}
	if seen.missing != nil || seen.older {
		cut := s.stamp(signlog.Entry{Event: signlog.LogCut, Missing: seen.missing})
		err := s.logged(ctx, func(t *tx) (_ signlog.Entry, err error) {
			if seen.older {
				err = catchUpEpoch(ctx, t, seen.epoch)
			}
			return cut, err
		})
		if err != nil {
			return err
		}
		s.log.ErrorContext(ctx, "the database does not go on from what is kept of it outside: it is an older copy, or its sign-in log was changed",
			"missing", seen.missing, "older_key", seen.older)
	}
	last, _, err := s.end(ctx, s.read)
	if err != nil {
		return err
	}
	if last.Sequence > seen.outside.Length {
		if err := s.journal.anchor.Advance(ctx, signlog.Head{Length: last.Sequence, Link: last.Link}); err != nil {
			return err
		}
	}
	return s.advanceEpoch(ctx, seen.epoch, last.Sequence)
}

// sight is what a look has seen.
type sight struct {
	outside signlog.Head
	last    int64         // the sequence of the last row
	missing *signlog.Span // what is not as the head outside says; nil where all is

	epoch uint64 // outside
	older bool   // the file does not have it
}

// look compares the log with the head outside, and takes note of how it stands.
// The head is read first: a log that grows meanwhile is only longer.
func (s *Store) look(ctx context.Context) (seen sight, err error) {
	if s.journal.anchor == nil {
		return sight{}, nil
	}
	if seen.outside, err = s.journal.anchor.Read(ctx); err != nil {
		return seen, err
	}
	if seen.epoch, seen.older, err = s.lookAtEpoch(ctx); err != nil {
		return seen, err
	}
	last, cut, err := s.end(ctx, s.read)
	if err != nil {
		return seen, err
	}
	seen.last = last.Sequence
	from, err := s.noted(ctx, cut, seen.outside)
	if err != nil {
		return seen, err
	}
	if seen.missing, err = s.missing(ctx, last.Sequence, from); err != nil {
		return seen, err
	}
	if err := s.notBehind(ctx, s.read); err != nil { // a row under a key that is not here yet is not a wrong one
		return seen, err
	}
	if seen.missing != nil || seen.older {
		s.journal.stand(Standing{State: Stale, Cut: following(last.Sequence, seen.missing)})
		return seen, nil
	}
	s.journal.stand(Standing{State: Sound, Cut: cut, Recovered: last.Sequence - seen.outside.Length})
	return seen, nil
}

// noted is the head from which on the log is to be read: the one outside, unless
// the last cut says already what is missing up to there. Then it was written and
// the head could not be moved behind it, and it is not to be written at each try.
func (s *Store) noted(ctx context.Context, cut int64, outside signlog.Head) (signlog.Head, error) {
	r, err := findLogRow(ctx, s.read, "WHERE seq = ?", cut)
	if errors.Is(err, sql.ErrNoRows) {
		return outside, nil
	}
	if err != nil {
		return signlog.Head{}, err
	}
	e, err := s.openLogRow(r)
	if err != nil || e.Sequence != r.Sequence || e.Missing == nil || e.Missing.Through < outside.Length {
		return outside, nil //nolint:nilerr // what an entry is that cannot be read, verifying tells
	}
	return signlog.Head{Length: r.Sequence, Link: r.Link}, nil
}

// missing is what a log that ends with this sequence lacks of the one that a head
// is of; nil where that is nothing.
func (s *Store) missing(ctx context.Context, last int64, head signlog.Head) (*signlog.Span, error) {
	if last < head.Length {
		return &signlog.Span{From: last + 1, Through: head.Length}, nil
	}
	return s.follow(ctx, head)
}

// follow reads the rows from a head on, and tells the first that is not the one
// it should be; nil where all are.
func (s *Store) follow(ctx context.Context, head signlog.Head) (*signlog.Span, error) {
	chain, err := s.chain()
	if err != nil {
		return nil, err
	}
	before, err := findLogRow(ctx, s.read, "WHERE seq < ? ORDER BY seq DESC LIMIT 1", head.Length)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	prev, want := before.Link, head
	for r, err := range s.logRows(ctx, head.Length) {
		if err != nil {
			return nil, err
		}
		holds, _ := chain.Holds(prev, r)
		if want.Length > 0 && r.Sequence > want.Length && holds && s.tells(r, want.Length) {
			want = signlog.Head{} // it was found missing, and is no news
		}
		if want.Length > 0 && (r.Sequence != want.Length || !bytes.Equal(r.Link, want.Link)) {
			return &signlog.Span{From: want.Length, Through: want.Length}, nil
		}
		if !holds {
			return &signlog.Span{From: r.Sequence, Through: r.Sequence}, nil
		}
		prev, want = r.Link, signlog.Head{} // only the first row is the head's
	}
	return nil, nil // nothing is missing
}

// tells reports whether a row says that the row with a sequence is missing: of a
// copy that was restored, and where a process was killed between that and the
// head outside.
func (s *Store) tells(r signlog.Row, sequence int64) bool {
	e, err := s.openLogRow(r)
	return err == nil && e.Missing != nil && e.Missing.From <= sequence && sequence <= e.Missing.Through
}
