package canary_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/canary"
)

const (
	name   = "秦时明月"
	mobile = "13987654321"
	email  = "Ming.Yue@planted.example"
)

func search(t *testing.T) *canary.Search {
	t.Helper()
	s, err := canary.For(map[string]string{"name": name, "mobile": mobile, "e-mail": email})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAValueIsFoundInAnyForm(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(mobile))
	forms := map[string]string{
		"as it is":                 name,
		"in another case":          "MING.YUE@PLANTED.EXAMPLE",
		"backwards":                "12345678931",
		"in UTF-16":                "1\x003\x009\x008\x007\x006\x005\x004\x003\x002\x001\x00",
		"in UTF-16, the other way": "\x001\x003\x009\x008\x007\x006\x005\x004\x003\x002\x001",
		"in hex":                   "e7a7a6e697b6e6988ee69c88",
		"in hex of capitals":       "E7A7A6E697B6E6988EE69C88",
		"as a dump":                "e7 a7 a6 e6 97 b6 e6 98 8e e6 9c 88",
		"in a URL":                 url.QueryEscape(email),
		"in a URL, each byte":      "%e7%a7%a6%e6%97%b6%e6%98%8e%e6%9c%88",
		"in JSON escapes":          `\u79e6\u65f6\u660e\u6708`,
		"in JSON escapes of caps":  `\u79E6\u65F6\u660E\u6708`,
		"in XML":                   "&#x79e6;&#x65f6;&#x660e;&#x6708;",
		"as Go prints bytes":       "49 51 57 56 55 54 53 52 51 50 49",
		"as a number of SQLite":    "\x00\x03\x41\xba\xaa\xb1",
		"as a number of C":         "\xb1\xaa\xba\x41\x03\x00\x00\x00",
		"as its digest":            string(sum[:]),
		"as its digest in hex":     hex.EncodeToString(sum[:]),
	}
	for shift := range 3 {
		text := []byte(strings.Repeat("#", shift) + mobile + "?>~")
		forms[fmt.Sprint("in base64, from ", shift)] = base64.StdEncoding.EncodeToString(text)
		forms[fmt.Sprint("in base64 of URLs, from ", shift)] = base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("?", shift) + name))
		forms[fmt.Sprint("in UTF-16 in base64, from ", shift)] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("#", shift) + "1\x003\x009\x008\x007\x006\x005\x004\x003\x002\x001\x00"))
	}
	s := search(t)
	for what, text := range forms {
		for _, text := range []string{text, "\x00{" + text + "}\xff"} {
			if found := s.In([]byte(text)); len(found) == 0 {
				t.Errorf("%s: %q is not found", what, text)
			}
		}
	}
}

func TestAValueIsFoundInAStream(t *testing.T) {
	t.Parallel()
	for what, pack := range map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zlib": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	} {
		file := bytes.NewBufferString("what comes before, with an x and a \x1f")
		w := pack(file)
		_, err := io.WriteString(w, strings.Repeat("this and that ", 100)+mobile+" and more")
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		file.WriteString("what comes after")
		for _, text := range [][]byte{file.Bytes(), file.Bytes()[:file.Len()-len("what comes after")-2]} { // whole, and cut
			if found := search(t).In(text); !slices.Contains(found, "mobile as UTF-8, compressed") {
				t.Errorf("%s: found %q", what, found)
			}
		}
	}
}

func TestNothingIsFoundWhereNothingIs(t *testing.T) {
	t.Parallel()
	noise, key := []byte(strings.Repeat("13987654 秦时 planted.example ", 100)), sha256.Sum256(nil)
	for range 1000 { // as sealed data looks
		key = sha256.Sum256(key[:])
		noise = append(noise, key[:]...)
	}
	if found := search(t).In(noise); len(found) > 0 {
		t.Errorf("found %q", found)
	}
	if _, err := canary.For(map[string]string{"name": "Li"}); err == nil || strings.Contains(err.Error(), "Li") {
		t.Errorf("a search for two letters: %v", err)
	}
}

func TestFilesAndTheirNamesAreSearched(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	deep := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(filepath.Join(root, mobile), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(deep, "file"), []byte("x"+name), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := search(t).Files(root)
	all := strings.Join(found, "\n")
	if err != nil || !strings.Contains(all, filepath.Join("a", "b", "file")+": name as UTF-8") || !strings.Contains(all, "the name of "+mobile+": mobile as UTF-8") {
		t.Errorf("found %q, %v", found, err)
	}
	if _, err := search(t).Files(filepath.Join(root, "none")); err == nil {
		t.Error("a folder that is not there is said to hold nothing")
	}
}
