-- Which keys have sealed what is in this file. A value names its key, and the
-- key its epoch; the epoch grows with each row of this table. No row: nothing
-- here was ever sealed.
CREATE TABLE sealing (
    epoch    INTEGER NOT NULL PRIMARY KEY,
    key_id   TEXT    NOT NULL,
    resealed INTEGER NOT NULL CHECK (resealed IN (0, 1)) -- 1: no person is left under an earlier key
) STRICT;
