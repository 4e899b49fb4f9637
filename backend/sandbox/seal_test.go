package sandbox_test

import (
	"strings"
	"testing"

	"github.com/dingpass/dingpass/backend/sandbox"
)

// The vectors are of the official samples of several languages; random is ""
// where only decrypting is known.
func TestSealVectors(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]struct {
		token, key, owner, timestamp, nonce, signature, random, plain, sealed string
	}{
		"V1: a suite's check": {
			"123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "suite4xxxxxxxxxxxxxxx", "1445827045067", "nEXhMP4r",
			"5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0", "hU3bEfGZZewzhG5a",
			`{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}`,
			"1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBmfxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdHlegK+AGGanfwjXuQ9+0pZcy0w9lQ==",
		},
		"V2: success": {
			"123456", "1234567890123456789012345678901234567890123", "dingsnotzck6pm5veliw", "1614767836", "A7Co0cJLMzIDtMMI",
			"9a95a004dd16f5c307e849b994173f76aa26e5eb", "dICkEDLj0eb6yAbc", "success",
			"YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==",
		},
		"V3: a fixed random": {
			"123456", "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij", "suite4xxxxxxxxxxxxxxx", "1445827045067", "nEXhMP4r",
			"bcf6dcefa4ce2dbaf7b0666c7264d46fd9aad4bd", "1234567890123456",
			`{"EventType":"check_create_suite_url","Random":"LPIdSnlF","TestSuiteKey":"suite4xxxxxxxxxxxxxxx"}`,
			"5DJFWzjRNOQk+5GSZxW+VrFMDWCIidPjEjg3//gm5x556BedVi62rDj1F9uXU97a4jw1R4FACUv9RCpoDobNqxhxRB2YtW901k4KHbP1/wpFJ3xdLG0n0A8U1VhENg80zKJd+YROR0YMGum4WYuoXJ6J98vt0ihYeIFoapNddLML5MyNAGM9saSpkouDMSvD+iU14i7V8ix1ia1Tb9ogog==",
		},
		"V4: thirty-one bytes of padding": {
			"mryue", "Yue0EfdN5900c1ce5cf6A152c63DDe1808a60c5ecd7", "ding6ccabc44d2c8d38b", "1608001896814", "WL4PK6yA",
			"03044561471240d4a14bb09372dfcfd4fd0e40cb", "", `{"EventType":"check_url"}`,
			"0vJiX6vliEpwG3U45CtXqi+m8PXbQRARJ8p8BbDuD1EMTDf0jKpQ79QS93qEk7XHpP6u+oTTrd15NRPvNvmBKyDCYxxOK+HZeKju4yhELOFchzNukR+t8SB/qk4ROMu3",
		},
		"V5: another success": {
			"tokenxxxx", "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus", "dingxxxxxx", "1605695694141", "WelUQl6bCqcBa2fM",
			"f36f4ba5337d426c7d4bca0dbcb06b3ddc1388fc", "", "success",
			"X1VSe9cTJUMZu60d3kyLYTrBq5578ZRJtteU94wG0Q4Uk6E/wQYeJRIC0/UFW5Wkya1Ihz9oXAdLlyC9TRaqsQ==",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := sandbox.NewSealer(v.token, v.key, v.owner)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Sign(v.timestamp, v.nonce, v.sealed); got != v.signature {
				t.Errorf("signature %s", got)
			}
			if got, err := s.Unseal(v.sealed); err != nil || got != v.plain {
				t.Errorf("unsealed %q, %v", got, err)
			}
			if got := s.Seal(v.random, v.plain); v.random != "" && got != v.sealed {
				t.Errorf("sealed %s", got)
			}
			if got, err := s.Unseal(s.Seal("1234567890123456", v.plain)); err != nil || got != v.plain {
				t.Errorf("there and back: %q, %v", got, err)
			}
			other, err := sandbox.NewSealer(v.token, v.key, "dingother")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := other.Unseal(v.sealed); err == nil {
				t.Errorf("another owner reads %q", got)
			}
			for _, spoilt := range []string{"", "AAAA", v.sealed[:44], strings.ToUpper(v.sealed)} {
				if got, err := s.Unseal(spoilt); err == nil {
					t.Errorf("spoilt, it reads %q", got)
				}
			}
		})
	}
}
