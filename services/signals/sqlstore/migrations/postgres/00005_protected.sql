-- +goose Up

-- Codes that were handed out and not used: their SHA-256, and which
-- organisation they are of. Neither when they were made, nor who got which; nor in
-- which order, so those that are made at once are written in that of the hash. A
-- code that is used goes.
CREATE TABLE reporting_code (
  hash         BYTEA NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
  organisation TEXT COLLATE "C" NOT NULL
);

-- The cases of protected signals, found by the SHA-256 of a secret that nobody
-- but the reporter has.
CREATE TABLE protected_case (
  secret_hash BYTEA NOT NULL PRIMARY KEY CHECK (length(secret_hash) = 32),
  signal      TEXT COLLATE "C" NOT NULL UNIQUE
);

-- What was said in them. The content is the payload of the newest ledger entry
-- with the message as subject, and the order that of the first ones.
CREATE TABLE case_message (
  id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  signal TEXT COLLATE "C" NOT NULL
);

CREATE INDEX case_message_signal ON case_message (signal);
