package command

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
)

func badgeIssueCommand() command {
	return command{
		name:    "badge issue",
		operand: "USER_ID",
		summary: "give a badge to somebody who has signed in here, as a picture to print",
		example: "dingpass badge issue zhang01 --card zhang.svg\ndingpass badge issue zhang01 --png zhang.png --expires 8760h",
		options: []option{
			jsonFlag("one JSON object"),
			{name: "png", value: "", help: "write the QR to this new `file`, as PNG"},
			{name: "svg", value: "", help: "write the QR to this new `file`, as SVG"},
			{name: "card", value: "", help: "write a card with the QR, the name and the last day to this new `file`, as SVG"},
			{name: "expires", value: 365 * 24 * time.Hour, help: "for how long it is good, as a `duration`"},
			settingsFlags,
		},
		run: runBadgeIssue,
	}
}

func badgeRevokeCommand() command {
	return command{
		name:    "badge revoke",
		operand: "BADGE_ID",
		summary: "take a badge back; «badge list» tells its id",
		example: "dingpass badge revoke 3f9a1c0b7d2e4f5a6b7c",
		options: []option{jsonFlag("one JSON object"), settingsFlags},
		run:     runBadgeRevoke,
	}
}

func badgeListCommand() command {
	return command{
		name:    "badge list",
		summary: "all badges, whose they are, and whether they are good",
		example: "dingpass badge list\ndingpass badge list --json",
		options: []option{jsonFlag("one JSON object a badge, one to a line"), settingsFlags},
		run:     runBadgeList,
	}
}

// badgeResult is a badge in JSON. What opens a door with it is in no output.
type badgeResult struct {
	Event     string    `json:"event,omitempty"` // issued or revoked
	ID        string    `json:"id"`
	UserID    string    `json:"user_id"`
	Name      string    `json:"name,omitempty"`
	State     string    `json:"state"` // good, revoked or expired
	IssuedAt  time.Time `json:"issued_at"`
	ExpiresAt time.Time `json:"expires_at"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
	Files     []string  `json:"files,omitempty"`
}

func newBadgeResult(b offline.Badge, name string, at identity.Moment) badgeResult {
	state := "expired"
	switch {
	case !b.Revoked.IsZero():
		state = "revoked"
	case b.Good(at):
		state = "good"
	}
	return badgeResult{
		ID: b.ID, UserID: b.Who.UserID, Name: name, State: state,
		IssuedAt: b.Issued, ExpiresAt: b.Expires, RevokedAt: b.Revoked,
	}
}

func runBadgeIssue(ctx context.Context, p *Program, line *line) error {
	pictures, err := readPictures(line)
	if err != nil {
		return p.failed(line, err)
	}
	return p.changeBadge(ctx, line, func(db *database) (badgeResult, error) { return issueBadge(ctx, db, line, pictures) })
}

func runBadgeRevoke(ctx context.Context, p *Program, line *line) error {
	return p.changeBadge(ctx, line, func(db *database) (badgeResult, error) { return revokeBadge(ctx, db, line.operand) })
}

// changeBadge runs what changes a badge and tells its result.
func (p *Program) changeBadge(ctx context.Context, line *line, do func(*database) (badgeResult, error)) error {
	r, err := p.changedBadge(ctx, line, do)
	if err != nil {
		return p.failed(line, err)
	}
	if line.json() {
		return p.result(r)
	}
	_, err = fmt.Fprintf(p.Stdout, "%s: %s\n", r.Event, r.ID)
	return err
}

func (p *Program) changedBadge(ctx context.Context, line *line, do func(*database) (badgeResult, error)) (badgeResult, error) {
	settings, err := p.settings(line)
	if err != nil {
		return badgeResult{}, err
	}
	db, err := p.openToWrite(ctx, settings)
	if err != nil {
		return badgeResult{}, err
	}
	if locked := db.Locked(); locked != nil {
		return badgeResult{}, errors.Join(locked, db.Close())
	}
	r, err := do(db)
	return r, errors.Join(err, db.Close())
}

// issueBadge makes a badge and draws it. One that could not be drawn or written
// is taken back at once; where the files cannot be made there is none.
func issueBadge(ctx context.Context, db *database, line *line, pictures []picture) (badgeResult, error) {
	rec, err := known(ctx, db, line.operand)
	if err != nil {
		return badgeResult{}, err
	}
	files, err := newFiles(pictures)
	if err != nil {
		return badgeResult{}, err
	}
	b, text, err := db.badges().Issue(ctx, rec.Identity.Who(), line.duration("expires"))
	if err != nil {
		return badgeResult{}, errors.Join(err, files.remove())
	}
	r := newBadgeResult(b, rec.Identity.DisplayName(), db.clock.Now())
	r.Event, r.Files = "issued", files.names()
	if err := files.draw(pictures, text, r); err != nil {
		_, revoked := db.badges().Revoke(ctx, b.ID)
		return badgeResult{}, errors.Join(err, revoked, files.remove()) // the badge in them is worth nothing
	}
	return r, nil
}

// known finds somebody by their user id; a folder may have served two companies.
func known(ctx context.Context, db *database, userID string) (identity.Record, error) {
	var found identity.Record
	for rec, err := range db.People(ctx) {
		switch {
		case err != nil:
			return identity.Record{}, err
		case rec.Identity.UserID != userID:
		case found.Identity.UserID != "":
			return identity.Record{}, usage("%q is somebody in two companies; «dingpass cache forget» one of them first", userID)
		default:
			found = rec
		}
	}
	if found.Identity.UserID == "" {
		return identity.Record{}, usage("nobody with the user id %q has signed in here; «dingpass cache list» tells who has", userID)
	}
	return found, nil
}

// revokeBadge takes a badge back. One that was taken back before is told as it
// is, and is no event again.
func revokeBadge(ctx context.Context, db *database, id string) (badgeResult, error) {
	_, err := db.badges().Revoke(ctx, id)
	if err != nil {
		return badgeResult{}, err
	}
	b, ok, err := db.Offline().Badge(ctx, id)
	if err != nil {
		return badgeResult{}, err
	}
	if !ok {
		return badgeResult{}, usage("there is no badge with the id %q; «dingpass badge list» tells them", id)
	}
	rec, _, err := db.Offline().ByWho(ctx, b.Who)
	if err != nil {
		return badgeResult{}, err
	}
	r := newBadgeResult(b, rec.Identity.DisplayName(), db.clock.Now())
	r.Event = "revoked"
	return r, nil
}

func runBadgeList(ctx context.Context, p *Program, line *line) error {
	all, err := p.badgeList(ctx, line)
	if err != nil {
		return p.failed(line, err)
	}
	if line.json() {
		for _, r := range all {
			if err := p.result(r); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range all {
		_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\tissued %s\texpires %s\n", r.ID, r.State, r.UserID, r.Name, localTime(r.IssuedAt), localTime(r.ExpiresAt))
		if err != nil {
			return err
		}
	}
	return table.Flush()
}

func (p *Program) badgeList(ctx context.Context, line *line) (all []badgeResult, err error) {
	settings, err := p.settings(line)
	if err != nil {
		return nil, err
	}
	db, err := p.openToRead(ctx, settings)
	if login.CodeOf(err) == login.NotSignedIn {
		return nil, nil // there is no database, and no badge in it
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }() // read only: nothing can be lost
	if locked := db.Locked(); locked != nil {
		return nil, locked
	}
	badges, err := db.badges().All(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range badges {
		rec, _, err := db.Offline().ByWho(ctx, b.Who)
		if err != nil {
			return nil, err
		}
		all = append(all, newBadgeResult(b, rec.Identity.DisplayName(), db.clock.Now()))
	}
	return all, nil
}
