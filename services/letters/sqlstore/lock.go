package sqlstore

import (
	"context"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters"
)

// LockBottleneckKey implements letters.LockStore.
func (s *Store) LockBottleneckKey(ctx context.Context, tx *sqldb.Tx, k letters.Key) (letters.Accepted, bool, error) {
	return lockKey(ctx, tx, "bottleneck", k)
}

// LockLetterKey implements letters.LockStore.
func (s *Store) LockLetterKey(ctx context.Context, tx *sqldb.Tx, k letters.Key) (letters.Accepted, bool, error) {
	return lockKey(ctx, tx, "letter", k)
}

// lockKey finds what a table, named by trusted text, holds under a key.
func lockKey(ctx context.Context, tx *sqldb.Tx, table string, k letters.Key) (letters.Accepted, bool, error) {
	if err := tx.Lock(ctx, table+" "+k.Organisation+" "+k.ExternalReference); err != nil {
		return letters.Accepted{}, false, err
	}
	return sqldb.One(ctx, tx, func(row sqldb.Scanner) (a letters.Accepted, err error) {
		err = row.Scan(&a.ID, &a.Digest)
		return a, err
	}, `SELECT id, digest FROM `+table+` WHERE organisation = $1 AND external_reference = $2`, k.Organisation, k.ExternalReference)
}

// lockRows locks the rows of a table that the conditions select, in one order, so
// that two who want the same rows wait and do not lock each other out. It stands
// apart from the reading: a join that waits for a lock goes on with the new
// version of the row that it locks and the old ones of what it joins, and so
// misses a row whose revision has moved on. SQLite has one writer.
func lockRows(ctx context.Context, tx *sqldb.Tx, table, id string, w sqldb.Where) error {
	if tx.Engine() == sqldb.SQLite {
		return nil
	}
	_, err := tx.Exec(ctx, `SELECT FROM `+table+w.String()+` ORDER BY `+id+` FOR NO KEY UPDATE`, w.Args()...)
	return err
}

// LockLetter implements letters.LockStore.
func (s *Store) LockLetter(ctx context.Context, tx *sqldb.Tx, grant access.Grant, id string) (letters.Letter, bool, error) {
	var w sqldb.Where
	w.And("l.id = ?", id)
	reachLetter(&w, grant)
	if err := lockRows(ctx, tx, "letter l", "l.id", w); err != nil {
		return letters.Letter{}, false, err
	}
	found, err := letterRows(ctx, tx, w, "")
	if err != nil || len(found) == 0 {
		return letters.Letter{}, false, err
	}
	return found[0], true, nil
}

// LockSignals implements letters.LockStore.
func (s *Store) LockSignals(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]letters.KnownSignal, error) {
	known := map[string]letters.KnownSignal{}
	var w sqldb.Where
	sqldb.In(&w, "k.id", ids)
	if err := lockRows(ctx, tx, "known_signal k", "k.id", w); err != nil {
		return nil, err
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
		var k letters.KnownSignal
		var state, hidden int
		err := row.Scan(&k.ID, &k.Organisation, &state, &k.Revision, &hidden)
		k.State, k.Hidden = letters.SignalState(state), hidden == 1
		known[k.ID] = k
		return err
	}, `SELECT k.id, k.organisation, k.state, k.revision, k.hidden FROM known_signal k`+w.String(), w.Args()...)
	if err != nil {
		return nil, err
	}
	w = sqldb.Where{}
	sqldb.In(&w, "signal", ids)
	return known, sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
		var id, bottleneck string
		if err := row.Scan(&id, &bottleneck); err != nil {
			return err
		}
		k := known[id]
		k.Bottleneck = bottleneck
		known[id] = k
		return nil
	}, `SELECT signal, bottleneck FROM bundled_signal`+w.String(), w.Args()...)
}

// CountShown implements letters.LockStore.
func (s *Store) CountShown(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]int, error) {
	counts := map[string]int{}
	if len(ids) == 0 {
		return counts, nil
	}
	var w sqldb.Where
	sqldb.In(&w, "b.bottleneck", ids)
	w.And("k.hidden = 0")
	return counts, sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
		var id string
		var n int
		err := row.Scan(&id, &n)
		counts[id] = n
		return err
	}, `SELECT b.bottleneck, count(*) FROM bundled_signal b JOIN known_signal k ON k.id = b.signal`+w.String()+` GROUP BY b.bottleneck`, w.Args()...)
}

// LockBottlenecks implements letters.LockStore.
func (s *Store) LockBottlenecks(ctx context.Context, tx *sqldb.Tx, ids []string) (map[string]letters.Bottleneck, error) {
	var w sqldb.Where
	sqldb.In(&w, "b.id", ids)
	if err := lockRows(ctx, tx, "bottleneck b", "b.id", w); err != nil {
		return nil, err
	}
	all, err := bottleneckRows(ctx, tx, w, "")
	found := make(map[string]letters.Bottleneck, len(all))
	for _, b := range all {
		found[b.ID] = b
	}
	return found, err
}
