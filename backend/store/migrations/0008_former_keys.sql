-- What the file needs of keys that the vault has given up or may give up: rows
-- of the log, PINs and badges stay under theirs. body is sealed with the present
-- key (see former.go).
--
-- From here on sealing may have a row without a key: an epoch that the file had
-- missed, being an older copy, and was told of (see epoch.go).
CREATE TABLE former_keys (
    key_id TEXT NOT NULL PRIMARY KEY,
    body   BLOB NOT NULL
) STRICT;
