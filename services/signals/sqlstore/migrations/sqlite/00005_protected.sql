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
