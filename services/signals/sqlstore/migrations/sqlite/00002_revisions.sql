-- +goose Up

-- What the row says beside its content. Of signals from before this version it
-- is what reaches least, until their ledger is folded again.

-- SHA-256 of the content of the newest revision: submitting that again is a
-- repetition too.
ALTER TABLE signal ADD COLUMN current_digest BLOB CHECK (length(current_digest) = 32);
-- The state that follows from the ledger of letters, 0 for none; state is the
-- one that is shown.
ALTER TABLE signal ADD COLUMN followed INTEGER NOT NULL DEFAULT 0;
-- The numbers of schakel.signals.v1.
ALTER TABLE signal ADD COLUMN confidentiality INTEGER NOT NULL DEFAULT 3;
ALTER TABLE signal ADD COLUMN severity INTEGER NOT NULL DEFAULT 1;
-- Whether it was reported under protection: 0 or 1.
ALTER TABLE signal ADD COLUMN protected INTEGER NOT NULL DEFAULT 0;

UPDATE signal SET current_digest = digest, followed = CASE WHEN state IN (3, 4, 5) THEN state ELSE 0 END;
