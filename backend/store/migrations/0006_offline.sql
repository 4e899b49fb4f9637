-- What offline sign-in needs: PINs and badges, and what is counted against
-- guessing and against the limit of uses.
--
-- Keys are what a row is found by (see lookup in seal.go), bodies are sealed.

ALTER TABLE identities ADD COLUMN job_key BLOB; -- the job number's; NULL where DingTalk told none

CREATE INDEX identities_job ON identities (job_key);

CREATE TABLE pins (
    corp_id  TEXT NOT NULL,
    user_key BLOB NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (corp_id, user_key),
    FOREIGN KEY (corp_id, user_key) REFERENCES identities ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE badges (
    badge_key BLOB NOT NULL PRIMARY KEY,
    corp_id   TEXT NOT NULL,
    user_key  BLOB NOT NULL,
    body      BLOB NOT NULL,
    FOREIGN KEY (corp_id, user_key) REFERENCES identities ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX badges_person ON badges (corp_id, user_key);

-- One row for the device, one for each person, one for each job number that was
-- tried and is nobody's. Only a person's has the first two columns.
CREATE TABLE attempts (
    subject_key BLOB NOT NULL PRIMARY KEY,
    corp_id     TEXT,
    user_key    BLOB,
    body        BLOB NOT NULL,
    FOREIGN KEY (corp_id, user_key) REFERENCES identities ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_person ON attempts (corp_id, user_key);
