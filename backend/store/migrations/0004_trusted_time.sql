-- The latest moment that is known to have passed, in at most one row. body is
-- sealed (see seal.go): who could move it back would win time offline.
--
-- What DingTalk said against a person needs no column: it stands in the sealed
-- body of their row, where nobody can take it out.

CREATE TABLE trusted_time (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    body BLOB NOT NULL
) STRICT;
