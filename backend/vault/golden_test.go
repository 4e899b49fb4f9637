package vault_test

import (
	"encoding/hex"
	"testing"
)

// What the key of 32 times «a» gives.
const (
	wantID     = "fb33ebb0a1ffb0dc"
	wantLookup = "9c4d3b70508a121d026a3ed47c6b6eb20bc7b1444d658fe3f50079399a1659f5"
	wantSealed = "01" + "fb33ebb0a1ffb0dc" + // version, key id
		"a7333a44da0ae043e9372b1ea2882364288581805305aea0" + // nonce
		"940968352af95081380053fa0343701d205aa51e362319f0fe123cd4ed0404874122391d758d"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	blob, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return blob
}
