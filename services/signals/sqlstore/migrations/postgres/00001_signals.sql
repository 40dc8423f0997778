-- +goose Up

-- What signals are found by. Their content is the payload of the ledger entry
-- with the same subject and revision.
CREATE TABLE signal (
  id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  organisation       TEXT COLLATE "C" NOT NULL,
  external_reference TEXT COLLATE "C" NOT NULL,
  -- SHA-256 of the content as submitted: tells a repetition from a conflict.
  digest             BYTEA  NOT NULL CHECK (length(digest) = 32),
  revision           BIGINT NOT NULL CHECK (revision > 0),
  received_at        BIGINT NOT NULL,
  -- The numbers of schakel.signals.v1.SignalState. From bundled on it follows
  -- from the ledger of letters.
  state              INTEGER NOT NULL,
  state_at           BIGINT  NOT NULL,
  bottleneck         TEXT COLLATE "C" NOT NULL,
  UNIQUE (organisation, external_reference)
);

CREATE INDEX signal_newest ON signal (received_at, id);
CREATE INDEX signal_own ON signal (organisation, received_at, id);
CREATE INDEX signal_bottleneck ON signal (bottleneck) WHERE bottleneck <> '';
