-- +goose Up

-- The content of everything here is the payload of a ledger entry, found by
-- subject and revision; these tables hold what it is found by, and the states
-- that follow. Numbers of states are those of schakel.letters.v1.

-- The projection of signals: which there are, and whose.
CREATE TABLE known_signal (
  id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  organisation TEXT COLLATE "C" NOT NULL,
  received_at  BIGINT NOT NULL
);

CREATE TABLE bottleneck (
  id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  organisation       TEXT COLLATE "C" NOT NULL,
  external_reference TEXT COLLATE "C" NOT NULL,
  -- SHA-256 of the content as submitted: tells a repetition from a conflict.
  digest             BYTEA   NOT NULL CHECK (length(digest) = 32),
  revision           BIGINT NOT NULL CHECK (revision > 0),
  opened_at          BIGINT NOT NULL,
  state              BIGINT NOT NULL,
  state_at           BIGINT NOT NULL,
  UNIQUE (organisation, external_reference)
);

CREATE INDEX bottleneck_newest ON bottleneck (opened_at, id);

-- The one primary bottleneck of a signal.
CREATE TABLE bundled_signal (
  signal     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  bottleneck TEXT COLLATE "C" NOT NULL REFERENCES bottleneck (id)
);

CREATE TABLE letter (
  id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  organisation       TEXT COLLATE "C" NOT NULL,
  department         TEXT COLLATE "C" NOT NULL,
  external_reference TEXT COLLATE "C" NOT NULL,
  digest             BYTEA   NOT NULL CHECK (length(digest) = 32),
  revision           BIGINT NOT NULL CHECK (revision > 0),
  drafted_at         BIGINT NOT NULL,
  state              BIGINT NOT NULL,
  UNIQUE (organisation, external_reference)
);

CREATE INDEX letter_newest ON letter (drafted_at, id);

CREATE TABLE letter_item (
  letter     TEXT COLLATE "C" NOT NULL REFERENCES letter (id),
  number     BIGINT NOT NULL CHECK (number > 0),
  bottleneck TEXT COLLATE "C" NOT NULL REFERENCES bottleneck (id),
  state      BIGINT NOT NULL,
  state_at   BIGINT NOT NULL,
  PRIMARY KEY (letter, number)
);

CREATE INDEX letter_item_bottleneck ON letter_item (bottleneck);

CREATE TABLE response (
  id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  letter      TEXT COLLATE "C" NOT NULL,
  number      BIGINT NOT NULL,
  answered_at BIGINT NOT NULL,
  FOREIGN KEY (letter, number) REFERENCES letter_item (letter, number)
);

CREATE INDEX response_item ON response (letter, number, answered_at, id);

CREATE TABLE edition (
  id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  compiled_at BIGINT NOT NULL
);

CREATE INDEX edition_newest ON edition (compiled_at, id);
