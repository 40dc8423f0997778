-- +goose Up

-- When letters made a signal what it is shown as; 0 while they did not.
ALTER TABLE signal ADD COLUMN followed_at INTEGER NOT NULL DEFAULT 0;
UPDATE signal SET followed_at = state_at WHERE followed <> 0;

-- The way to what waits to be triaged, the oldest first.
CREATE INDEX signal_waiting ON signal (organisation, received_at, id) WHERE state = 1;

-- Which signals were found to tell of the same thing: both ids, the smaller
-- first.
CREATE TABLE signal_link (
  one   TEXT NOT NULL,
  other TEXT NOT NULL,
  PRIMARY KEY (one, other),
  CHECK (one < other)
) STRICT, WITHOUT ROWID;

CREATE INDEX signal_link_other ON signal_link (other);

-- Which signals are merged, and into which.
CREATE TABLE signal_merge (
  signal TEXT NOT NULL PRIMARY KEY,
  target TEXT NOT NULL
) STRICT;

CREATE INDEX signal_merge_target ON signal_merge (target);

-- The rules that organisations set. Those in force are for what follows them in
-- the ledger: they change when the own ledger is applied.
CREATE TABLE triage_rule (
  organisation      TEXT    NOT NULL,
  category          TEXT    NOT NULL,
  threshold         INTEGER NOT NULL,
  window_days       INTEGER NOT NULL,
  threshold_applied INTEGER,
  window_applied    INTEGER,
  PRIMARY KEY (organisation, category)
) STRICT;

-- What signals are alike in, made by applying the own ledger: a row for each
-- rule and category of a signal. Kin is 16 bytes of SHA-256 over organisation
-- and rule.
CREATE TABLE signal_theme (
  signal      TEXT    NOT NULL,
  kin         BLOB    NOT NULL CHECK (length(kin) = 16),
  category    TEXT    NOT NULL,
  received_at INTEGER NOT NULL,
  -- Whether it is a fix that counts and stands in no proposal yet: 0 or 1.
  fresh       INTEGER NOT NULL,
  PRIMARY KEY (signal, kin, category)
) STRICT, WITHOUT ROWID;

CREATE INDEX signal_theme_kin ON signal_theme (kin, received_at, signal);
CREATE INDEX signal_theme_fresh ON signal_theme (kin, category, received_at, signal) WHERE fresh = 1;

-- The bottlenecks that were proposed, and the fixes that they name.
CREATE TABLE bottleneck_proposal (
  id          TEXT    NOT NULL PRIMARY KEY,
  kin         BLOB    NOT NULL CHECK (length(kin) = 16),
  category    TEXT    NOT NULL,
  number      INTEGER NOT NULL CHECK (number > 0),
  proposed_at INTEGER NOT NULL,
  UNIQUE (kin, category, number)
) STRICT;

CREATE TABLE proposed_fix (
  signal   TEXT NOT NULL,
  kin      BLOB NOT NULL CHECK (length(kin) = 16),
  category TEXT NOT NULL,
  proposal TEXT NOT NULL,
  PRIMARY KEY (signal, kin, category)
) STRICT, WITHOUT ROWID;
