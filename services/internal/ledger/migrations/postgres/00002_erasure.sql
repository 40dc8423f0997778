-- +goose Up

-- Erased entries of which copies may be left elsewhere: in the stream, in the
-- files of the database. A row goes when they are gone.
CREATE TABLE ledger_erasure (
  seq BIGINT NOT NULL PRIMARY KEY
);
