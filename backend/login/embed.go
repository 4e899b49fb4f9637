package login

// Embed is a way to show DingTalk to the person.
type Embed string

// The ways. Auto is a setting only: an attempt always has one of the others.
const (
	Auto    Embed = "auto"
	Frame   Embed = "frame"   // DingTalk's QR in a frame of our page
	Page    Embed = "page"    // the whole window goes to DingTalk and comes back
	Browser Embed = "browser" // the system browser has our page, and goes to DingTalk from there
)

// rememberedEmbed is the key under which the store keeps the way that last
// ended in a sign-in on this machine.
const rememberedEmbed = "embed"

// framesBeforePage says how many codes in a row may end unused in a frame,
// each after someone tried, before Auto shows the whole page. A frame that has
// worked on this machine gets a second chance: the first may just have been
// someone who walked away.
func framesBeforePage(remembered Embed) int {
	if remembered == Frame {
		return 2
	}
	return 1
}

// chooser decides between frame and page. A frame can fail without any sign:
// WebKit blocks its cookies, and the scan then simply has no effect. So what
// is counted is codes that somebody tried to use and that led nowhere.
type chooser struct {
	setting    Embed
	remembered Embed
	deadFrames int
	instead    Embed // of the page, which has killed its web view; "" while it has not
}

// next is the way for the next attempt. asked is what the person asked for, or
// "". A page that killed its web view is gone to only when somebody asks for
// it: a setting cannot know of that, and would end a window for each code.
func (c *chooser) next(asked Embed) Embed {
	if asked != "" && asked != Auto {
		return asked
	}
	if way := c.usual(); way != Page || c.instead == "" {
		return way
	}
	return c.instead
}

// usual is the way as set and learned.
func (c *chooser) usual() Embed {
	switch {
	case c.setting != Auto:
		return c.setting
	case c.deadFrames >= framesBeforePage(c.remembered):
		return Page
	case c.remembered == Page:
		return Page
	}
	return Frame
}

// unused takes note of a code that ended without any answer from DingTalk.
func (c *chooser) unused(shown Embed, tried bool) {
	if shown == Frame && tried {
		c.deadFrames++
	}
}

// killed takes note that DingTalk's page has ended the web view that showed it,
// and that the attempt goes on in another way.
func (c *chooser) killed(instead Embed) { c.instead = instead }

// worked takes note of a sign-in, and reports whether the way is another than
// the one that worked before.
func (c *chooser) worked(shown Embed) (news bool) {
	news = c.remembered != shown
	c.deadFrames, c.remembered = 0, shown
	if shown == Page {
		c.instead = "" // it kills nothing where it is shown now
	}
	return news
}
