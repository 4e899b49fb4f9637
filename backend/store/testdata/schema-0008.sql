-- Schema 8, with one person signed in and a token. Never changed again.

BEGIN TRANSACTION;
CREATE TABLE remembered (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO remembered VALUES('embed','page');
CREATE TABLE tokens (
    slot_key BLOB NOT NULL PRIMARY KEY,
    body     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tokens VALUES(X'50736c6f74',X'50746f6b656e');
CREATE TABLE sealing (
    epoch    INTEGER NOT NULL PRIMARY KEY,
    key_id   TEXT    NOT NULL,
    resealed INTEGER NOT NULL CHECK (resealed IN (0, 1)) -- 1: no person is left under an earlier key
) STRICT;
INSERT INTO sealing VALUES(1,'plain',1);
CREATE TABLE trusted_time (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    body BLOB NOT NULL
) STRICT;
CREATE TABLE log (
    seq      INTEGER NOT NULL PRIMARY KEY,
    event_id TEXT    NOT NULL UNIQUE,
    key_id   TEXT    NOT NULL,
    body     BLOB    NOT NULL,
    link     BLOB    NOT NULL
) STRICT;
INSERT INTO log VALUES(1,'2B63W6RKXWVGUXDQ2R7NAAWW5B','',X'507b2273657175656e6365223a312c226964223a22324236335736524b58575647555844513252374e414157573542222c226576656e74223a227369676e65645f696e222c226465766963655f74696d65223a22323032362d31312d32325430333a32353a33342e3631345a222c22747275737465645f74696d65223a22323032362d31312d32325430333a32353a33342e3631345a222c226d6574686f64223a227172222c22736f75726365223a226f6e6c696e65222c22636f72705f6964223a2264696e67636f727031222c22757365725f6964223a22757365722d7a68616e67222c226e616d65223a22e5bca0e4b889e4b8b0222c227472757374223a22756e636f6e6669726d6564227d',X'660350c1a8418badf92eb0db338ce7c903a6f79ba7183c7ea40ad2ee696d94a2');
CREATE TABLE identities (
    corp_id     TEXT    NOT NULL,
    user_key    BLOB    NOT NULL,
    union_key   BLOB,
    job_key     BLOB,             -- the job number's; NULL where DingTalk told none
    verified_at INTEGER NOT NULL, -- unix seconds, by DingTalk's confirmation
    written_at  INTEGER NOT NULL, -- unix seconds, by this machine's clock
    revision    INTEGER NOT NULL, -- grows with each write of body
    tally       BLOB,             -- what is counted of the person; NULL before the first sign-in with DingTalk
    body        BLOB    NOT NULL
) STRICT;
INSERT INTO identities VALUES('dingcorp1',X'50757365722d7a68616e67',X'50756e696f6e2d7a68616e67',X'504a4f422d303037',1795262400,1795317934,1,X'500136706572736f6e0064696e67636f72703100757365722d7a68616e67000000',X'50011264696e67636f72703114757365722d7a68616e6716756e696f6e2d7a68616e67146f70656e2d7a68616e6712e5bca0e4b889e4b8b00e73616e66656e674068747470733a2f2f7374617469632e6578616d706c652f7a68616e672e706e671631333830303133383030300838363432227a68616e67406578616d706c652e636f6d247a68616e6740636f72702e6578616d706c650e4a4f422d3030371ee5a4aae69e81e5b7a5e7a88be5b888040254020202809f8cb00d00');
CREATE TABLE current (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    corp_id  TEXT NOT NULL,
    user_key BLOB NOT NULL,
    FOREIGN KEY (corp_id, user_key) REFERENCES identities (corp_id, user_key) ON DELETE CASCADE
) STRICT;
INSERT INTO "current" VALUES(1,'dingcorp1',X'50757365722d7a68616e67');
CREATE TABLE pins (
    corp_id  TEXT NOT NULL,
    user_key BLOB NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (corp_id, user_key),
    FOREIGN KEY (corp_id, user_key) REFERENCES identities (corp_id, user_key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE badges (
    badge_key BLOB NOT NULL PRIMARY KEY,
    corp_id   TEXT NOT NULL,
    user_key  BLOB NOT NULL,
    body      BLOB NOT NULL,
    FOREIGN KEY (corp_id, user_key) REFERENCES identities (corp_id, user_key) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE attempts (
    subject_key BLOB NOT NULL PRIMARY KEY,
    body        BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO attempts VALUES(X'50646576696365',X'50010c646576696365000000');
CREATE TABLE former_keys (
    key_id TEXT NOT NULL PRIMARY KEY,
    body   BLOB NOT NULL
) STRICT;
CREATE TRIGGER log_only_grows BEFORE INSERT ON log
WHEN EXISTS (SELECT 1 FROM log WHERE seq >= NEW.seq OR event_id = NEW.event_id)
BEGIN
    SELECT RAISE(ABORT, 'the sign-in log only grows');
END;
CREATE TRIGGER log_never_changes BEFORE UPDATE ON log
BEGIN
    SELECT RAISE(ABORT, 'the sign-in log never changes');
END;
CREATE TRIGGER log_never_shrinks BEFORE DELETE ON log
BEGIN
    SELECT RAISE(ABORT, 'the sign-in log never shrinks');
END;
CREATE UNIQUE INDEX identities_user ON identities (user_key, corp_id);
CREATE UNIQUE INDEX identities_union ON identities (union_key, corp_id);
CREATE INDEX identities_job ON identities (job_key);
CREATE INDEX badges_person ON badges (corp_id, user_key);
COMMIT;
PRAGMA user_version = 8;
