// Package sqlstore keeps bottlenecks, letters and responses in SQLite or
// PostgreSQL, beside the ledger of the same database: it is letters.Store. It
// must not decide anything but what follows from a fold: who may see what is
// said by the grant, what may happen by package letters.
package sqlstore

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the tables of letters up to date.
func Migrate(ctx context.Context, db *sqldb.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return sqldb.Migrate(ctx, db, "letters", files)
}

// Store is letters.Store in a database in which Migrate and the migrations of
// the ledger were run. It is safe for concurrent use.
type Store struct{ db *sqldb.DB }

// New makes the store.
func New(db *sqldb.DB) *Store { return &Store{db} }

var _ letters.Store = (*Store)(nil)

// PutSignal implements letters.ProjectionStore.
func (s *Store) PutSignal(ctx context.Context, tx *sqldb.Tx, k letters.KnownSignal, receivedAt time.Time) error {
	hidden := 0
	if k.Hidden {
		hidden = 1
	}
	n, err := tx.Exec(ctx, `INSERT INTO known_signal (id, organisation, received_at, state, revision, hidden) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO NOTHING`, k.ID, k.Organisation, sqldb.Millis(receivedAt), int(k.State), k.Revision, hidden)
	if err != nil || n > 0 {
		return err
	}
	// Only a change locks the row: whoever bundles signals locks many.
	_, err = tx.Exec(ctx, `UPDATE known_signal SET state = $1, revision = $2, hidden = $3
		WHERE id = $4 AND revision < $2 AND (state <> $1 OR hidden <> $3)`, int(k.State), k.Revision, hidden, k.ID)
	return err
}

// PutBottleneck implements letters.FoldStore.
func (s *Store) PutBottleneck(ctx context.Context, tx *sqldb.Tx, b letters.Bottleneck, digest []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO bottleneck
		(id, organisation, external_reference, digest, revision, opened_at, state, state_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		b.ID, b.Organisation, b.ExternalReference, digest, b.Revision,
		sqldb.Millis(b.OpenedAt), int(b.State), sqldb.Millis(b.StateAt))
	if err != nil {
		return err
	}
	bundled := make([][]any, len(b.Signals))
	for i, id := range b.Signals {
		bundled[i] = []any{id, b.ID}
	}
	_, err = sqldb.Insert(ctx, tx, sqldb.Rows{
		Table: "bundled_signal", Columns: []string{"signal", "bottleneck"}, Values: bundled,
	})
	return err
}

// PutLetter implements letters.FoldStore.
func (s *Store) PutLetter(ctx context.Context, tx *sqldb.Tx, l letters.Letter, digest []byte) error {
	if l.Revision > 1 {
		_, err := tx.Exec(ctx, `UPDATE letter SET revision = $1, state = $2 WHERE id = $3`, l.Revision, int(l.State), l.ID)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO letter
		(id, organisation, department, external_reference, digest, revision, drafted_at, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		l.ID, l.Organisation, l.Department, l.ExternalReference, digest, l.Revision, sqldb.Millis(l.DraftedAt), int(l.State))
	if err != nil {
		return err
	}
	items := make([][]any, len(l.Items))
	for i, item := range l.Items {
		items[i] = []any{l.ID, item.Number, item.Bottleneck, int(item.State), sqldb.Millis(item.StateAt)}
	}
	_, err = sqldb.Insert(ctx, tx, sqldb.Rows{
		Table: "letter_item", Columns: []string{"letter", "number", "bottleneck", "state", "state_at"}, Values: items,
	})
	return err
}

// Present implements letters.FoldStore.
func (s *Store) Present(ctx context.Context, tx *sqldb.Tx, letter string, item letters.Item) error {
	return moveItem(ctx, tx, letter, item.Number, item.State, letters.BottleneckPresented, item.StateAt)
}

// PutResponse implements letters.FoldStore.
func (s *Store) PutResponse(ctx context.Context, tx *sqldb.Tx, letter string, number int, r letters.Response) error {
	_, err := tx.Exec(ctx, `INSERT INTO response (id, letter, number, answered_at) VALUES ($1, $2, $3, $4)`,
		r.ID, letter, number, sqldb.Millis(r.AnsweredAt))
	if err != nil {
		return err
	}
	if err := moveItem(ctx, tx, letter, number, letters.ItemAnswered, letters.BottleneckAnswered, r.AnsweredAt); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE letter SET state = $1 WHERE id = $2 AND state < $1 AND NOT EXISTS
		(SELECT 1 FROM letter_item WHERE letter = $2 AND state IN ($3, $4))`,
		int(letters.LetterAnswered), letter, int(letters.ItemWaiting), int(letters.ItemReopened))
	return err
}

// PutEdition implements letters.FoldStore.
func (s *Store) PutEdition(ctx context.Context, tx *sqldb.Tx, id string, compiledAt time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO edition (id, compiled_at) VALUES ($1, $2)`, id, sqldb.Millis(compiledAt))
	return err
}

// moveItem puts an item and its bottleneck in another state. An item that was
// answered before keeps the time of its first answer.
func moveItem(ctx context.Context, tx *sqldb.Tx, letter string, number int, item letters.ItemState, bottleneck letters.BottleneckState, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE letter_item SET state = $1, state_at = $2
		WHERE letter = $3 AND number = $4 AND state <> $1`, int(item), sqldb.Millis(at), letter, number)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE bottleneck SET state = $1, state_at = $2 WHERE state <> $1 AND id =
		(SELECT bottleneck FROM letter_item WHERE letter = $3 AND number = $4)`,
		int(bottleneck), sqldb.Millis(at), letter, number)
	return err
}
