package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/dingpass/dingpass/backend/store"
	"github.com/dingpass/dingpass/backend/vault"
)

func cacheBackupCommand() command {
	return command{
		name:    "cache backup",
		operand: "FILE",
		summary: "copy the database while it is in use; the copy is sealed too, and its key is not in it",
		example: "dingpass cache backup /media/backup/dingpass.db",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runCacheBackup,
	}
}

func cacheRotateCommand() command {
	return command{
		name:    "cache rotate",
		summary: "seal the database with a new key, and give up the old one",
		example: "dingpass cache rotate",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runCacheRotate,
	}
}

// backupResult is the JSON of «cache backup».
type backupResult struct {
	Event string `json:"event"` // backed_up
	File  string `json:"file"`
	Label string `json:"label,omitempty"` // says which key opens the copy, and belongs to it; none where nothing is sealed
}

func runCacheBackup(ctx context.Context, p *Program, line *line) error {
	r, err := p.cacheBackup(ctx, line)
	if err != nil {
		return p.failed(line, err)
	}
	if line.json() {
		return p.result(r)
	}
	_, err = fmt.Fprintln(p.Stdout, r.File)
	return err
}

func (p *Program) cacheBackup(ctx context.Context, line *line) (backupResult, error) {
	settings, err := p.settings(line)
	if err != nil {
		return backupResult{}, err
	}
	file, err := filepath.Abs(line.operand)
	if err != nil {
		return backupResult{}, usage("%q is no path", line.operand)
	}
	db, err := p.openToRead(ctx, settings)
	if err != nil {
		return backupResult{}, err
	}
	r := backupResult{"backed_up", file, file + ".key.json"}
	if err = db.Backup(ctx, file); err == nil {
		err = p.vault(settings, nil).CopyLabel(r.Label)
	}
	if vault.StateOf(err) == vault.None {
		r.Label, err = "", nil
	}
	return r, errors.Join(err, db.Close())
}

// rotateResult is the JSON of «cache rotate».
type rotateResult struct {
	Event string `json:"event"` // rotated
	Key   string `json:"key"`   // the id of the new key
}

func runCacheRotate(ctx context.Context, p *Program, line *line) error {
	r, err := p.cacheRotate(ctx, line)
	if err != nil {
		return p.failed(line, err)
	}
	if line.json() {
		return p.result(r)
	}
	_, err = fmt.Fprintf(p.Stdout, "sealed with key %s\n", r.Key)
	return err
}

func (p *Program) cacheRotate(ctx context.Context, line *line) (rotateResult, error) {
	settings, err := p.settings(line)
	if err != nil {
		return rotateResult{}, err
	}
	v := p.vault(settings, nil)
	before, err := v.Open(ctx)
	if err != nil {
		return rotateResult{}, err
	}
	db, err := p.openToWrite(ctx, settings)
	if err != nil {
		return rotateResult{}, err
	}
	fresh, err := rotate(ctx, v, before, db.Store)
	return rotateResult{"rotated", fresh}, errors.Join(err, db.Close())
}

// rotate makes a new key, seals the database with it and gives the others up. A
// rotation that was killed on its way is brought to its end first, so that the
// vault never has more than two keys. A kill at any point leaves what the next
// start, or the next rotation, goes on from.
func rotate(ctx context.Context, v *vault.Vault, before *vault.Keys, db *store.Store) (id string, err error) {
	if err := retire(ctx, v, before, db); err != nil {
		return "", err
	}
	fresh, err := v.Rotate(ctx)
	if err != nil {
		return "", err
	}
	if err := db.Unlock(ctx); err != nil { // which seals everybody anew
		return "", err
	}
	return fresh.Current(), retire(ctx, v, fresh, db)
}

// retire gives up the keys that the database does not need from the vault any
// more. One that another process has given up meanwhile is gone as well, and
// those of a file that another database has named stay.
func retire(ctx context.Context, v *vault.Vault, keys *vault.Keys, db *store.Store) error {
	if locked := db.Locked(); locked != nil { // then nothing was sealed: the next start does it
		return locked
	}
	used, err := db.KeysInUse(ctx)
	if err != nil {
		return err
	}
	for _, id := range keys.IDs() {
		if id == keys.Current() || slices.Contains(used, id) {
			continue
		}
		_, err := v.Retire(ctx, id)
		if errors.Is(err, vault.ErrShared) {
			return nil
		}
		if err != nil && vault.StateOf(err) != vault.Gone {
			return err
		}
	}
	return nil
}
