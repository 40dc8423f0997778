package sqldb

import (
	"context"
	"fmt"
)

// Scrub makes what was deleted or overwritten go from where the engine still has
// it. On SQLite that is the write-ahead log, which is folded into the file and
// emptied; in the file itself deleting overwrites. PostgreSQL keeps dead rows
// until they are vacuumed, which this does; their bytes are overwritten as their
// pages are used again, and stay in the WAL and in backups as long as those are
// kept. A GIN index never lets go of a word: these are built anew, which is when
// what they index waits for seconds. The fault is Unavailable when someone reads for too long: try again.
func (db *DB) Scrub(ctx context.Context) error {
	if db.engine == Postgres {
		return db.scrubPostgres(ctx)
	}
	var inUse, frames, folded int
	err := db.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&inUse, &frames, &folded)
	if err == nil && inUse != 0 {
		return busy.Because(fmt.Errorf("%d of %d frames of the write-ahead log were folded", folded, frames))
	}
	return db.fault(ctx, err)
}

func (db *DB) scrubPostgres(ctx context.Context) error {
	if _, err := db.write.ExecContext(ctx, `VACUUM`); err != nil {
		return db.fault(ctx, err)
	}
	return db.Write(ctx, func(tx *Tx) error {
		names, err := All(ctx, tx, func(row Scanner) (name string, err error) {
			err = row.Scan(&name)
			return name, err
		}, `SELECT quote_ident(c.relname) FROM pg_class c JOIN pg_am a ON a.oid = c.relam
			WHERE a.amname = 'gin' AND c.relkind = 'i' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1`)
		for _, name := range names {
			if _, err := tx.Exec(ctx, `REINDEX INDEX `+name); err != nil {
				return err
			}
		}
		return err
	})
}
