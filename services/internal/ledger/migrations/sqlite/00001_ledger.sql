-- +goose Up

-- One row per state change, written in the transaction that makes the change.
-- Erasure empties payload, salt and receipt; the rest stays.
CREATE TABLE ledger_entry (
  -- The order of writing: drawn after the subject was locked, with gaps.
  seq      INTEGER NOT NULL PRIMARY KEY,
  id       TEXT    NOT NULL UNIQUE,
  subject  TEXT    NOT NULL,
  revision INTEGER NOT NULL CHECK (revision > 0),
  payload  BLOB,
  salt     BLOB    CHECK (length(salt) = 32),
  leaf     BLOB    NOT NULL CHECK (length(leaf) = 32),
  receipt  BLOB,
  -- Also the way to a subject's history.
  UNIQUE (subject, revision),
  CHECK ((payload IS NULL) = (salt IS NULL))
) STRICT;

-- The entries that have no place in the log yet, with all that it takes to give
-- them one.
CREATE TABLE ledger_pending (
  seq  INTEGER NOT NULL PRIMARY KEY,
  leaf BLOB    NOT NULL
) STRICT;

-- The log: its places, from 0 and without gaps. Rows are only ever added. No
-- foreign key: rows come from ledger_pending alone, and on PostgreSQL a key
-- would lock, and so rewrite, each row of ledger_entry.
CREATE TABLE ledger_order (
  idx INTEGER NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL UNIQUE
) STRICT;

-- The Merkle tree as tiles (C2SP tlog-tiles, height 8), each as wide as it has
-- become: a narrower tile is its prefix.
CREATE TABLE ledger_tile (
  level  INTEGER NOT NULL,
  n      INTEGER NOT NULL,
  hashes BLOB    NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192),
  PRIMARY KEY (level, n)
) STRICT;

-- Every checkpoint that was signed: it shows when an entry was logged.
CREATE TABLE ledger_checkpoint (
  size      INTEGER NOT NULL PRIMARY KEY,
  note      BLOB    NOT NULL,
  signed_at INTEGER NOT NULL
) STRICT;

-- Who sequences, and how far it is.
CREATE TABLE ledger_state (
  one       INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  size      INTEGER NOT NULL,
  -- Up to which index entries were published, as known in the last round.
  published INTEGER NOT NULL,
  -- Rises with each change of leader: the fence.
  epoch     INTEGER NOT NULL,
  -- Rises with each sign of life of the leader.
  beat      INTEGER NOT NULL,
  -- The leader; empty when it stepped down.
  leader    TEXT    NOT NULL
) STRICT;

INSERT INTO ledger_state (one, size, published, epoch, beat, leader) VALUES (1, 0, 0, 0, 0, '');
