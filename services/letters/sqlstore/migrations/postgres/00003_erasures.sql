-- +goose Up

-- The signals from which something was removed, by the index of the last entry
-- that says so, and whether editions that were published are rid of it.
CREATE TABLE removal (
  signal TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  idx    BIGINT NOT NULL,
  done   BIGINT NOT NULL
);

CREATE INDEX removal_waiting ON removal (signal) WHERE done = 0;

-- +goose Down
DROP TABLE removal;
