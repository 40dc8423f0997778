-- +goose Up

-- What signals are selected and counted by. Of those from before this version it
-- says nothing, until the index is filled.

-- A term of the vocabulary niveaus, and the number of schakel.signals.v1.Approach.
ALTER TABLE signal ADD COLUMN level TEXT NOT NULL DEFAULT '';
ALTER TABLE signal ADD COLUMN approach INTEGER NOT NULL DEFAULT 0;
-- What a signal counts under, besides what has a column: "c=hardheid d=gezinnen".
-- Read and counted in one pass; see signals.Facets.
ALTER TABLE signal ADD COLUMN facets TEXT NOT NULL DEFAULT '';
-- The newest revision that an edition covers, if it was open and what it says is
-- what the signal says now; otherwise 0. Who then sees it is for the reader to say.
ALTER TABLE signal ADD COLUMN published INTEGER NOT NULL DEFAULT 0;

CREATE INDEX signal_published ON signal (received_at, id) WHERE published > 0;

-- The index: which revision of a signal it knows, and by what, so that it can be
-- taken out again. It follows the own ledger, and can be emptied and filled anew.
CREATE TABLE signal_index (
  n        INTEGER NOT NULL PRIMARY KEY,
  signal   TEXT    NOT NULL UNIQUE,
  revision INTEGER NOT NULL,
  -- A line "kind value" for each term.
  terms    TEXT    NOT NULL
) STRICT;

-- The words of texts, as package search makes them, under the n of the index. What
-- is asked is which texts have a word, not where; and what is deleted is
-- overwritten, like everywhere.
CREATE VIRTUAL TABLE signal_text USING fts5(tokens, detail = none, columnsize = 0, tokenize = 'ascii');
INSERT INTO signal_text (signal_text, rank) VALUES ('secure-delete', 1);

-- What signals name.
CREATE TABLE signal_term (
  kind   TEXT NOT NULL,
  value  TEXT NOT NULL,
  signal TEXT NOT NULL,
  PRIMARY KEY (kind, value, signal)
) STRICT, WITHOUT ROWID;

-- Which department a bottleneck was put to, in a letter that was sent.
CREATE TABLE signal_audience (
  bottleneck TEXT NOT NULL,
  department TEXT NOT NULL,
  PRIMARY KEY (department, bottleneck)
) STRICT, WITHOUT ROWID;

-- Up to where the ledger is covered by editions, and up to where its signals are
-- marked so.
CREATE TABLE signal_publication (
  one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  size   INTEGER NOT NULL,
  marked INTEGER NOT NULL
) STRICT;

INSERT INTO signal_publication (one, size, marked) VALUES (1, 0, 0);
