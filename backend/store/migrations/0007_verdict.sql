-- A verdict finds one person among up to a million. In a table WITHOUT ROWID
-- whole rows stand in the inner pages, a few to a page, and the way to one is
-- long; here it leads through a small index to the row. What is counted of a
-- person now stands in their row, as it is read with it each time.
--
-- The tables that refer to people are made anew with theirs, and the children
-- dropped before the parent: dropping a parent deletes row by row.

ALTER TABLE identities RENAME TO earlier_identities;
ALTER TABLE current RENAME TO earlier_current;
ALTER TABLE pins RENAME TO earlier_pins;
ALTER TABLE badges RENAME TO earlier_badges;
ALTER TABLE attempts RENAME TO earlier_attempts;

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

INSERT INTO identities (corp_id, user_key, union_key, job_key, verified_at, written_at, revision, tally, body)
SELECT corp_id, user_key, union_key, job_key, verified_at, written_at, revision,
    (SELECT a.body FROM earlier_attempts a WHERE a.corp_id = p.corp_id AND a.user_key = p.user_key), body
FROM earlier_identities p ORDER BY corp_id, user_key;

-- The key comes first, as it tells most people apart.
CREATE UNIQUE INDEX identities_user ON identities (user_key, corp_id);

CREATE TABLE current (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    corp_id  TEXT NOT NULL,
    user_key BLOB NOT NULL,
    FOREIGN KEY (corp_id, user_key) REFERENCES identities (corp_id, user_key) ON DELETE CASCADE
) STRICT;

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

-- One row for the device, and one for each job number that was tried and is
-- nobody's.
CREATE TABLE attempts (
    subject_key BLOB NOT NULL PRIMARY KEY,
    body        BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO current (one, corp_id, user_key) SELECT one, corp_id, user_key FROM earlier_current;
INSERT INTO pins (corp_id, user_key, body) SELECT corp_id, user_key, body FROM earlier_pins;
INSERT INTO badges (badge_key, corp_id, user_key, body) SELECT badge_key, corp_id, user_key, body FROM earlier_badges;
INSERT INTO attempts (subject_key, body) SELECT subject_key, body FROM earlier_attempts WHERE corp_id IS NULL;

DROP TABLE earlier_current;
DROP TABLE earlier_pins;
DROP TABLE earlier_badges;
DROP TABLE earlier_attempts;
DROP TABLE earlier_identities;

-- One person has one row in a company, whatever user ids they have had.
CREATE UNIQUE INDEX identities_union ON identities (union_key, corp_id);
CREATE INDEX identities_job ON identities (job_key);
CREATE INDEX badges_person ON badges (corp_id, user_key);
