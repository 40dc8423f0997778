-- +goose Up

-- Where a signal is in its life by the word of its organisation, and as of which
-- revision. The numbers are those of schakel.signals.v1.SignalState.
ALTER TABLE known_signal ADD COLUMN state INTEGER NOT NULL DEFAULT 1;
ALTER TABLE known_signal ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
-- Whether nobody but its organisation and who oversees may know of it: 0 or 1. Of
-- signals from before this version it is 1, until they change.
ALTER TABLE known_signal ADD COLUMN hidden INTEGER NOT NULL DEFAULT 1;

-- The way to what is in a bottleneck.
CREATE INDEX bundled_signal_bottleneck ON bundled_signal (bottleneck);

-- The projection of proposals, as signals tell of them. Signals are ids, with a
-- space between.
CREATE TABLE proposal (
  id           TEXT    NOT NULL PRIMARY KEY,
  organisation TEXT    NOT NULL,
  category     TEXT    NOT NULL,
  provision    TEXT    NOT NULL,
  signals      TEXT    NOT NULL,
  threshold    INTEGER NOT NULL,
  window_days  INTEGER NOT NULL,
  proposed_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX proposal_newest ON proposal (proposed_at, id);
CREATE INDEX proposal_own ON proposal (organisation, proposed_at, id);

-- What became of them, by the own ledger: so a decision may be known before its
-- proposal. Why one was rejected is the payload of the entry with it as subject.
CREATE TABLE proposal_decision (
  proposal   TEXT    NOT NULL PRIMARY KEY,
  state      INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  bottleneck TEXT    NOT NULL
) STRICT;
