-- +goose Up

-- One row per state change, written in the transaction that makes the change.
-- Erasure empties payload, salt and receipt; the rest stays.
CREATE TABLE ledger_entry (
  -- The order of writing: drawn after the subject was locked, with gaps.
  seq      BIGINT NOT NULL PRIMARY KEY,
  id       TEXT   COLLATE "C" NOT NULL UNIQUE,
  subject  TEXT   COLLATE "C" NOT NULL,
  revision BIGINT NOT NULL CHECK (revision > 0),
  payload  BYTEA,
  salt     BYTEA  CHECK (length(salt) = 32),
  leaf     BYTEA  NOT NULL CHECK (length(leaf) = 32),
  receipt  BYTEA,
  -- Also the way to a subject's history.
  UNIQUE (subject, revision),
  CHECK ((payload IS NULL) = (salt IS NULL))
);

CREATE SEQUENCE ledger_entry_seq AS BIGINT OWNED BY ledger_entry.seq;

-- The entries that have no place in the log yet, with all that it takes to give
-- them one. Rows come and go: vacuum by their number, since the table is empty
-- again and again, and a share of nothing is nothing.
CREATE TABLE ledger_pending (
  seq  BIGINT NOT NULL PRIMARY KEY,
  leaf BYTEA  NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The log: its places, from 0 and without gaps. Rows are only ever added. No
-- foreign key: rows come from ledger_pending alone, and a key would lock, and so
-- rewrite, each row of ledger_entry.
CREATE TABLE ledger_order (
  idx BIGINT NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL UNIQUE
);

-- The Merkle tree as tiles (C2SP tlog-tiles, height 8), each as wide as it has
-- become: a narrower tile is its prefix. Hashes do not compress.
CREATE TABLE ledger_tile (
  level  BIGINT NOT NULL,
  n      BIGINT NOT NULL,
  hashes BYTEA  NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192),
  PRIMARY KEY (level, n)
);
ALTER TABLE ledger_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Every checkpoint that was signed: it shows when an entry was logged.
CREATE TABLE ledger_checkpoint (
  size      BIGINT NOT NULL PRIMARY KEY,
  note      BYTEA  NOT NULL,
  signed_at BIGINT NOT NULL
);

-- Who sequences, and how far it is. The one row changes with every round: room
-- on its page lets the new version stay there (HOT).
CREATE TABLE ledger_state (
  one       INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  size      BIGINT  NOT NULL,
  -- Up to which index entries were published, as known in the last round.
  published BIGINT  NOT NULL,
  -- Rises with each change of leader: the fence.
  epoch     BIGINT  NOT NULL,
  -- Rises with each sign of life of the leader.
  beat      BIGINT  NOT NULL,
  -- The leader; empty when it stepped down.
  leader    TEXT    COLLATE "C" NOT NULL
) WITH (fillfactor = 50);

INSERT INTO ledger_state (one, size, published, epoch, beat, leader) VALUES (1, 0, 0, 0, 0, '');
