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

-- Entries of protected reporters that wait for their day to be over: as they will
-- stand in the ledger, which would tell the hour. Number is their order within the
-- case of a signal, and nothing says in which order cases came. A row goes in the
-- transaction that takes it into the ledger.
-- The table keeps the order in which they came, as any does here, until they go;
-- so whoever releases them has it vacuumed.
CREATE TABLE protected_waiting (
  subject     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  signal      TEXT COLLATE "C" NOT NULL,
  number      BIGINT NOT NULL,
  day         BIGINT NOT NULL,
  secret_hash BYTEA UNIQUE CHECK (length(secret_hash) = 32), -- of what opens a case
  id          TEXT COLLATE "C" NOT NULL UNIQUE,
  payload     BYTEA NOT NULL,
  salt        BYTEA NOT NULL CHECK (length(salt) = 32),
  receipt     BYTEA,
  UNIQUE (signal, number)
);

CREATE INDEX protected_waiting_day ON protected_waiting (day, signal, number);
