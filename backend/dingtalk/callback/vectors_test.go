package callback_test

import (
	"testing"

	"github.com/dingpass/dingpass/backend/dingtalk/callback"
	"github.com/dingpass/dingpass/backend/secret"
)

// vector is a published example; every one has been computed anew with openssl.
type vector struct {
	name   string
	crypto callback.Crypto
	sealed callback.Envelope
	plain  string
	random string // "" where it is not ours to repeat
}

const suiteCheck = `{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}`

func crypto(token, aesKey, owner string) callback.Crypto {
	return callback.Crypto{Token: secret.New(token), AESKey: secret.New(aesKey), Owner: owner}
}

func vectors() []vector {
	suite := crypto("123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "suite4xxxxxxxxxxxxxxx")
	return []vector{
		{"V1, a suite's check", suite, callback.Envelope{
			Signature: "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0", Timestamp: "1445827045067", Nonce: "nEXhMP4r",
			Encrypt: "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
		}, suiteCheck, "hU3bEfGZZewzhG5a"},
		{"V2, an answer", crypto("123456", "1234567890123456789012345678901234567890123", "dingsnotzck6pm5veliw"), callback.Envelope{
			Signature: "9a95a004dd16f5c307e849b994173f76aa26e5eb", Timestamp: "1614767836", Nonce: "A7Co0cJLMzIDtMMI",
			Encrypt: "YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
		}, "success", "dICkEDLj0eb6yAbc"},
		{"V3, fixed random bytes", suite, callback.Envelope{
			Signature: "bcf6dcefa4ce2dbaf7b0666c7264d46fd9aad4bd", Timestamp: "1445827045067", Nonce: "nEXhMP4r",
			Encrypt: "5DJFWzjRNOQk+5GSZxW+VrFMDWCIidPjEjg3//gm5x556BedVi62rDj1F9uXU97a4jw1R4FACUv9RCpoDobNqxhxRB2YtW901k4KHbP1/wpFJ3xdLG0n0A8U1VhENg80zKJd+YROR0YMGum4WYuoXJ6J98vt0ihYeIFoapNddLML5MyNAGM9saSpkouDMSvD+iU14i7V8ix1ia1Tb9ogog==",
		}, suiteCheck, "1234567890123456"},
		{"V4, a padding of 31", crypto("mryue", "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7", "ding6ccabc44d2c8d38b"), callback.Envelope{
			Signature: "03044561471240d4a14bb09372dfcfd4fd0e40cb", Timestamp: "1608001896814", Nonce: "WL4PK6yA",
			Encrypt: "0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
		}, `{"EventType":"check_url"}`, ""},
		{"V5, an answer with a padding of 27", crypto("tokenxxxx", "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus", "dingxxxxxx"), callback.Envelope{
			Signature: "f36f4ba5337d426c7d4bca0dbcb06b3ddc1388fc", Timestamp: "1605695694141", Nonce: "WelUQl6bCqcBa2fM",
			Encrypt: "X1VSe9cTJUMZu60d3kyLYTrBq5578ZRJtteU94wG0Q4Uk6E/wQYeJRIC0/UFW5Wkya1Ihz9oXAdLlyC9TRaqsQ==",
		}, "success", ""},
	}
}

func TestPublishedVectorsAreSignedAndOpened(t *testing.T) {
	t.Parallel()
	for _, v := range vectors() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			if err := v.crypto.Check(); err != nil {
				t.Error("check:", err)
			}
			if got := v.crypto.Sign(v.sealed.Timestamp, v.sealed.Nonce, v.sealed.Encrypt); got != v.sealed.Signature {
				t.Errorf("signature = %s, want %s", got, v.sealed.Signature)
			}
			got, err := v.crypto.Decrypt(v.sealed)
			if err != nil || string(got) != v.plain {
				t.Errorf("text = %q, %v; want %q", got, err, v.plain)
			}
		})
	}
}

func TestPublishedVectorsAreSealedToTheByte(t *testing.T) {
	t.Parallel()
	for _, v := range vectors() {
		if v.random == "" {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			got, err := callback.Seal(v.crypto, []byte(v.plain), v.sealed.Timestamp, v.sealed.Nonce, v.random)
			if err != nil || got != v.sealed {
				t.Errorf("sealed = %+v, %v; want %+v", got, err, v.sealed)
			}
		})
	}
}
