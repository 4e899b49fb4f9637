package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

func cacheRestoreCommand() command {
	return command{
		name:    "cache restore",
		operand: "FILE",
		summary: "put a copy that «cache backup» made in the place of the database, which is kept beside it",
		example: "dingpass cache restore /media/backup/dingpass.db",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runCacheRestore,
	}
}

// restoreResult is the JSON of «cache restore».
type restoreResult struct {
	Event string `json:"event"`          // restored
	File  string `json:"file"`           // the copy
	Kept  string `json:"kept,omitempty"` // where the database of before is; none where there was none

	// Marks are the marks outside the database: kept, where they are those of
	// before; made_anew, where there were none any more; none, where the key
	// source has no place for them.
	Marks string `json:"marks"`

	// Distrusted says that no PIN, badge or count is taken of anybody who has not
	// signed in with DingTalk since. It is false where nothing was ever sealed.
	Distrusted bool `json:"distrusted"`
}

func runCacheRestore(ctx context.Context, p *Program, line *line) error {
	r, err := p.cacheRestore(ctx, line)
	if err != nil {
		return p.failed(line, err)
	}
	for _, said := range r.words(p.language(line)) {
		p.say("%s", said)
	}
	if line.json() {
		return p.result(r)
	}
	_, err = fmt.Fprintf(p.Stdout, "restored: %s\n", r.File)
	return err
}

func (p *Program) cacheRestore(ctx context.Context, line *line) (r restoreResult, err error) {
	settings, err := p.settings(line)
	if err != nil {
		return r, err
	}
	file, err := filepath.Abs(line.operand)
	if err != nil {
		return r, usage("%q is no path", line.operand)
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return r, usage("there is no file %s", file)
	}
	taken, err := store.BeginRestore(ctx, settings.DataDir, file)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, taken.Close()) }()
	sealed, err := p.prepare(ctx, settings, taken, file+".key.json")
	if err != nil {
		return r, err
	}
	r = restoreResult{Event: "restored", File: file, Marks: "none", Distrusted: sealed}
	if r.Kept, err = taken.Place(ctx); err != nil {
		return r, err
	}
	if err := p.settle(ctx, settings, taken, &r); err != nil {
		return r, p.halfDone(line, r, err)
	}
	return r, nil
}

// prepare makes the copy in its room ready to be the database: it has the label
// that opens it, today's schema, and an entry in its log that says what becomes
// of it. sealed is false where nothing in it ever was, and nothing is needed.
func (p *Program) prepare(ctx context.Context, settings config.Settings, taken *store.Restore, label string) (sealed bool, err error) {
	room := inRoom(settings, taken)
	err = p.vault(room, nil).TakeLabel(p.vault(settings, nil), label)
	switch none := vault.StateOf(err) == vault.None; {
	case none && taken.Key == "":
		return false, nil
	case none:
		return false, &login.Error{Code: login.KeyUnavailable, Err: vault.Gone, Detail: "gone: " + label + " is missing, which says which key opens the copy"}
	case err != nil:
		return false, err
	}
	o, r := p.databaseOf(room, true)
	outside := o.Anchor
	o.ReadOnly, o.Anchor = false, nil // the head outside is another database's until the copy is in place
	o.Unlock = func(ctx context.Context, sealed bool) (store.Keys, error) {
		found, err := r.unlockToRead(ctx, sealed)
		if all, ok := found.(keys); err == nil && ok && taken.Key != "" {
			_, err = all.Key(taken.Key, vault.Sealing) // gone, where a rotation has given it up since
		}
		return found, err
	}
	db, err := p.openAs(ctx, o, r)
	if err != nil {
		return false, err
	}
	err = db.Locked()
	if err == nil {
		err = noteRestored(ctx, db, outside)
	}
	return true, errors.Join(err, db.Close())
}

// inRoom are the settings of the copy while it lies in its room.
func inRoom(settings config.Settings, taken *store.Restore) config.Settings {
	settings.DataDir = taken.Room
	return settings
}

// noteRestored writes into the copy's log what becomes of it. A head that is gone
// is why somebody restores on another machine, and tells nothing.
func noteRestored(ctx context.Context, db *database, outside store.Anchor) error {
	head, err := store.HeadOf(ctx, outside)
	if errors.Is(err, store.ErrHeadGone) {
		head, err = nil, nil
	}
	if err != nil {
		return err
	}
	return db.NoteRestored(ctx, head)
}

// settle has the copy, which is in place, found by its key, and has the marks
// outside go on from it. It comes after the copy: killed in between, the label is
// another database's, and the same command once more finds the copy's own.
func (p *Program) settle(ctx context.Context, settings config.Settings, taken *store.Restore, r *restoreResult) error {
	here, kept := p.vault(settings, nil), ""
	if r.Kept != "" {
		kept = r.Kept + ".key.json" // as beside any copy
	}
	if err := here.AdoptLabel(ctx, p.vault(inRoom(settings, taken), nil), kept); err != nil || !r.Distrusted {
		return err
	}
	anchor, err := here.Anchor()
	if errors.Is(err, vault.ErrNoAnchor) {
		return nil
	}
	if err != nil {
		return err
	}
	made, err := anchor.Mend(ctx)
	if err != nil {
		return err
	}
	if r.Marks = "kept"; made {
		r.Marks = "made_anew"
	}
	db, err := p.openToWrite(ctx, settings) // Close moves the head outside on
	if err != nil {
		return err
	}
	return errors.Join(db.Standing(ctx).Err, db.Close())
}

// halfDone says where everything is when the copy is in place and the rest could
// not be done.
func (p *Program) halfDone(line *line, r restoreResult, err error) error {
	for _, said := range []string{textOf(restoreTexts, p.language(line)).halfDone, r.keptWords(p.language(line))} {
		if said != "" {
			p.say("%s", said)
		}
	}
	return err
}
