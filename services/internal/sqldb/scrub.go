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
// kept. The fault is Unavailable when someone reads for too long: try again.
func (db *DB) Scrub(ctx context.Context) error {
	if db.engine == Postgres {
		_, err := db.write.ExecContext(ctx, `VACUUM`)
		return db.fault(ctx, err)
	}
	var inUse, frames, folded int
	err := db.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&inUse, &frames, &folded)
	if err == nil && inUse != 0 {
		return busy.Because(fmt.Errorf("%d of %d frames of the write-ahead log were folded", folded, frames))
	}
	return db.fault(ctx, err)
}
