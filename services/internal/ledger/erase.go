package ledger

import (
	"context"

	"schakel.example/services/internal/sqldb"
)

// Erased is what is left of an entry: the rest, and whoever could tell it, is
// gone.
type Erased struct {
	ID       string
	Revision int64
	Leaf     []byte
}

// Erase empties the entries of a subject below a revision, in the caller's
// transaction, which records why in an entry of its own. Leaf and place stay; so
// the tree, and every proof, holds. It returns what it emptied, the oldest first;
// what was empty before is not among it. The leader sees to it that copies in the
// stream and in the files of the database go too; a published edition, a backup
// and a file that was exported are beyond its reach.
func Erase(ctx context.Context, tx *sqldb.Tx, subject string, below int64) ([]Erased, error) {
	const which = ` WHERE subject = $1 AND revision < $2 AND payload IS NOT NULL`
	_, err := tx.Exec(ctx, `INSERT INTO ledger_erasure (seq) SELECT seq FROM ledger_entry`+which, subject, below)
	if err != nil {
		return nil, err
	}
	all, err := sqldb.All(ctx, tx, func(row sqldb.Scanner) (e Erased, err error) {
		err = row.Scan(&e.ID, &e.Revision, &e.Leaf)
		return e, err
	}, `SELECT id, revision, leaf FROM ledger_entry`+which+` ORDER BY revision`, subject, below)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE ledger_entry SET payload = NULL, salt = NULL, receipt = NULL`+which, subject, below)
	return all, err
}

// wipe sees to it that erased entries that were published are gone from the
// stream, and from the files of the database. It says whether there were any.
func (l *Log) wipe(ctx context.Context) (bool, error) {
	type place struct{ seq, index int64 }
	// Found from the erasures, of which there are few: the signs keep planners from
	// going through the whole order.
	var all []place
	err := l.db.Read(ctx, func(tx *sqldb.Tx) (err error) {
		all, err = sqldb.All(ctx, tx, func(row sqldb.Scanner) (p place, err error) {
			err = row.Scan(&p.seq, &p.index)
			return p, err
		}, `SELECT seq, idx FROM ledger_order WHERE seq IN (SELECT seq FROM ledger_erasure)
			AND +idx < $1 ORDER BY +idx LIMIT $2`, l.published.Load(), l.cfg.Batch)
		return err
	})
	if err != nil || len(all) == 0 {
		return false, err
	}
	indexes := make([]int64, len(all))
	for i, p := range all {
		indexes[i] = p.index
	}
	if err := l.cfg.Publisher.Erase(ctx, indexes); err != nil {
		return true, err
	}
	if err := l.db.Scrub(ctx); err != nil {
		return true, err
	}
	return true, l.db.Write(ctx, func(tx *sqldb.Tx) error {
		for _, p := range all {
			if _, err := tx.Exec(ctx, `DELETE FROM ledger_erasure WHERE seq = $1`, p.seq); err != nil {
				return err
			}
		}
		return nil
	})
}
