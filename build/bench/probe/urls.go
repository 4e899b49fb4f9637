package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"strings"
)

// link is what a URL looks like in a line of text.
var link = regexp.MustCompile(`https?://[^\s[:cntrl:]"'<>\\` + "`" + `]+`)

// maxLine bounds a line of the client's output.
const maxLine = 64 << 10

// urlsIn sends every URL in the text, line by line, until its end, and returns
// the last line. What is longer than a line may be is passed over.
func urlsIn(text io.Reader, found func(*url.URL)) (last string) {
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		for _, u := range urlsOf(lines.Bytes()) {
			found(u)
		}
		if strings.TrimSpace(lines.Text()) != "" {
			last = strings.TrimSpace(lines.Text())
		}
	}
	_, _ = io.Copy(io.Discard, text) // the client must not block on a full pipe
	return last
}

// urlsOf finds the URLs of one line. In JSON an & may be written as an escape.
func urlsOf(line []byte) []*url.URL {
	var value any
	if json.Unmarshal(line, &value) == nil {
		return parse(stringsOf(value))
	}
	return parse(link.FindAllString(string(line), -1))
}

// stringsOf are the URLs among the strings of a JSON value.
func stringsOf(value any) []string {
	var found []string
	switch v := value.(type) {
	case string:
		return link.FindAllString(v, -1)
	case []any:
		for _, element := range v {
			found = append(found, stringsOf(element)...)
		}
	case map[string]any:
		for _, element := range v {
			found = append(found, stringsOf(element)...)
		}
	}
	return found
}

func parse(texts []string) []*url.URL {
	var urls []*url.URL
	for _, text := range texts {
		if u, err := url.Parse(text); err == nil {
			urls = append(urls, u)
		}
	}
	return urls
}
