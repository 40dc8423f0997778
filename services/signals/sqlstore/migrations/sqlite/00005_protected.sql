-- +goose Up

-- Codes that were handed out and not used: their SHA-256, and which
-- organisation they are of. Neither when they were made, nor who got which; nor in
-- which order, so rows lie in that of the hash. A code that is used goes.
CREATE TABLE reporting_code (
  hash         BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  organisation TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The cases of protected signals, found by the SHA-256 of a secret that nobody
-- but the reporter has.
CREATE TABLE protected_case (
  secret_hash BLOB NOT NULL PRIMARY KEY CHECK (length(secret_hash) = 32),
  signal      TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- What was said in them. The content is the payload of the newest ledger entry
-- with the message as subject, and the order that of the first ones.
CREATE TABLE case_message (
  id     TEXT NOT NULL PRIMARY KEY,
  signal TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX case_message_signal ON case_message (signal);

-- Entries of protected reporters that wait for their day to be over: as they will
-- stand in the ledger, which would tell the hour. Number is their order within the
-- case of a signal, and nothing says in which order cases came. A row goes in the
-- transaction that takes it into the ledger.
-- Rows lie in the order of the subject, which is random.
CREATE TABLE protected_waiting (
  subject     TEXT NOT NULL PRIMARY KEY,
  signal      TEXT NOT NULL,
  number      INTEGER NOT NULL,
  day         INTEGER NOT NULL,
  secret_hash BLOB UNIQUE CHECK (length(secret_hash) = 32), -- of what opens a case
  id          TEXT NOT NULL UNIQUE,
  payload     BLOB NOT NULL,
  salt        BLOB NOT NULL CHECK (length(salt) = 32),
  receipt     BLOB,
  UNIQUE (signal, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX protected_waiting_day ON protected_waiting (day, signal, number);
