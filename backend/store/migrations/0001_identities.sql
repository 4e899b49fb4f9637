-- People as DingTalk last confirmed them, who of them is signed in, and a few
-- facts about this machine.
--
-- user_key and union_key are what a person is found by (see lookup in
-- seal.go), body is what is known of them (see seal). No other column says
-- anything about a person but when they were confirmed.

CREATE TABLE identities (
    corp_id     TEXT    NOT NULL,
    user_key    BLOB    NOT NULL,
    union_key   BLOB,
    body        BLOB    NOT NULL,
    verified_at INTEGER NOT NULL, -- unix seconds, by DingTalk's confirmation
    written_at  INTEGER NOT NULL, -- unix seconds, by this machine's clock
    revision    INTEGER NOT NULL, -- grows with each write of the row
    PRIMARY KEY (corp_id, user_key)
) STRICT, WITHOUT ROWID;

-- One person has one row in a company, whatever user ids they have had.
CREATE UNIQUE INDEX identities_union ON identities (corp_id, union_key);

-- At most one row: who is signed in on this machine.
CREATE TABLE current (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    corp_id  TEXT NOT NULL,
    user_key BLOB NOT NULL,
    FOREIGN KEY (corp_id, user_key) REFERENCES identities ON DELETE CASCADE
) STRICT;

CREATE TABLE remembered (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
