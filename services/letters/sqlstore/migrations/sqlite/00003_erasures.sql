-- +goose Up

-- The signals from which something was removed, by the index of the last entry
-- that says so, and whether editions that were published are rid of it.
CREATE TABLE removal (
  signal TEXT    NOT NULL PRIMARY KEY,
  idx    INTEGER NOT NULL,
  done   INTEGER NOT NULL
) STRICT;

CREATE INDEX removal_waiting ON removal (signal) WHERE done = 0;

-- +goose Down
DROP TABLE removal;
