-- +goose Up

-- The content of everything here is the payload of a ledger entry, found by
-- subject and revision; these tables hold what it is found by.

CREATE TABLE contact_person (
  id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  department  TEXT COLLATE "C" NOT NULL,
  function    TEXT COLLATE "C" NOT NULL,
  -- The first and the last day, YYYY-MM-DD; the last is empty while it is open.
  valid_from  TEXT COLLATE "C" NOT NULL,
  valid_until TEXT COLLATE "C" NOT NULL,
  -- SHA-256 of the content as it came in: tells a repetition from a conflict.
  digest      BYTEA  NOT NULL CHECK (length(digest) = 32),
  revision    BIGINT NOT NULL CHECK (revision > 0),
  recorded_at BIGINT NOT NULL,
  UNIQUE (department, function, valid_from)
);

CREATE INDEX contact_person_newest ON contact_person (recorded_at, id);

CREATE TABLE contact (
  id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  department         TEXT COLLATE "C" NOT NULL,
  external_reference TEXT COLLATE "C" NOT NULL,
  contact_person     TEXT COLLATE "C" NOT NULL REFERENCES contact_person (id),
  digest             BYTEA  NOT NULL CHECK (length(digest) = 32),
  revision           BIGINT NOT NULL CHECK (revision > 0),
  recorded_at        BIGINT NOT NULL,
  UNIQUE (department, external_reference)
);

CREATE INDEX contact_newest ON contact (recorded_at, id);
CREATE INDEX contact_own ON contact (department, recorded_at, id);
