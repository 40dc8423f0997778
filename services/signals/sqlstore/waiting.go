package sqlstore

import (
	"context"
	"time"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// Wait implements signals.WaitingStore.
func (s *Store) Wait(ctx context.Context, tx *sqldb.Tx, all ...signals.Withheld) error {
	for _, w := range all {
		var secret, receipt any
		if w.SecretHash != nil {
			secret = w.SecretHash
		}
		if w.Receipt != nil {
			receipt = w.Receipt
		}
		_, err := tx.Exec(ctx, `INSERT INTO protected_waiting (subject, signal, number, day, secret_hash, id, payload, salt, receipt)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			w.Subject, w.Signal, w.Number, sqldb.Millis(w.Day), secret, w.ID, w.Payload, w.Salt[:], receipt)
		if err != nil {
			return err
		}
	}
	return nil
}

// waiting is what scanWaiting reads.
const waiting = `SELECT subject, id, payload, salt, receipt FROM protected_waiting`

func scanWaiting(row sqldb.Scanner) (ledger.Entry, error) {
	e := ledger.Entry{Revision: 1}
	var salt []byte
	err := row.Scan(&e.Subject, &e.ID, &e.Payload, &salt, &e.Receipt)
	copy(e.Salt[:], salt)
	return e, err
}

// WaitingReport implements signals.WaitingStore.
func (s *Store) WaitingReport(ctx context.Context, tx *sqldb.Tx, signal string) (ledger.Entry, bool, error) {
	return sqldb.One(ctx, tx, scanWaiting, waiting+` WHERE subject = $1 AND signal = $1`, signal)
}

// WaitingMessages implements signals.WaitingStore.
func (s *Store) WaitingMessages(ctx context.Context, tx *sqldb.Tx, signal string) ([][]byte, error) {
	return sqldb.All(ctx, tx, func(row sqldb.Scanner) (payload []byte, err error) {
		err = row.Scan(&payload)
		return payload, err
	}, `SELECT payload FROM protected_waiting WHERE signal = $1 AND number >= 2 ORDER BY number`, signal)
}

// Due implements signals.WaitingStore.
func (s *Store) Due(ctx context.Context, tx *sqldb.Tx, before time.Time) (bool, error) {
	_, due, err := sqldb.One(ctx, tx, scanInt, `SELECT 1 FROM protected_waiting WHERE day < $1 LIMIT 1`, sqldb.Millis(before))
	return due, err
}

// TakeDue implements signals.WaitingStore.
func (s *Store) TakeDue(ctx context.Context, tx *sqldb.Tx, before time.Time, most int) ([]ledger.Entry, error) {
	if err := tx.Lock(ctx, "protected_waiting"); err != nil {
		return nil, err
	}
	all, err := sqldb.All(ctx, tx, scanWaiting, waiting+` WHERE day < $1 ORDER BY day, signal, number LIMIT $2`, sqldb.Millis(before), most)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	// What was read goes, and not what has come meanwhile.
	subjects := make([]string, len(all))
	for i, e := range all {
		subjects[i] = e.Subject
	}
	var w sqldb.Where
	sqldb.In(&w, "subject", padded(subjects))
	_, err = tx.Exec(ctx, `DELETE FROM protected_waiting`+w.String(), w.Args()...)
	return all, err
}
