-- +goose Up

-- What signals are selected and counted by. Of those from before this version it
-- says nothing, until the index is filled.

-- A term of the vocabulary niveaus, and the number of schakel.signals.v1.Approach.
ALTER TABLE signal ADD COLUMN level TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE signal ADD COLUMN approach INTEGER NOT NULL DEFAULT 0;
-- What a signal counts under, besides what has a column: "c=hardheid d=gezinnen".
-- Read and counted in one pass; see signals.Facets.
ALTER TABLE signal ADD COLUMN facets TEXT COLLATE "C" NOT NULL DEFAULT '';
-- The newest revision that an edition covers, if it was open and what it says is
-- what the signal says now; otherwise 0. Who then sees it is for the reader to say.
ALTER TABLE signal ADD COLUMN published BIGINT NOT NULL DEFAULT 0;

CREATE INDEX signal_published ON signal (received_at, id) WHERE published > 0;

-- The index: which revision of a signal it knows, and by what, so that it can be
-- taken out again. It follows the own ledger, and can be emptied and filled anew.
CREATE TABLE signal_index (
  signal   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  -- A line "kind value" for each term.
  terms    TEXT COLLATE "C" NOT NULL,
  -- The words of its texts, as package search makes them.
  tokens   tsvector NOT NULL
);

CREATE INDEX signal_index_tokens ON signal_index USING gin (tokens);

-- What signals name.
CREATE TABLE signal_term (
  kind   TEXT COLLATE "C" NOT NULL,
  value  TEXT COLLATE "C" NOT NULL,
  signal TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (kind, value, signal)
);

-- Which department a bottleneck was put to, in a letter that was sent.
CREATE TABLE signal_audience (
  bottleneck TEXT COLLATE "C" NOT NULL,
  department TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (department, bottleneck)
);

-- Up to where the ledger is covered by editions, and up to where its signals are
-- marked so.
CREATE TABLE signal_publication (
  one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  size   BIGINT  NOT NULL,
  marked BIGINT  NOT NULL
);

INSERT INTO signal_publication (one, size, marked) VALUES (1, 0, 0);
