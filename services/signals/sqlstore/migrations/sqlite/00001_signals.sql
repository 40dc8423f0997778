-- +goose Up

-- What signals are found by. Their content is the payload of the ledger entry
-- with the same subject and revision.
CREATE TABLE signal (
  id                 TEXT    NOT NULL PRIMARY KEY,
  organisation       TEXT    NOT NULL,
  external_reference TEXT    NOT NULL,
  -- SHA-256 of the content as submitted: tells a repetition from a conflict.
  digest             BLOB    NOT NULL CHECK (length(digest) = 32),
  revision           INTEGER NOT NULL CHECK (revision > 0),
  received_at        INTEGER NOT NULL,
  -- The numbers of schakel.signals.v1.SignalState. From bundled on it follows
  -- from the ledger of letters.
  state              INTEGER NOT NULL,
  state_at           INTEGER NOT NULL,
  bottleneck         TEXT    NOT NULL,
  UNIQUE (organisation, external_reference)
) STRICT;

CREATE INDEX signal_newest ON signal (received_at, id);
CREATE INDEX signal_own ON signal (organisation, received_at, id);
CREATE INDEX signal_bottleneck ON signal (bottleneck) WHERE bottleneck <> '';
