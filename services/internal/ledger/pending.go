package ledger

import (
	"context"

	"schakel.example/services/internal/sqldb"
)

// Pending counts the entries that are committed and have no place in the log
// yet: how far the sequencer is behind.
func (r *Reader) Pending(ctx context.Context) (n int64, err error) {
	err = r.db.Read(ctx, func(tx *sqldb.Tx) error {
		n, _, err = sqldb.One(ctx, tx, func(row sqldb.Scanner) (int64, error) {
			var n int64
			err := row.Scan(&n)
			return n, err
		}, `SELECT count(*) FROM ledger_pending`)
		return err
	})
	return n, err
}
