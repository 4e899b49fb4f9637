package command

import (
	"context"
	"fmt"
	"time"

	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/store"
)

// glanceWithin is how long a verdict may wait for the look at the head of the
// sign-in log, where nobody is about to come in by it.
const glanceWithin = 200 * time.Millisecond

// glance finds out whether the database is an older copy: who is read from then
// on is told accordingly (identity.Record.Stale). Where the head outside does not
// answer so soon, only the log's own word of an older copy counts, and a keychain
// that is slow turns nobody away.
func (db *database) glance(ctx context.Context) {
	if db.Locked() != nil { // nobody can be read, and the head is where the key is
		return
	}
	ctx, cancel := context.WithTimeout(ctx, max(glanceWithin, db.patience))
	defer cancel()
	db.Standing(ctx)
}

// lookAgain has the person who is shown read once more when the head has been
// looked at, however long that takes.
func (c *core) lookAgain(ctx context.Context) {
	c.store.Standing(ctx)
	c.service.Refresh(ctx)
}

// checkOlder is what doctor says of a database that is whole, and may be an older
// copy; ok is false where it is not.
func (d *doctor) checkOlder(ctx context.Context) (f finding, ok bool) {
	db, err := d.p.openToRead(ctx, d.settings)
	if err != nil {
		return d.problemFound(err), true
	}
	defer func() { _ = db.Close() }() // read only: nothing can be lost
	if db.Locked() != nil {
		return finding{}, false // told under key
	}
	ctx, cancel := context.WithTimeout(ctx, max(lookWithin, db.patience))
	defer cancel()
	switch now := db.Standing(ctx); {
	case now.State == store.Stale:
		found := "an older copy, or its sign-in log was changed"
		return finding{
			Status: wrong, Found: found, Mend: "«dingpass log verify» tells what is missing. Nobody's PIN, badge or record is relied on before they have scanned with DingTalk once",
			err: login.Fail(login.StoreUnavailable, fmt.Errorf("the database is %s", found)),
		}, true
	case now.State != store.Removed && now.Cut > 0: // that the head is gone is told under key
		return finding{
			Status: notable, Found: fmt.Sprintf("readable, writable and whole; an older copy was put in place before entry %d of the sign-in log", now.Cut),
			Mend: "nothing: who has not scanned with DingTalk since does so once; «dingpass log verify» tells what is missing",
		}, true
	}
	return finding{}, false
}
