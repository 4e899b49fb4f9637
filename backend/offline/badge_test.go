package offline_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dingpass/dingpass/backend/identity"
	"github.com/dingpass/dingpass/backend/login"
	"github.com/dingpass/dingpass/backend/offline"
	"github.com/dingpass/dingpass/backend/secret"
)

func (k *kiosk) issue(t *testing.T) (offline.Badge, secret.Text) {
	t.Helper()
	b, text, err := k.Badges.Issue(t.Context(), zhang, 48*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return b, text
}

func (k *kiosk) scan(t *testing.T, typed string, want offline.Reason) offline.Result {
	t.Helper()
	r, err := k.ByBadge(t.Context(), secret.New(typed))
	if err != nil || r.Refused != want || r.Allowed() != (want == "") {
		t.Errorf("%+v, %v; want %q", r, err, want)
	}
	return r
}

func TestByBadge(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	_, text := k.issue(t)
	for uses := 1; uses <= 2; uses++ {
		r := k.scan(t, text.Reveal(), "")
		if r.Person.Identity.Who() != zhang || r.Person.Used.Person != uses || r.Verdict.UsesLeft != 20-uses || len(k.clock.relied) != uses {
			t.Errorf("scan %d: %+v", uses, r)
		}
	}
}

func TestABadgeIsRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		set  func(*testing.T, *kiosk, offline.Badge)
		want offline.Reason
	}{
		{"revoked", func(t *testing.T, k *kiosk, b offline.Badge) {
			if ok, err := k.Badges.Revoke(t.Context(), b.ID); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}, offline.Revoked},
		{"expired", func(_ *testing.T, k *kiosk, _ offline.Badge) { k.clock.pass(48 * time.Hour) }, offline.BadgeExpired},
		{"of a person who is gone", func(_ *testing.T, k *kiosk, _ offline.Badge) {
			k.store.person(func(r *identity.Record) { r.Refused = identity.Gone })
		}, "gone"},
		{"of a person who was forgotten", func(_ *testing.T, k *kiosk, _ offline.Badge) { delete(k.store.people, zhang) }, offline.BadBadge},
		{"used up", func(_ *testing.T, k *kiosk, _ offline.Badge) {
			k.store.counts[offline.Subject{Who: zhang}] = offline.Tally{Uses: 20}
		}, "used_up"},
		{"at a time that nobody can tell", func(_ *testing.T, k *kiosk, _ offline.Badge) {
			k.clock.set(func(m *identity.Moment) { m.Trust = identity.Behind })
		}, offline.Suspended},
		{"removed from the database", func(_ *testing.T, k *kiosk, b offline.Badge) { delete(k.store.badges, b.ID) }, offline.BadBadge},
		{"prolonged in the database", func(_ *testing.T, k *kiosk, b offline.Badge) {
			b.Expires = b.Expires.Add(time.Hour)
			k.store.badges[b.ID] = b
		}, offline.BadBadge},
		{"given to another in the database", func(_ *testing.T, k *kiosk, b offline.Badge) {
			b.Who = k.store.person(func(r *identity.Record) { r.Identity.UserID = "li" }).Identity.Who()
			k.store.badges[b.ID] = b
		}, offline.BadBadge},
		{"of another device", func(_ *testing.T, k *kiosk, _ offline.Badge) { clear(k.store.badges) }, offline.BadBadge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k := newKiosk(t)
			b, text := k.issue(t)
			test.set(t, k, b)
			k.scan(t, text.Reveal(), test.want)
			if len(k.clock.relied) != 0 {
				t.Error("the time was relied on")
			}
		})
	}
}

// What the screen offers and «cache list» tells.
func TestABadgeIsGoodUntilItIsTakenBackOrHasExpired(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		badge offline.Badge
		want  bool
	}{
		"new":         {offline.Badge{Expires: now.Add(time.Second)}, true},
		"expired now": {offline.Badge{Expires: now}, false},
		"taken back":  {offline.Badge{Expires: now.Add(time.Hour), Revoked: now}, false},
		"both":        {offline.Badge{Expires: now, Revoked: now}, false},
	} {
		if got := tc.badge.Good(identity.Moment{Now: now}); got != tc.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestABadgeWhoseKeyIsGoneIsSaidSo(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	_, text := k.issue(t)
	k.Badges.Keys = keys{"n"}
	if r, err := k.ByBadge(t.Context(), text); login.CodeOf(err) != login.KeyUnavailable || r.Allowed() {
		t.Errorf("%+v, %v", r, err)
	}
	k.Badges.Keys = keys{"n", "b"}
	k.scan(t, text.Reveal(), "")
}

// A badge is no way round the end of a person's PIN, nor is the end of the PIN
// one of the badge's.
func TestABadgeLeavesWrongPINsAsTheyAre(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	_, text := k.issue(t)
	for range 3 {
		k.want(t, "A007", "000000", offline.WrongPIN)
	}
	k.scan(t, text.Reveal(), "")
	k.want(t, "A007", pin, offline.Locked)
}

func TestRevokingTwiceKeepsTheTime(t *testing.T) {
	t.Parallel()
	k := newKiosk(t)
	b, _ := k.issue(t)
	second, _ := k.issue(t)
	for _, want := range []bool{true, false} {
		if done, err := k.Badges.Revoke(t.Context(), b.ID); done != want || err != nil {
			t.Fatalf("revoked %t, error %v; want %t", done, err, want)
		}
		k.clock.pass(time.Hour)
	}
	if ok, err := k.Badges.Revoke(t.Context(), "00"); ok || err != nil {
		t.Errorf("revoked one that is not there: %v, %v", ok, err)
	}
	all, err := k.Badges.All(t.Context())
	b.Revoked = noon
	if want := []offline.Badge{b, second}; err != nil || len(all) != 2 || !slices.Contains(all, want[0]) || !slices.Contains(all, want[1]) {
		t.Errorf("all badges: %+v, %v", all, err)
	}
}

// odoo #214407 (a Belgian layout), metasfresh #22464, #23264 (control
// characters), JumpMind/openpos-framework #2108.
func TestAScannerUnderAnyKeyboard(t *testing.T) {
	t.Parallel()
	k := newKiosk(t, func(o *offline.Options) { o.Policy.Uses = 100 })
	_, text := k.issue(t)
	digits := text.Reveal()
	typed := map[string]string{
		"with a line end":          digits + "\r\n",
		"with a tab":               digits + "\t",
		"with spaces around":       "  " + digits + " ",
		"with a byte order mark":   "\ufeff" + digits,
		"with STX and ETX":         "\x02" + digits + "\x03",
		"with spaces between":      strings.Join(strings.Split(digits, ""), " "),
		"full-width digits":        strings.Map(func(r rune) rune { return r - '0' + '０' }, digits),
		"full-width, full space":   "　" + strings.Map(func(r rune) rune { return r - '0' + '０' }, digits) + "　",
		"full-width from a French": strings.NewReplacer("&", "＆", "(", "（").Replace(undoTo(digits, "&é\"'(-è_çà")),
	}
	for _, row := range offline.NumberRows() {
		typed["layout "+row] = undoTo(digits, row)
		typed["layout with Caps Lock "+row] = strings.ToUpper(undoTo(digits, row)) + "\r"
	}
	for name, text := range typed {
		t.Run(name, func(t *testing.T) { k.scan(t, text, "") })
	}
	for _, text := range []string{"", "\r\n", strings.Repeat("3", 1<<20), "https://example.com/", strings.ToLower("DP1") + digits, digits + "é"} {
		k.scan(t, text, offline.BadBadge)
	}
}

// undoTo is what a layout with these characters on the keys 1 to 9 and 0 types.
func undoTo(digits, row string) string {
	keys := []rune(row)
	return strings.Map(func(r rune) rune { return keys[strings.IndexRune("1234567890", r)] }, digits)
}
