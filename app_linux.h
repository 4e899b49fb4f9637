//go:build desktop

#include <glib.h>

// The window on Linux as far as Wails v2 has no option for it; app_linux.c.

gboolean start_gtk(void); // FALSE where there is no display for it

// prepare_view is called once, after start_gtk and before Wails opens the
// window. The strings are copied; language may be NULL.
void prepare_view(const char *language, const char *link, const char *home);

// These three may be called from any thread, and before the main loop runs.
void go_home(void);            // to our own page, from wherever the view is
void quit_soon(void);          // ends the main loop
gboolean is_link_taken(void);  // whether the view is sent to the link without the boot page

gboolean did_page_die(void);
void screen_size(int *width, int *height);
