-- +goose Up

-- Where a signal is in its life by the word of its organisation, and as of which
-- revision. The numbers are those of schakel.signals.v1.SignalState.
ALTER TABLE known_signal ADD COLUMN state BIGINT NOT NULL DEFAULT 1;
ALTER TABLE known_signal ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
-- Whether nobody but its organisation and who oversees may know of it: 0 or 1. Of
-- signals from before this version it is 1, until they change.
ALTER TABLE known_signal ADD COLUMN hidden INTEGER NOT NULL DEFAULT 1;

-- The way to what is in a bottleneck.
CREATE INDEX bundled_signal_bottleneck ON bundled_signal (bottleneck);

-- The projection of proposals, as signals tell of them. Signals are ids, with a
-- space between.
CREATE TABLE proposal (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  organisation TEXT COLLATE "C" NOT NULL,
  category TEXT COLLATE "C" NOT NULL,
  provision TEXT COLLATE "C" NOT NULL,
  signals TEXT COLLATE "C" NOT NULL,
  threshold BIGINT NOT NULL,
  window_days BIGINT NOT NULL,
  proposed_at BIGINT NOT NULL
);

CREATE INDEX proposal_newest ON proposal (proposed_at, id);
CREATE INDEX proposal_own ON proposal (organisation, proposed_at, id);

-- What became of them, by the own ledger: so a decision may be known before its
-- proposal. Why one was rejected is the payload of the entry with it as subject.
CREATE TABLE proposal_decision (
  proposal TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  state BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  bottleneck TEXT COLLATE "C" NOT NULL
);
