-- +goose Up

-- Erased entries of which copies may be left elsewhere: in the stream, in the
-- files of the database. A row goes when they are gone.
CREATE TABLE ledger_erasure (
  seq INTEGER NOT NULL PRIMARY KEY
) STRICT;
