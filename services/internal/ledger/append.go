package ledger

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"schakel.example/services/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Migrate makes or brings up to date the tables of the ledger in the database
// of a service.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "ledger", files)
}

// Append writes the entries in the caller's transaction and fills their Seq. It
// must be called after the subjects are locked, so that the order of the log is
// the order of the changes, and followed by Log.Wake after the commit. The
// error is a fault Conflict (sqldb.ReasonExists) when an id, or a revision of a
// subject, was written before.
func Append(ctx context.Context, tx *sqldb.Tx, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	seqs, err := drawSeqs(ctx, tx, len(entries))
	if err != nil {
		return err
	}
	rows, pending := make([][]any, len(entries)), make([][]any, len(entries))
	for i := range entries {
		e := &entries[i]
		if e.ID == "" || e.Subject == "" || e.Revision < 1 || len(e.Payload) == 0 || len(e.Payload) > MaxPayload {
			return fmt.Errorf("ledger: entry %q of subject %q, revision %d, with %d bytes is not whole",
				e.ID, e.Subject, e.Revision, len(e.Payload))
		}
		e.Seq = seqs[i]
		leaf := e.Leaf()
		rows[i] = []any{e.Seq, e.ID, e.Subject, e.Revision, e.Payload, e.Salt[:], leaf[:], orNull(e.Receipt)}
		pending[i] = []any{e.Seq, leaf[:]}
	}
	if err := insertEntries(ctx, tx, rows); err != nil {
		return err
	}
	_, err = sqldb.Insert(ctx, tx, sqldb.Rows{Table: "ledger_pending", Columns: []string{"seq", "leaf"}, Values: pending})
	return err
}

// insertEntries writes rows of ledger_entry.
func insertEntries(ctx context.Context, tx *sqldb.Tx, rows [][]any) error {
	_, err := sqldb.Insert(ctx, tx, sqldb.Rows{
		Table:   "ledger_entry",
		Columns: []string{"seq", "id", "subject", "revision", "payload", "salt", "leaf", "receipt"},
		Values:  rows,
	})
	return err
}

// orNull makes NULL of what is empty.
func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// drawSeqs draws n numbers in rising order. They are drawn ahead because no
// engine promises in which order an INSERT would return them.
func drawSeqs(ctx context.Context, tx *sqldb.Tx, n int) ([]int64, error) {
	if tx.Engine() == sqldb.Postgres {
		return sqldb.All(ctx, tx, scanInt, "SELECT nextval('ledger_entry_seq') FROM generate_series(1, $1::int)", n)
	}
	// The one writer of SQLite is us.
	last, _, err := sqldb.One(ctx, tx, scanInt, "SELECT coalesce(max(seq), 0) FROM ledger_entry")
	seqs := make([]int64, n)
	for i := range seqs {
		seqs[i] = last + 1 + int64(i)
	}
	return seqs, err
}

func scanInt(row sqldb.Scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

func scanText(row sqldb.Scanner) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}
