package command_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// person is someone at the screen with a phone: an HTTP client that keeps
// cookies, follows redirects and knows no JavaScript, as another program would
// write it.
type person struct {
	t      *testing.T
	client *http.Client
	seen   *recorder
}

func newPerson(t *testing.T) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := &recorder{next: &http.Transport{}}
	t.Cleanup(seen.next.CloseIdleConnections)
	return &person{t, &http.Client{Jar: jar, Transport: seen}, seen}
}

// get follows every redirect and wants a page at the end.
func (p *person) get(address string) string {
	p.t.Helper()
	page, err := p.try(address)
	if err != nil {
		p.t.Fatal(err)
	}
	return page
}

func (p *person) try(address string) (string, error) {
	resp, err := p.client.Get(address)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }() // read to the end
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

var (
	scanAddress     = regexp.MustCompile(`data-scan="([^"]+)"`)
	continueAddress = regexp.MustCompile(`data-continue="([^"]+)"`)
)

// code is a QR on the screen: where the phone goes, and where the page goes.
type code struct{ scan, onward string }

// open opens the launch link and goes to DingTalk's page.
func (p *person) open(link string) code {
	p.t.Helper()
	if page := p.get(link); !strings.Contains(page, "the interface") {
		p.t.Fatalf("the launch link leads to %q", page)
	}
	at, err := url.Parse(link)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.code("http://" + at.Host)
}

// code goes to DingTalk's page.
func (p *person) code(site string) code {
	p.t.Helper()
	page := p.get(site + "/login/start")
	c, ok := codeOn(page)
	if !ok {
		p.t.Fatalf("no QR on DingTalk's page:\n%s", page)
	}
	return c
}

// follower is our page in the person's browser: it follows the event stream.
type follower struct {
	t      *testing.T
	stream io.ReadCloser
}

func (p *person) following(site string) *follower {
	p.t.Helper()
	resp, err := (&http.Client{Jar: p.client.Jar, Timeout: generous}).Get(site + "/api/events")
	if err != nil {
		p.t.Fatal(err)
	}
	f := &follower{p.t, resp.Body}
	p.t.Cleanup(func() { _ = resp.Body.Close() }) // a page that nobody leaves goes with the test
	return f
}

// hears waits until the page has been told something.
func (f *follower) hears(pattern string) {
	f.t.Helper()
	want, lines := regexp.MustCompile(pattern), bufio.NewScanner(f.stream)
	for lines.Scan() {
		if want.MatchString(lines.Text()) {
			return
		}
	}
	f.t.Fatalf("the page never hears of %s: %v", pattern, lines.Err())
}

// leave goes elsewhere.
func (f *follower) leave() { _ = f.stream.Close() }

// look opens our page, and leaves it as soon as it shows something.
func (p *person) look(site string) {
	p.t.Helper()
	p.follows(site, "^data:")
}

// follows keeps our page open until it has been told something.
func (p *person) follows(site, pattern string) {
	p.t.Helper()
	f := p.following(site)
	defer f.leave()
	f.hears(pattern)
}

// codeOn finds the QR on DingTalk's page.
func codeOn(page string) (code, bool) {
	scan, onward := scanAddress.FindStringSubmatch(page), continueAddress.FindStringSubmatch(page)
	if scan == nil || onward == nil {
		return code{}, false
	}
	dingtalk, _, _ := strings.Cut(scan[1], "/scan/")
	return code{scan[1], dingtalk + onward[1]}, true
}

// answer does on the phone what is asked there, and lets the screen go on.
func (p *person) answer(c code, action, userID string) (string, error) {
	p.t.Helper()
	resp, err := p.client.PostForm(c.scan, url.Values{"userid": {userID}, "action": {action}})
	if err != nil {
		p.t.Fatal(err)
	}
	if _ = resp.Body.Close(); resp.StatusCode != http.StatusOK {
		p.t.Fatalf("the phone answers %s", resp.Status)
	}
	return p.try(c.onward)
}

// confirm scans the link's code as this person and says yes.
func (p *person) confirm(link, userID string) { p.scan(link, "confirm", userID) }

// refuse scans the link's code and says no.
func (p *person) refuse(link string) { p.scan(link, "refuse", "zhang01") }

func (p *person) scan(link, action, userID string) {
	p.t.Helper()
	page, err := p.answer(p.open(link), action, userID)
	if err != nil || page != indexPage {
		p.t.Errorf("on the way back from DingTalk: %q, %v", page, err)
		return
	}
	p.t.Cleanup(p.follow(link))
}

// attempt goes as far as the way leads: a set-up that cannot work shows no QR.
func (p *person) attempt(link, userID string) {
	p.t.Helper()
	site, _, _ := strings.Cut(link, "/open/")
	page, err := p.try(site + "/login/start")
	if c, ok := codeOn(page); ok && err == nil {
		_, _ = p.answer(c, "confirm", userID) // the program may be gone
		p.t.Cleanup(p.follow(link))
	}
}

// follow listens to the events until there are no more, as the interface does.
// The function that it returns waits for that.
func (p *person) follow(link string) (wait func()) {
	site, _, _ := strings.Cut(link, "/open/")
	var listening sync.WaitGroup
	listening.Go(func() { _, _ = p.try(site + "/api/events") }) // the program may be gone
	return listening.Wait
}

// recorder remembers all that a browser would see.
type recorder struct {
	next *http.Transport

	mu    sync.Mutex
	pages []page
}

// page is an answer: whose, and headers and body as they came.
type page struct{ host, address, text string }

// RoundTrip passes on, and writes down address, headers and body.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // read to the end, or broken anyway
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var text bytes.Buffer
	_ = resp.Header.Write(&text) // a buffer takes everything
	text.Write(body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pages = append(r.pages, page{req.URL.Host, req.URL.String(), text.String()})
	return resp, nil
}

// String is everything, addresses included.
func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all strings.Builder
	for _, page := range r.pages {
		all.WriteString("\n" + page.address + "\n" + page.text)
	}
	return all.String()
}

// of is what a host has answered, but for redirects to another: what they hold
// is meant for that one.
func (r *recorder) of(host string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all strings.Builder
	for _, page := range r.pages {
		if page.host == host && !strings.Contains(page.text, "Location: http") {
			all.WriteString(page.text)
		}
	}
	return all.String()
}
