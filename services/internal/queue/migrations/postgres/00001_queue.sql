-- +goose Up
CREATE TABLE queue_watermark (
  source  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  -- All entries below this index are applied or parked.
  applied BIGINT NOT NULL CHECK (applied >= 0),
  -- Rises with each change of the active applier: the fence.
  epoch   BIGINT NOT NULL,
  -- Rises with each sign of life of the active applier.
  beat    BIGINT NOT NULL,
  -- The active applier; empty when it stepped down.
  holder  TEXT COLLATE "C" NOT NULL
);

-- The one row of a source changes with every batch: room on its page lets the
-- new version stay there (HOT), so that the table does not grow between vacuums.
ALTER TABLE queue_watermark SET (fillfactor = 50);

CREATE TABLE queue_parked (
  source    TEXT COLLATE "C" NOT NULL,
  idx       BIGINT NOT NULL,
  subject   TEXT COLLATE "C" NOT NULL,
  reason    TEXT COLLATE "C" NOT NULL,
  detail    TEXT COLLATE "C" NOT NULL,
  tries     BIGINT NOT NULL,
  parked_at BIGINT NOT NULL,
  tried_at  BIGINT NOT NULL,
  PRIMARY KEY (source, idx)
);

CREATE INDEX queue_parked_subject ON queue_parked (source, subject, idx);
