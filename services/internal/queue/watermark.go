package queue

import (
	"context"
	"embed"
	"io/fs"

	"schakel.example/services/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Migrate makes or brings up to date the tables of this package, queue_watermark
// and queue_parked, in a consumer's database.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "queue", files)
}

// Watermark is how far a consumer is with one source.
type Watermark struct {
	// Source is the name of the ledger.
	Source string
	// Applied is the index below which every entry was applied or parked. It
	// never goes back, but for Rewind.
	Applied int64
	// Epoch rises with each change of the active applier; zero when none was
	// ever active.
	Epoch int64
	// Holder is the active applier; empty when it stepped down.
	Holder string
	// Parked is how many entries wait for a human.
	Parked int64

	beat int64
}

// ReadWatermark reads the watermark within a transaction of the consumer, so
// that it fits the rows seen there. A source that was never applied has the
// zero watermark.
func ReadWatermark(ctx context.Context, tx *sqldb.Tx, source string) (Watermark, error) {
	row, _, err := sqldb.One(ctx, tx, func(s sqldb.Scanner) (w Watermark, err error) {
		err = s.Scan(&w.Applied, &w.Epoch, &w.beat, &w.Holder, &w.Parked)
		return w, err
	}, `
		SELECT applied, epoch, beat, holder,
		       (SELECT count(*) FROM queue_parked p WHERE p.source = w.source)
		FROM queue_watermark w WHERE source = $1`, source)
	row.Source = source
	return row, err
}

// Rewind makes the applier of a source begin with the first entry again, within a
// transaction of the consumer that also empties what it folded the entries into.
// An applier that is at work is fenced off. What was parked is forgotten: it
// comes by again. A source that was never applied stays so.
func Rewind(ctx context.Context, tx *sqldb.Tx, source string) error {
	if _, err := tx.Exec(ctx, `
		UPDATE queue_watermark SET applied = 0, epoch = epoch + 1, beat = beat + 1, holder = ''
		WHERE source = $1`, source); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM queue_parked WHERE source = $1`, source)
	return err
}
