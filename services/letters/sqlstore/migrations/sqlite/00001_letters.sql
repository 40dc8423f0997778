-- +goose Up

-- The content of everything here is the payload of a ledger entry, found by
-- subject and revision; these tables hold what it is found by, and the states
-- that follow. Numbers of states are those of schakel.letters.v1.

-- The projection of signals: which there are, and whose.
CREATE TABLE known_signal (
  id           TEXT    NOT NULL PRIMARY KEY,
  organisation TEXT    NOT NULL,
  received_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE bottleneck (
  id                 TEXT    NOT NULL PRIMARY KEY,
  organisation       TEXT    NOT NULL,
  external_reference TEXT    NOT NULL,
  -- SHA-256 of the content as submitted: tells a repetition from a conflict.
  digest             BLOB    NOT NULL CHECK (length(digest) = 32),
  revision           INTEGER NOT NULL CHECK (revision > 0),
  opened_at          INTEGER NOT NULL,
  state              INTEGER NOT NULL,
  state_at           INTEGER NOT NULL,
  UNIQUE (organisation, external_reference)
) STRICT;

CREATE INDEX bottleneck_newest ON bottleneck (opened_at, id);

-- The one primary bottleneck of a signal.
CREATE TABLE bundled_signal (
  signal     TEXT NOT NULL PRIMARY KEY,
  bottleneck TEXT NOT NULL REFERENCES bottleneck (id)
) STRICT;

CREATE TABLE letter (
  id                 TEXT    NOT NULL PRIMARY KEY,
  organisation       TEXT    NOT NULL,
  department         TEXT    NOT NULL,
  external_reference TEXT    NOT NULL,
  digest             BLOB    NOT NULL CHECK (length(digest) = 32),
  revision           INTEGER NOT NULL CHECK (revision > 0),
  drafted_at         INTEGER NOT NULL,
  state              INTEGER NOT NULL,
  UNIQUE (organisation, external_reference)
) STRICT;

CREATE INDEX letter_newest ON letter (drafted_at, id);

CREATE TABLE letter_item (
  letter     TEXT    NOT NULL REFERENCES letter (id),
  number     INTEGER NOT NULL CHECK (number > 0),
  bottleneck TEXT    NOT NULL REFERENCES bottleneck (id),
  state      INTEGER NOT NULL,
  state_at   INTEGER NOT NULL,
  PRIMARY KEY (letter, number)
) STRICT;

CREATE INDEX letter_item_bottleneck ON letter_item (bottleneck);

CREATE TABLE response (
  id          TEXT    NOT NULL PRIMARY KEY,
  letter      TEXT    NOT NULL,
  number      INTEGER NOT NULL,
  answered_at INTEGER NOT NULL,
  FOREIGN KEY (letter, number) REFERENCES letter_item (letter, number)
) STRICT;

CREATE INDEX response_item ON response (letter, number, answered_at, id);

CREATE TABLE edition (
  id          TEXT    NOT NULL PRIMARY KEY,
  compiled_at INTEGER NOT NULL
) STRICT;

CREATE INDEX edition_newest ON edition (compiled_at, id);
