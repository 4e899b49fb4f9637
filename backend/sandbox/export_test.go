package sandbox

import "github.com/dingpass/dingpass/backend/secret"

// Sign is the signature of getuserinfo_bycode, for its vectors.
func Sign(message, key string) string { return sign(message, secret.New(key)) }
