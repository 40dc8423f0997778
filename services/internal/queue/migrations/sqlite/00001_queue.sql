-- +goose Up
CREATE TABLE queue_watermark (
  source  TEXT    NOT NULL PRIMARY KEY,
  -- All entries below this index are applied or parked.
  applied INTEGER NOT NULL CHECK (applied >= 0),
  -- Rises with each change of the active applier: the fence.
  epoch   INTEGER NOT NULL,
  -- Rises with each sign of life of the active applier.
  beat    INTEGER NOT NULL,
  -- The active applier; empty when it stepped down.
  holder  TEXT    NOT NULL
) STRICT;

CREATE TABLE queue_parked (
  source    TEXT    NOT NULL,
  idx       INTEGER NOT NULL,
  subject   TEXT    NOT NULL,
  reason    TEXT    NOT NULL,
  detail    TEXT    NOT NULL,
  tries     INTEGER NOT NULL,
  parked_at INTEGER NOT NULL,
  tried_at  INTEGER NOT NULL,
  PRIMARY KEY (source, idx)
) STRICT;

CREATE INDEX queue_parked_subject ON queue_parked (source, subject, idx);
