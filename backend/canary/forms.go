package canary

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/md5"  //nolint:gosec // what is looked for may be a bad choice
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Forms are the forms in which a value may be written without a key, by their
// names. Of base64 there is what the value makes of it whatever is beside it.
func Forms(value string) iter.Seq2[string, []byte] {
	forms := map[string][]byte{
		"upper case": []byte(strings.ToUpper(value)), "lower case": []byte(strings.ToLower(value)),
		"reversed letters": []byte(string(reversed([]rune(value)))),
		"query":            []byte(url.QueryEscape(value)), "path": []byte(url.PathEscape(value)),
		"JSON": marshalled(value),
	}
	for name, quoted := range map[string]string{"\\u": strconv.QuoteToASCII(value), "XML": numbered(value)} {
		forms[name], forms[name+" in upper case"] = []byte(strings.Trim(quoted, `"`)), []byte(hexUpper(strings.Trim(quoted, `"`)))
	}
	for name, digest := range digests(value) {
		coded(forms, name, digest)
	}
	for name, text := range map[string][]byte{
		"UTF-8": []byte(value), "UTF-16LE": wide(value, binary.LittleEndian), "UTF-16BE": wide(value, binary.BigEndian),
		"reversed bytes": reversed([]byte(value)),
	} {
		coded(forms, name, text)
	}
	if n, err := strconv.ParseUint(value, 10, 48); err == nil && n >= 1<<32 { // in six bytes, as SQLite has it, or in more; smaller ones turn up by chance
		forms["number"] = binary.BigEndian.AppendUint64(nil, n)[2:]
		forms["little-endian number"] = binary.LittleEndian.AppendUint64(nil, n)[:6]
	}
	return maps.All(forms)
}

// coded adds the forms in which bytes are written as text, and the bytes.
func coded(forms map[string][]byte, name string, text []byte) {
	forms[name] = text
	lower, upper := hex.EncodeToString(text), strings.ToUpper(hex.EncodeToString(text))
	forms[name+" in hex"], forms[name+" in HEX"] = []byte(lower), []byte(upper)
	for _, sign := range []string{"%", "=", `\x`, " ", ":"} {
		forms[name+" in hex with "+sign] = []byte(strings.TrimSpace(spaced(lower, sign)))
		forms[name+" in HEX with "+sign] = []byte(strings.TrimSpace(spaced(upper, sign)))
	}
	var numbers []string
	for _, b := range text {
		numbers = append(numbers, strconv.Itoa(int(b)))
	}
	forms[name+" as bytes"], forms[name+" as a list of bytes"] = []byte(strings.Join(numbers, " ")), []byte(strings.Join(numbers, ","))
	for shift := range 3 {
		for alphabet, encoding := range map[string]*base64.Encoding{"": base64.RawStdEncoding, ", URL-safe": base64.RawURLEncoding} {
			if core := inside(encoding, text, shift); len(core) > shortest {
				forms[fmt.Sprintf("%s in base64 at %d%s", name, shift, alphabet)] = []byte(core)
			}
		}
	}
}

// inside is the base64 of a text that begins at shift of a group of three, but
// for the letters that its neighbours have a part in.
func inside(encoding *base64.Encoding, text []byte, shift int) string {
	whole := encoding.EncodeToString(append(make([]byte, shift), text...))
	from := []int{0, 2, 3}[shift]
	to := (shift + len(text)) * 8 / 6
	return whole[min(from, to):to]
}

func wide(value string, order binary.AppendByteOrder) (text []byte) {
	for _, unit := range utf16.Encode([]rune(value)) {
		text = order.AppendUint16(text, unit)
	}
	return text
}

func reversed[S ~[]E, E any](text S) S {
	text = slices.Clone(text)
	slices.Reverse(text)
	return text
}

// spaced puts a sign before each pair of digits.
func spaced(digits, sign string) string {
	var b strings.Builder
	for pair := range slices.Chunk([]byte(digits), 2) {
		b.WriteString(sign)
		b.Write(pair)
	}
	return b.String()
}

// hexUpper has the digits of escapes in upper case, and their marks not.
func hexUpper(escaped string) string {
	return strings.NewReplacer(`\U`, `\u`, "&#X", "&#x").Replace(strings.ToUpper(escaped))
}

// numbered is a text in XML's character references.
func numbered(value string) string {
	var b strings.Builder
	for _, r := range value {
		fmt.Fprintf(&b, "&#x%x;", r)
	}
	return b.String()
}

// marshalled is a text in JSON without its quotes; every string can be written.
func marshalled(value string) []byte {
	text, _ := json.Marshal(value)
	return bytes.Trim(text, `"`)
}

// digests of a value with nothing secret in them are as good as the value:
// there are few phone numbers.
func digests(value string) map[string][]byte {
	sum5, sum1, sum256 := md5.Sum([]byte(value)), sha1.Sum([]byte(value)), sha256.Sum256([]byte(value)) //nolint:gosec // as above
	return map[string][]byte{"MD5": sum5[:], "SHA-1": sum1[:], "SHA-256": sum256[:]}
}

// largest bounds what a stream may become.
const largest = 64 << 20

// inflated are the gzip and zlib streams in a text, wherever they begin, as far
// as they can be read.
func inflated(text []byte) (streams [][]byte) {
	for at := range text {
		var r io.Reader
		var err error
		switch rest := text[at:]; {
		case bytes.HasPrefix(rest, []byte{0x1f, 0x8b, 8}):
			r, err = gzip.NewReader(bytes.NewReader(rest))
		case len(rest) > 1 && rest[0] == 0x78 && (int(rest[0])<<8|int(rest[1]))%31 == 0:
			r, err = zlib.NewReader(bytes.NewReader(rest))
		default:
			continue
		}
		if err != nil {
			continue // something else that begins like one
		}
		inside, _ := io.ReadAll(io.LimitReader(r, largest)) // one that is cut is read so far
		if len(inside) > 0 {
			streams = append(streams, inside)
		}
	}
	return streams
}
