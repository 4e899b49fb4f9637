-- Tokens that restarts and other processes share, one to a slot. slot_key is
-- what a slot is found by (see lookup in seal.go), body is the token (see seal).

CREATE TABLE tokens (
    slot_key BLOB NOT NULL PRIMARY KEY,
    body     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
