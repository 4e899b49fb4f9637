//go:build desktop

#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

#include "app_linux.h"

// All of this happens on GTK's thread but for what app_linux.h says.
static WebKitWebView *view;       // Wails' one, once it is known
static gchar *link_uri, *home_uri;
static gint taken;                // atomic; the link is being loaded
static gboolean arrived;          // a page has come, and with it the launch cookie
static gboolean page_died;

gboolean start_gtk(void) {
	return gtk_init_check(NULL, NULL);
}

static gboolean is_ours(const gchar *uri) {
	return uri != NULL && g_str_has_prefix(uri, home_uri);
}

static gboolean load_home(gpointer unused) {
	// Before the link has been used, home would be a stranger's.
	if (arrived) webkit_web_view_load_uri(view, home_uri);
	return G_SOURCE_REMOVE;
}

void go_home(void) {
	g_idle_add_full(G_PRIORITY_DEFAULT, load_home, NULL, NULL);
}

// load_link takes the place of the load that Wails has begun, of the page inside
// the binary, before any of it has come. A load by the host has no initiator:
// cookies with SameSite=Strict go along from the first redirect on, and our page
// comes at once. Where a page of another origin sends the view there, they do
// not, and it has to be loaded twice.
//
// It waits until Wails' load has started in the web process. Sooner, WebKitGTK
// 2.50 stands still for half a second at the link's redirect.
static gboolean load_link(gpointer unused) {
	webkit_web_view_load_uri(view, link_uri);
	g_clear_pointer(&link_uri, g_free);
	return G_SOURCE_REMOVE;
}

gboolean is_link_taken(void) {
	return g_atomic_int_get(&taken);
}

static gboolean quit(gpointer unused) {
	gtk_main_quit();
	return G_SOURCE_REMOVE;
}

void quit_soon(void) {
	g_idle_add_full(G_PRIORITY_HIGH, quit, NULL, NULL);
}

static void on_page_died(WebKitWebView *of, WebKitWebProcessTerminationReason reason, gpointer unused) {
	page_died = TRUE;
	quit_soon();
}

gboolean did_page_die(void) {
	return page_died;
}

static void on_download(WebKitWebContext *context, WebKitDownload *download, gpointer unused) {
	webkit_download_cancel(download);
}

static void on_title(GObject *of, GParamSpec *spec, gpointer unused) {
	const gchar *title = webkit_web_view_get_title(view);
	GtkWidget *window = gtk_widget_get_toplevel(GTK_WIDGET(view));
	if (title != NULL && *title != '\0' && GTK_IS_WINDOW(window)) gtk_window_set_title(GTK_WINDOW(window), title);
}

static gboolean redraw(gpointer unused) {
	gtk_widget_queue_draw(GTK_WIDGET(view));
	return G_SOURCE_REMOVE;
}

// on_load draws all of the view at each step of a load, and once the first
// picture of the page must have come. Where a page of another site comes with
// a process of its own, WebKitGTK 2.50 draws only what the old page had last
// changed, or nothing: every fourth time the window stood on our page and not
// on DingTalk's.
static void on_load(WebKitWebView *of, WebKitLoadEvent event, gpointer unused) {
	if (event == WEBKIT_LOAD_STARTED && !taken) {
		g_atomic_int_set(&taken, TRUE);
		g_idle_add_full(G_PRIORITY_HIGH, load_link, NULL, NULL);
	}
	if (event == WEBKIT_LOAD_COMMITTED) arrived = TRUE;
	redraw(NULL);
	g_timeout_add(500, redraw, NULL);
}

// on_load_failed goes home where a foreign page cannot be had, in place of the
// engine's error page, which speaks English and leads nowhere. The page that
// was up stays up where nothing was to be shown: for a download, or an address
// of an app such as dingtalk:.
static gboolean on_load_failed(WebKitWebView *of, WebKitLoadEvent event, const gchar *uri, GError *error, gpointer unused) {
	if (is_ours(uri) || g_error_matches(error, WEBKIT_NETWORK_ERROR, WEBKIT_NETWORK_ERROR_CANCELLED)) return FALSE;
	if (error->domain != WEBKIT_POLICY_ERROR) go_home();
	return TRUE;
}

// on_key is the person's own way back from a foreign page: Esc, Alt+Left or a
// keyboard's Back. On our page, which has a use for Esc itself, they are the
// page's. All that they can do is show our page, so a kiosk has them too.
static gboolean on_key(GtkWidget *of, GdkEventKey *key, gpointer unused) {
	guint held = key->state & gtk_accelerator_get_default_mod_mask();
	gboolean back = (key->keyval == GDK_KEY_Escape && held == 0)
		|| (key->keyval == GDK_KEY_Left && held == GDK_MOD1_MASK)
		|| key->keyval == GDK_KEY_Back;
	if (!back || is_ours(webkit_web_view_get_uri(view))) return FALSE;
	go_home();
	return TRUE;
}

// on_dialog lets no page ask whether one really wants to leave it.
static gboolean on_dialog(WebKitWebView *of, WebKitScriptDialog *dialog, gpointer unused) {
	if (webkit_script_dialog_get_dialog_type(dialog) != WEBKIT_SCRIPT_DIALOG_BEFORE_UNLOAD_CONFIRM) return FALSE;
	webkit_script_dialog_confirm_set_confirmed(dialog, TRUE);
	return TRUE;
}

// on_parent_set comes to know the web view when Wails puts it into the window,
// the step before it loads anything, and has heard enough then.
static gboolean on_parent_set(GSignalInvocationHint *hint, guint n, const GValue *values, gpointer unused) {
	GObject *widget = g_value_get_object(&values[0]);
	if (!WEBKIT_IS_WEB_VIEW(widget)) return TRUE;
	view = WEBKIT_WEB_VIEW(widget);
	g_signal_connect(view, "web-process-terminated", G_CALLBACK(on_page_died), NULL);
	g_signal_connect(view, "notify::title", G_CALLBACK(on_title), NULL);
	g_signal_connect(view, "load-changed", G_CALLBACK(on_load), NULL);
	g_signal_connect(view, "load-failed", G_CALLBACK(on_load_failed), NULL);
	g_signal_connect(view, "script-dialog", G_CALLBACK(on_dialog), NULL);
	g_signal_connect(view, "key-press-event", G_CALLBACK(on_key), NULL);
	return FALSE;
}

// Wails' web view lives in the default context, so what is set there holds for
// it; and an emission hook on the class hears its signal without knowing the
// object.
void prepare_view(const char *language, const char *link, const char *home) {
	link_uri = g_strdup(link);
	home_uri = g_strdup(home);

	WebKitWebContext *context = webkit_web_context_get_default();
	webkit_cookie_manager_set_accept_policy(webkit_web_context_get_cookie_manager(context),
		WEBKIT_COOKIE_POLICY_ACCEPT_ALWAYS);
	// Nothing of what was shown may be on the disk, and the profile lives for one
	// person: a cache would hold addresses and help nobody.
	webkit_web_context_set_cache_model(context, WEBKIT_CACHE_MODEL_DOCUMENT_VIEWER);
	if (language != NULL) {
		const gchar *const languages[] = {language, NULL};
		webkit_web_context_set_preferred_languages(context, languages);
	}
	g_signal_connect(context, "download-started", G_CALLBACK(on_download), NULL);

	g_type_class_ref(GTK_TYPE_WIDGET);
	g_signal_add_emission_hook(g_signal_lookup("parent-set", GTK_TYPE_WIDGET), 0, on_parent_set, NULL, NULL);
}

void screen_size(int *width, int *height) {
	GdkDisplay *display = gdk_display_get_default();
	GdkMonitor *monitor = gdk_display_get_primary_monitor(display);
	GdkRectangle area;
	if (monitor == NULL) monitor = gdk_display_get_monitor(display, 0);
	if (monitor == NULL) return;
	gdk_monitor_get_geometry(monitor, &area);
	*width = area.width;
	*height = area.height;
}
