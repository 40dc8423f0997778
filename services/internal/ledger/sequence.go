package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/sqldb"
)

// Sequence does one round: it gives at most Config.Batch waiting entries their
// place in the log, and signs the checkpoint, in one transaction. It returns how
// many there were. It takes the lease if it is free; while another process holds
// it the fault is ErrNotLeader. After a fault that leaves open whether the round
// was stored, the next one finds out.
func (l *Log) Sequence(ctx context.Context) (int, error) {
	l.round.Lock()
	defer l.round.Unlock()
	if l.epoch.Load() == 0 {
		if err := l.lead(ctx); err != nil {
			return 0, err
		}
	}
	waiting, err := l.waiting(ctx)
	if err != nil || (!waiting && time.Since(l.beat) < l.cfg.Lease/3) {
		return 0, err
	}
	var next tree
	var n int
	err = l.db.Write(ctx, func(tx *sqldb.Tx) (err error) {
		next, n, err = l.advance(ctx, tx)
		return err
	})
	// Also after a fault, since the round may have been stored, and when there
	// was nothing new, since the leader before us may have left something.
	signal(l.grown)
	switch {
	case err == nil:
		l.tree, l.beat = next, time.Now()
	case errors.Is(err, ErrNotLeader):
		l.epoch.Store(0)
		l.cfg.Logger.InfoContext(ctx, "another process leads the log now")
	}
	return n, err
}

// waiting says whether there are entries without a place.
func (l *Log) waiting(ctx context.Context) (waiting bool, err error) {
	err = l.db.Read(ctx, func(tx *sqldb.Tx) error {
		_, waiting, err = sqldb.One(ctx, tx, scanInt, "SELECT seq FROM ledger_pending LIMIT 1")
		return err
	})
	return waiting, err
}

// advance is a round within its transaction. It begins with a sign of life that
// locks the state: from there until the end no other leader can do a thing, and
// one that was replaced notices before it does.
func (l *Log) advance(ctx context.Context, tx *sqldb.Tx) (tree, int, error) {
	if err := boundIdle(ctx, tx, l.cfg.Lease); err != nil {
		return tree{}, 0, err
	}
	now, ours, err := sqldb.One(ctx, tx, scanState,
		"UPDATE ledger_state SET beat = beat + 1, published = $1 WHERE epoch = $2 RETURNING "+stateColumns,
		l.published.Load(), l.epoch.Load())
	if err != nil {
		return tree{}, 0, err
	}
	if !ours {
		return tree{}, 0, ErrNotLeader
	}
	current := l.tree
	if current.size != now.size || current.size == 0 {
		if current, err = loadTree(ctx, tx, now.size); err != nil {
			return tree{}, 0, err
		}
	}
	leaves, err := l.take(ctx, tx, now.size)
	if err != nil || len(leaves) == 0 {
		return current, 0, err
	}
	next, changed := current.grow(leaves)
	if err := saveTiles(ctx, tx, changed); err != nil {
		return tree{}, 0, err
	}
	if err := l.sign(ctx, tx, next); err != nil {
		return tree{}, 0, err
	}
	_, err = tx.Exec(ctx, "UPDATE ledger_state SET size = $1", next.size)
	return next, len(leaves), err
}

// take moves waiting entries to the end of the log and gives their leaves. What
// it moves is what it saw, one by one and never up to a bound: an entry whose
// transaction commits late is there in a later round.
func (l *Log) take(ctx context.Context, tx *sqldb.Tx, size int64) ([]tlog.Hash, error) {
	var seqs []int64
	leaves, err := sqldb.All(ctx, tx, func(row sqldb.Scanner) (tlog.Hash, error) {
		var seq int64
		var leaf []byte
		if err := row.Scan(&seq, &leaf); err != nil {
			return tlog.Hash{}, err
		}
		seqs = append(seqs, seq)
		return hashOf(leaf)
	}, "SELECT seq, leaf FROM ledger_pending ORDER BY seq LIMIT $1", l.cfg.Batch)
	if err != nil || len(leaves) == 0 {
		return nil, err
	}
	// A list as one argument is one statement for every length of it.
	var list any = seqs
	if tx.Engine() == sqldb.SQLite {
		text, err := json.Marshal(seqs)
		if err != nil {
			return nil, err
		}
		list = string(text)
	}
	if _, err := tx.Exec(ctx, tx.Pick(
		"INSERT INTO ledger_order (idx, seq) SELECT $1 + key, value FROM json_each($2)",
		"INSERT INTO ledger_order (idx, seq) SELECT $1 + ord - 1, seq FROM unnest($2::bigint[]) WITH ORDINALITY AS t (seq, ord)",
	), size, list); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, tx.Pick(
		"DELETE FROM ledger_pending WHERE seq IN (SELECT value FROM json_each($1))",
		"DELETE FROM ledger_pending WHERE seq = ANY ($1::bigint[])",
	), list)
	return leaves, err
}

// sign saves the checkpoint of a tree.
func (l *Log) sign(ctx context.Context, tx *sqldb.Tx, t tree) error {
	root, err := t.root()
	if err != nil {
		return err
	}
	c, err := l.cfg.Signer.Sign(t.size, root, l.cfg.Clock())
	if err != nil {
		return err
	}
	return saveCheckpoint(ctx, tx, c)
}

// boundIdle makes the server end a transaction whose client has stopped in the
// middle of it (a frozen process, a lost network): its lock on the state would
// keep every other process from taking over. SQLite has no such client.
func boundIdle(ctx context.Context, tx *sqldb.Tx, d time.Duration) error {
	if tx.Engine() != sqldb.Postgres {
		return nil
	}
	_, _, err := sqldb.One(ctx, tx, scanText,
		"SELECT set_config('idle_in_transaction_session_timeout', $1, true)", fmt.Sprintf("%dms", max(1, d.Milliseconds()/2)))
	return err
}
