-- +goose Up

-- The content of everything here is the payload of a ledger entry, found by
-- subject and revision; these tables hold what it is found by.

CREATE TABLE contact_person (
  id          TEXT    NOT NULL PRIMARY KEY,
  department  TEXT    NOT NULL,
  function    TEXT    NOT NULL,
  -- The first and the last day, YYYY-MM-DD; the last is empty while it is open.
  valid_from  TEXT    NOT NULL,
  valid_until TEXT    NOT NULL,
  -- SHA-256 of the content as it came in: tells a repetition from a conflict.
  digest      BLOB    NOT NULL CHECK (length(digest) = 32),
  revision    INTEGER NOT NULL CHECK (revision > 0),
  recorded_at INTEGER NOT NULL,
  UNIQUE (department, function, valid_from)
) STRICT;

CREATE INDEX contact_person_newest ON contact_person (recorded_at, id);

CREATE TABLE contact (
  id                 TEXT    NOT NULL PRIMARY KEY,
  department         TEXT    NOT NULL,
  external_reference TEXT    NOT NULL,
  contact_person     TEXT    NOT NULL REFERENCES contact_person (id),
  digest             BLOB    NOT NULL CHECK (length(digest) = 32),
  revision           INTEGER NOT NULL CHECK (revision > 0),
  recorded_at        INTEGER NOT NULL,
  UNIQUE (department, external_reference)
) STRICT;

CREATE INDEX contact_newest ON contact (recorded_at, id);
CREATE INDEX contact_own ON contact (department, recorded_at, id);
