-- +goose Up

-- Codes that were handed out and not used: their SHA-256, and which
-- organisation they are of. Neither when they were made, nor who got which. A
-- code that is used goes.
CREATE TABLE reporting_code (
  hash         BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  organisation TEXT NOT NULL
) STRICT;

-- The cases of protected signals, found by the SHA-256 of a secret that nobody
-- but the reporter has.
CREATE TABLE protected_case (
  secret_hash BLOB NOT NULL PRIMARY KEY CHECK (length(secret_hash) = 32),
  signal      TEXT NOT NULL UNIQUE
) STRICT;

-- What was said in them, in order. The content is the payload of the ledger
-- entry with the message as subject.
CREATE TABLE case_message (
  id     TEXT    NOT NULL PRIMARY KEY,
  signal TEXT    NOT NULL,
  number INTEGER NOT NULL CHECK (number > 0),
  UNIQUE (signal, number)
) STRICT;
