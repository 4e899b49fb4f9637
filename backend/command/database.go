package command

import (
	"github.com/dingpass/dingpass/backend/config"
	"github.com/dingpass/dingpass/backend/store"
)

// databaseOf is how the database of these settings is opened. This is the one
// place that gives the sign-in log its keys (LogKeys), the place for its head
// outside the file (Anchor) and trusted time (Moment). It has none of them yet:
// «log verify» says so.
func (p *Program) databaseOf(settings config.Settings) store.Options {
	return store.Options{Dir: settings.DataDir, Log: p.log()}
}
