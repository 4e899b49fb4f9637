package viewer

// What the core and a window process say to each other. The window is started
// as «COMMAND [flags] -». It reads its link as the first line of standard
// input, so that the link stands in no process list, and after that one order
// a line. The end of standard input means that the core is gone, killed with
// -9 perhaps: the window quits at once. It never writes; its exit status is
// all that it says.

// The orders.
const (
	OrderHome = "home" // back from wherever the page has gone to the page of the link's origin
	OrderQuit = "quit"
)

// The flags.
const (
	FlagKiosk    = "kiosk"    // fill the screen, and do not let the person close the window
	FlagTitle    = "title"    // the window's title
	FlagLanguage = "language" // the language that pages are asked in, zh-CN or en
	FlagProfile  = "profile"  // the folder for all that the web view keeps
)

// The exit statuses. Any other means that the window crashed.
const (
	StatusClosed    = 0 // closed by the person, or told to quit
	StatusUsage     = 2 // the arguments or the link are wrong
	StatusPageDied  = 3 // the process that draws the page died; a new window mends it
	StatusNoDisplay = 4 // there is no display, or the GUI library does not start
)

// statusNoProgram is what a loader answers when a library is missing (man
// ld.so): a binary linked to WebKitGTK cannot even start without it.
const statusNoProgram = 127
