package callback_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
)

const (
	token  = "canary-token"
	aesKey = "canaryKeyxyl3zvetqxz5jiocdr586fn2zvjpa8zls3" // 43
	owner  = "dingabc123"
	at     = "1700000000000"
	nonce  = "nEXhMP4r"
)

func ours() callback.Crypto { return crypto(token, aesKey, owner) }

// signed encrypts plain bytes as they are and signs them: what DingTalk could
// send, or somebody who has the token.
func signed(t *testing.T, c callback.Crypto, plain []byte) callback.Envelope {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(c.AESKey.Reveal() + "=")
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(out, plain)
	encrypt := base64.StdEncoding.EncodeToString(out)
	return callback.Envelope{Signature: c.Sign(at, nonce, encrypt), Timestamp: at, Nonce: nonce, Encrypt: encrypt}
}

// frame is the plain bytes of a message with a padding.
func frame(length int, text, owner string, pad []byte) []byte {
	plain := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(length))
	return append(append(append(plain, text...), owner...), pad...)
}

func padding(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n) }

func TestTextsOfEveryLengthComeBack(t *testing.T) {
	t.Parallel()
	pads := map[int]bool{}
	for n := 1; n <= 200; n++ {
		text := []byte(strings.Repeat("张", n)[:n])
		sealed, err := ours().Encrypt(text, at, nonce)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.StdEncoding.DecodeString(sealed.Encrypt)
		if err != nil || len(raw)%32 != 0 {
			t.Fatalf("%d bytes are sealed in %d, %v; the blocks have 32", n, len(raw), err)
		}
		pads[len(raw)-20-n-len(owner)] = true
		got, err := ours().Decrypt(sealed)
		if err != nil || !bytes.Equal(got, text) {
			t.Fatalf("%d bytes: %q, %v", n, got, err)
		}
	}
	for pad := 1; pad <= 32; pad++ {
		if !pads[pad] {
			t.Errorf("no text had a padding of %d", pad)
		}
	}
}

func TestASealIsNeverTheSameTwice(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		sealed, err := ours().Encrypt([]byte("success"), at, nonce)
		if err != nil || seen[sealed.Encrypt] {
			t.Fatal("the same again:", err)
		}
		seen[sealed.Encrypt] = true
	}
}

// paddedBy makes a message whose padding has the length asked for, filled up by
// its text.
func paddedBy(pad int) (text string, plain func(pad []byte) []byte) {
	n := 64 - 20 - len(owner) - pad
	text = strings.Repeat("x", (n+64)%64)
	return text, func(pad []byte) []byte { return frame(len(text), text, owner, pad) }
}

func TestEveryPaddingFrom1To32IsTakenAndEachOfItsBytesCounts(t *testing.T) {
	t.Parallel()
	for pad := 1; pad <= 32; pad++ {
		text, plain := paddedBy(pad)
		got, err := ours().Decrypt(signed(t, ours(), plain(padding(pad))))
		if err != nil || string(got) != text {
			t.Errorf("a padding of %d: %q, %v", pad, got, err)
		}
		for i := range pad - 1 { // the last one says how long it is
			for _, flip := range []byte{1, 0x80} {
				wrong := padding(pad)
				wrong[i] ^= flip
				_, err := ours().Decrypt(signed(t, ours(), plain(wrong)))
				refused(t, err, callback.DecryptFailed, callback.DecryptFailed)
			}
		}
	}
}

// The official Go sample pads to 16.
func TestPaddingToSixteenIsTaken(t *testing.T) {
	t.Parallel()
	plain := frame(34, strings.Repeat("x", 34), owner, padding(16))
	if len(plain)%32 != 16 {
		t.Fatal("this is no message of the Go sample's:", len(plain))
	}
	if _, err := ours().Decrypt(signed(t, ours(), plain)); err != nil {
		t.Error(err)
	}
}

// refused checks a typed error, and what may be told of it.
func refused(t *testing.T, err error, code, diagnosis callback.Code) {
	t.Helper()
	e, ok := err.(*callback.Error) //nolint:errorlint // it is not wrapped
	switch {
	case !ok:
		t.Errorf("err = %v, want code %d", err, code)
	case e.Code != code || callback.CodeOf(err) != code || e.Diagnosis() != diagnosis:
		t.Errorf("err = %v (%d), want %d (%d)", err, e.Diagnosis(), code, diagnosis)
	case !strings.HasPrefix(err.Error(), fmt.Sprint(int(code), ": ")):
		t.Errorf("err = %v", err)
	}
}

func TestWhatIsWrongBehindTheSignatureIsOneError(t *testing.T) {
	t.Parallel()
	good := frame(7, "success", owner, padding(27))
	for name, c := range map[string]struct {
		plain []byte
		found callback.Code
	}{
		"a padding of 0":                      {frame(33, strings.Repeat("x", 33), owner, []byte{0}), callback.DecryptFailed},
		"a padding of 33":                     {frame(7, "successxxxxxxxxxxxxxxxxxxxxxxxxxx", owner, padding(33)), callback.DecryptFailed},
		"a padding of 255":                    {append(good[:63:63], 255), callback.DecryptFailed},
		"a padding that leaves no length":     {padding(32), callback.DecryptFailed},
		"a padding that cuts the length":      {append([]byte("0123456789abcdef"), padding(16)...), callback.DecryptFailed},
		"nothing but one block":               {padding(16), callback.DecryptFailed},
		"nothing":                             {nil, callback.DecryptFailed},
		"a length beyond the end":             {frame(18, "success", owner, padding(27)), callback.LengthMismatch},
		"a length of 4 GiB":                   {frame(1<<32-1, "success", owner, padding(27)), callback.LengthMismatch},
		"a length with the sign bit":          {frame(1<<31, "success", owner, padding(27)), callback.LengthMismatch},
		"a length that is one short":          {frame(6, "success", owner, padding(27)), callback.OwnerMismatch},
		"a length that is one long":           {frame(8, "success", owner, padding(27)), callback.OwnerMismatch},
		"a length that takes the whole owner": {frame(17, "success", owner, padding(27)), callback.OwnerMismatch},
		"another owner":                       {frame(7, "success", "dingabc124", padding(27)), callback.OwnerMismatch},
		"an owner that only begins so":        {frame(7, "success", owner+"4", padding(26)), callback.OwnerMismatch},
		"no owner":                            {frame(7, "success", "", padding(5)), callback.OwnerMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := ours().Decrypt(signed(t, ours(), c.plain))
			refused(t, err, callback.DecryptFailed, c.found)
			if text != nil {
				t.Errorf("text = %q", text)
			}
		})
	}
	for name, encrypt := range map[string]string{
		"no base64": "!!!!", "base64 without its end": "AAAAA", "no whole block": base64.StdEncoding.EncodeToString(make([]byte, 33)), "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ours().Decrypt(callback.Envelope{Signature: ours().Sign(at, nonce, encrypt), Timestamp: at, Nonce: nonce, Encrypt: encrypt})
			refused(t, err, callback.DecryptFailed, callback.DecryptFailed)
		})
	}
}

func TestEveryByteOfAnEnvelopeIsSigned(t *testing.T) {
	t.Parallel()
	sealed, err := ours().Encrypt([]byte(`{"EventType":"check_url"}`), at, nonce)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []func(*callback.Envelope) *string{
		func(e *callback.Envelope) *string { return &e.Signature },
		func(e *callback.Envelope) *string { return &e.Timestamp },
		func(e *callback.Envelope) *string { return &e.Nonce },
		func(e *callback.Envelope) *string { return &e.Encrypt },
	} {
		for i := range len(*field(&sealed)) {
			for bit := range 8 {
				wrong := sealed
				b := []byte(*field(&wrong))
				b[i] ^= 1 << bit
				*field(&wrong) = string(b)
				_, err := ours().Decrypt(wrong)
				refused(t, err, callback.SignatureMismatch, callback.SignatureMismatch)
			}
		}
		wrong := sealed
		*field(&wrong) = ""
		_, err := ours().Decrypt(wrong)
		refused(t, err, callback.SignatureMismatch, callback.SignatureMismatch)
	}
	wrong := sealed
	wrong.Signature = strings.ToUpper(wrong.Signature)
	_, err = ours().Decrypt(wrong)
	refused(t, err, callback.SignatureMismatch, callback.SignatureMismatch)
}

// Only whoever has the token can do this; the padding is still checked.
func TestEveryFlippedByteOfASignedCiphertextIsHarmless(t *testing.T) {
	t.Parallel()
	text := `{"EventType":"check_url"}`
	sealed, err := ours().Encrypt([]byte(text), at, nonce)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(sealed.Encrypt)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			flipped := bytes.Clone(raw)
			flipped[i] ^= 1 << bit
			wrong := sealed
			wrong.Encrypt = base64.StdEncoding.EncodeToString(flipped)
			wrong.Signature = ours().Sign(at, nonce, wrong.Encrypt)
			got, err := ours().Decrypt(wrong)
			if err != nil && callback.CodeOf(err) != callback.DecryptFailed || err == nil && len(got) != len(text) {
				t.Errorf("byte %d, bit %d: %q, %v", i, bit, got, err)
			}
		}
	}
}

func TestAnotherTokenKeyOrOwnerOpensNothing(t *testing.T) {
	t.Parallel()
	sealed, err := ours().Encrypt([]byte("success"), at, nonce)
	if err != nil {
		t.Fatal(err)
	}
	_, err = crypto("other", aesKey, owner).Decrypt(sealed)
	refused(t, err, callback.SignatureMismatch, callback.SignatureMismatch)
	_, err = crypto(token, strings.Repeat("B", 43), owner).Decrypt(sealed)
	refused(t, err, callback.DecryptFailed, callback.DecryptFailed)
	_, err = crypto(token, aesKey, "ding0a1b").Decrypt(sealed)
	refused(t, err, callback.DecryptFailed, callback.OwnerMismatch)
}

// DingTalk's keys are random in their last character, too, of which only four
// bits count.
func TestTheSpareBitsOfAKeyDoNotCount(t *testing.T) {
	t.Parallel()
	sealed, err := crypto(token, aesKey[:42]+"A", owner).Encrypt([]byte("success"), at, nonce)
	if err != nil {
		t.Fatal(err)
	}
	for _, last := range "ABCD" {
		got, err := crypto(token, aesKey[:42]+string(last), owner).Decrypt(sealed)
		if err != nil || string(got) != "success" {
			t.Errorf("%c: %q, %v", last, got, err)
		}
	}
}

func TestSettingsThatCannotWorkAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		crypto callback.Crypto
		code   callback.Code
	}{
		"nothing set":          {callback.Crypto{}, callback.SignatureFailed},
		"no token":             {crypto("", aesKey, owner), callback.SignatureFailed},
		"no key":               {crypto(token, "", owner), callback.AESKeyIllegal},
		"a key of 42":          {crypto(token, aesKey[1:], owner), callback.AESKeyIllegal},
		"a key of 44":          {crypto(token, aesKey+"A", owner), callback.AESKeyIllegal},
		"a key with its =":     {crypto(token, aesKey+"=", owner), callback.AESKeyIllegal},
		"a key and a newline":  {crypto(token, aesKey+"\n", owner), callback.AESKeyIllegal},
		"a key of newlines":    {crypto(token, aesKey[:39]+"\n\n\n\n", owner), callback.AESKeyIllegal},
		"a key with a newline": {crypto(token, aesKey[1:]+"\n", owner), callback.AESKeyIllegal},
		"a key with a minus":   {crypto(token, aesKey[1:]+"-", owner), callback.AESKeyIllegal},
		"no owner":             {crypto(token, aesKey, ""), callback.OwnerMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, c.crypto.Check(), c.code, c.code)
			_, err := c.crypto.Encrypt([]byte("success"), at, nonce)
			refused(t, err, c.code, c.code)
			_, err = c.crypto.Decrypt(callback.Envelope{Signature: c.crypto.Sign(at, nonce, "AAAA"), Timestamp: at, Nonce: nonce, Encrypt: "AAAA"})
			refused(t, err, c.code, c.code)
		})
	}
}

func TestWhatCannotBeSealedIsRefused(t *testing.T) {
	t.Parallel()
	_, err := ours().Encrypt(nil, at, nonce)
	refused(t, err, callback.TextIllegal, callback.TextIllegal)
	_, err = ours().Encrypt([]byte("success"), "", nonce)
	refused(t, err, callback.TimestampIllegal, callback.TimestampIllegal)
	_, err = ours().Encrypt([]byte("success"), at, "")
	refused(t, err, callback.NonceIllegal, callback.NonceIllegal)
	_, err = ours().Encrypt(make([]byte, 1<<20+1), at, nonce)
	refused(t, err, callback.EncryptFailed, callback.EncryptFailed)
	if _, err = ours().Encrypt(make([]byte, 1<<20), at, nonce); err != nil {
		t.Error("1 MiB:", err)
	}
}

func TestEveryCodeHasWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for code := callback.TextIllegal; code <= callback.OwnerMismatch; code++ {
		if words := code.String(); words == callback.Code(0).String() || seen[words] {
			t.Errorf("%d: %q", code, words)
		}
		seen[code.String()] = true
	}
}

func TestCryptoPrintsNoSecret(t *testing.T) {
	t.Parallel()
	c := crypto("canary-token", aesKey, owner)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		text = fmt.Appendf(text, verb, c)
		text = fmt.Appendf(text, verb, callback.Handler{Crypto: c}.Crypto)
	}
	if strings.Contains(string(text), "canary") || strings.Contains(string(text), fmt.Sprintf("%x", "canary")) {
		t.Errorf("printed: %s", text)
	}
}

func FuzzDecrypt(f *testing.F) {
	for _, v := range vectors() {
		f.Add(v.sealed.Signature, v.sealed.Timestamp, v.sealed.Nonce, v.sealed.Encrypt, []byte(v.plain))
	}
	f.Add("", "", "", "", padding(32))
	f.Add("", "", "", "AA==", frame(7, "success", owner, padding(27)))
	f.Add("", "", "", "", frame(1<<32-1, "success", owner, padding(27)))
	f.Fuzz(func(t *testing.T, signature, timestamp, nonce, encrypt string, plain []byte) {
		c := ours()
		if _, err := c.Decrypt(callback.Envelope{Signature: signature, Timestamp: timestamp, Nonce: nonce, Encrypt: encrypt}); callback.CodeOf(err) != callback.SignatureMismatch {
			t.Errorf("not signed: %v", err)
		}
		// What is signed may be anything.
		_, err := c.Decrypt(callback.Envelope{Signature: c.Sign(timestamp, nonce, encrypt), Timestamp: timestamp, Nonce: nonce, Encrypt: encrypt})
		if err != nil && callback.CodeOf(err) != callback.DecryptFailed {
			t.Errorf("signed: %v", err)
		}
		// So may what it decrypts to. What is taken has the form that it must have.
		plain = append(plain, make([]byte, (16-len(plain)%16)%16)...)
		text, err := c.Decrypt(signed(t, c, plain))
		switch {
		case err != nil && callback.CodeOf(err) != callback.DecryptFailed:
			t.Errorf("decrypted: %v", err)
		case err == nil:
			pad := int(plain[len(plain)-1])
			want := append(plain[:16:16], frame(len(text), string(text), owner, padding(pad))[16:]...)
			if !bytes.Equal(plain, want) {
				t.Errorf("taken: %x", plain)
			}
		}
		if len(plain) > 0 {
			sealed, err := c.Encrypt(plain, at, "n")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := c.Decrypt(sealed); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("round trip: %v", err)
			}
		}
	})
}
