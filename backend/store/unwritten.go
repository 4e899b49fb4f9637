package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/signlog"
)

// unwritten is what could not be written yet: it is in memory only, and goes to
// the disk before whatever is written next. The journal has it.
type unwritten struct {
	entries []signlog.Entry           // oldest first
	counts  map[counted]offline.Tally // on top of what is on the disk
	refused map[identity.Who]refusal
	current *identity.Record // the one of Store.held, who is to be the current one; nil = no change

	why error // why the disk takes nothing; nil where that is not what it waits for
}

func (u unwritten) none() bool {
	return len(u.entries) == 0 && len(u.counts) == 0 && len(u.refused) == 0 && u.current == nil
}

// waits reports an error after which something is held in memory, because the
// disk does not take it for now. What was opened to read will never write it.
func waits(err error) bool { return cannotWrite(err) && !errors.Is(err, errReadOnly) }

// Unwritten says why nothing can be written for now, and what there is to write
// waits in memory and ends with this process: a *login.Error. It is nil while all
// is on disk.
func (s *Store) Unwritten() error {
	if s.why != nil && waits(s.why) {
		return s.fail("write", s.why)
	}
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.late.why
}

// isNobody reports whether a record is in the place of somebody who has signed
// out.
func isNobody(rec *identity.Record) bool { return rec.Identity.UserID == "" }

// plus are two counts together, neither of them less than nothing.
func plus(a, b offline.Tally) offline.Tally {
	sum := offline.Tally{Failed: max(0, a.Failed+b.Failed), Uses: max(0, a.Uses+b.Uses), Last: a.Last}
	if b.Last.After(a.Last) {
		sum.Last = b.Last
	}
	return sum
}

// counted is what is counted in memory only.
func (j *journal) counted(of counted) offline.Tally {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.late.counts[of]
}

// count adds to what is counted in memory what a step has added.
func (j *journal) count(of counted, was, is offline.Tally, why error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.add(of, offline.Tally{Failed: is.Failed - was.Failed, Uses: is.Uses - was.Uses, Last: is.Last})
	if j.late.why = why; j.late.none() {
		j.late.why = nil
	}
	j.nudge()
}

// add adds to a count, and forgets one that is none.
func (j *journal) add(of counted, more offline.Tally) {
	now := j.late.counts[of]
	now.Failed, now.Uses = now.Failed+more.Failed, now.Uses+more.Uses
	if more.Last.After(now.Last) {
		now.Last = more.Last
	}
	if j.late.counts == nil {
		j.late.counts = make(map[counted]offline.Tally)
	}
	if j.late.counts[of] = now; now.Failed == 0 && now.Uses == 0 {
		delete(j.late.counts, of)
	}
}

// inMemory is all that waits.
func (j *journal) inMemory() unwritten {
	j.mu.Lock()
	defer j.mu.Unlock()
	late := j.late
	late.entries, late.counts, late.refused = slices.Clone(late.entries), maps.Clone(late.counts), maps.Clone(late.refused)
	return late
}

// refuse remembers DingTalk's no.
func (j *journal) refuse(who identity.Who, no refusal, why error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.late.refused == nil {
		j.late.refused = make(map[identity.Who]refusal)
	}
	j.late.refused[who] = no
	if waits(why) {
		j.late.why = why
	}
	j.nudge()
}

// noTo is DingTalk's no to a person that waits in memory, as far as it is said of
// an answer; "" where none is.
func (j *journal) noTo(who identity.Who, verifiedAt time.Time) identity.Reason {
	j.mu.Lock()
	defer j.mu.Unlock()
	no := j.late.refused[who]
	if !no.holds(verifiedAt) {
		return ""
	}
	return no.reason
}

// committed takes note of what is on disk. More may have come meanwhile.
func (j *journal) committed(written unwritten) {
	j.mu.Lock()
	defer j.mu.Unlock()
	there := make(map[string]bool, len(written.entries))
	for _, e := range written.entries {
		there[e.ID] = true
	}
	j.late.entries = slices.DeleteFunc(j.late.entries, func(e signlog.Entry) bool { return there[e.ID] })
	for of, tally := range written.counts {
		j.add(of, offline.Tally{Failed: -tally.Failed, Uses: -tally.Uses})
	}
	for who, no := range written.refused {
		if j.late.refused[who] == no {
			delete(j.late.refused, who)
		}
	}
	if j.late.current == written.current {
		j.late.current = nil
	}
	j.late.why = nil
	j.nudge()
}

// writeLate writes what waited, but for the entries, and leaves in late what was
// written. What cannot be counted on, because a count on the disk was changed
// or its row is under another key for now, goes on waiting, as does what is said
// of a person whose row cannot be read.
func (s *Store) writeLate(ctx context.Context, t *tx, late *unwritten) error {
	for of, tally := range late.counts {
		ok, err := s.Offline().writeCount(ctx, t, of, tally)
		if err != nil {
			return err
		}
		if !ok {
			delete(late.counts, of)
		}
	}
	for who, no := range late.refused {
		err := s.amendRow(ctx, t, identity.Identity{CorpID: who.CorpID, UserID: who.UserID}, no.amend)
		switch {
		case isUnreadable(err):
			delete(late.refused, who)
		case err != nil:
			return err
		}
	}
	if late.current == nil {
		return nil
	}
	if isNobody(late.current) {
		_, err := t.ExecContext(ctx, "DELETE FROM current")
		return err
	}
	r, err := s.findPerson(ctx, t, late.current.Identity.CorpID, late.current.Identity.UserID)
	if errors.Is(err, sql.ErrNoRows) { // forgotten by another process
		return nil
	}
	return errors.Join(err, makeCurrent(ctx, t, r))
}

// writeCount adds to a count. That of a person who was forgotten is over.
func (o *Offline) writeCount(ctx context.Context, t *tx, of counted, tally offline.Tally) (ok bool, err error) {
	if of.isPerson() {
		r, err := o.store.findPerson(ctx, t, of.who.CorpID, of.who.UserID)
		if errors.Is(err, sql.ErrNoRows) {
			return true, nil
		}
		if err != nil || !bytes.Equal(r.userKey, o.userKey(of.who)) {
			return false, err
		}
	}
	was, err := o.tally(ctx, t, of)
	if isUnreadable(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, o.moveTally(ctx, t, of, was, plus(was, tally))
}

// countInMemory is Tries where nothing can be written, which is why. What is
// held is read first: what is written meanwhile counts twice rather than not.
func (o *Offline) countInMemory(ctx context.Context, of counted, why error, change func(*offline.Tallies)) error {
	j := o.store.journal
	j.counting.Lock()
	defer j.counting.Unlock()
	person, all := j.counted(of), j.counted(device)
	disk, err := o.tallies(ctx, o.store.read, of)
	if err != nil {
		return err
	}
	was := offline.Tallies{Person: plus(disk.Person, person), Device: plus(disk.Device, all), Unwritten: why}
	is := was
	change(&is)
	j.count(of, was.Person, is.Person, why)
	j.count(device, was.Device, is.Device, why)
	return nil
}

// holdCurrent makes somebody the current one in memory, or nobody, and keeps the
// entry of it for later.
func (s *Store) holdCurrent(ctx context.Context, rec *identity.Record, e signlog.Entry, why error) {
	s.held.Store(rec)
	s.journal.mu.Lock()
	s.journal.late.current = rec
	s.journal.mu.Unlock()
	s.holdEntry(ctx, s.stamp(e), why)
}
