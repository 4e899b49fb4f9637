-- The sign-in log. seq, event_id and key_id are as in signlog.Row: a number
-- without gaps, the event's random name, and the key of the link. body is the
-- entry (see seal in seal.go); link is the keyed hash of it all and of the link
-- before.
--
-- Rows are only ever added, at the end: the triggers refuse everything else,
-- also «INSERT OR REPLACE», which deletes without asking the others. There is
-- no way around them and no retention yet; a wish to forget a person leaves
-- their entries, which are sealed, as they are.

CREATE TABLE log (
    seq      INTEGER NOT NULL PRIMARY KEY,
    event_id TEXT    NOT NULL UNIQUE,
    key_id   TEXT    NOT NULL,
    body     BLOB    NOT NULL,
    link     BLOB    NOT NULL
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
