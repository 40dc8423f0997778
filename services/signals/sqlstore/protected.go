package sqlstore

import (
	"context"

	"schakel.example/services/internal/sqldb"
)

// PutCodes implements signals.CodeStore.
func (s *Store) PutCodes(ctx context.Context, tx *sqldb.Tx, organisation string, hashes [][]byte) error {
	values := make([][]any, len(hashes))
	for i, hash := range hashes {
		values[i] = []any{hash, organisation}
	}
	_, err := sqldb.Insert(ctx, tx, sqldb.Rows{Table: "reporting_code", Columns: []string{"hash", "organisation"}, Values: values})
	return err
}

// HasCode implements signals.CodeStore.
func (s *Store) HasCode(ctx context.Context, tx *sqldb.Tx, hash []byte) (bool, error) {
	_, found, err := sqldb.One(ctx, tx, scanText, `SELECT organisation FROM reporting_code WHERE hash = $1`, hash)
	return found, err
}

// UseCode implements signals.CodeStore.
func (s *Store) UseCode(ctx context.Context, tx *sqldb.Tx, hash []byte) (string, bool, error) {
	return sqldb.One(ctx, tx, scanText, `DELETE FROM reporting_code WHERE hash = $1 RETURNING organisation`, hash)
}

func scanText(row sqldb.Scanner) (text string, err error) {
	err = row.Scan(&text)
	return text, err
}

// OpenCase implements signals.CaseStore.
func (s *Store) OpenCase(ctx context.Context, tx *sqldb.Tx, secretHash []byte, signal string) error {
	_, err := tx.Exec(ctx, `INSERT INTO protected_case (secret_hash, signal) VALUES ($1, $2)`, secretHash, signal)
	return err
}

// CaseOf implements signals.CaseStore.
func (s *Store) CaseOf(ctx context.Context, tx *sqldb.Tx, secretHash []byte) (string, bool, error) {
	// One statement: between two a case could be released, and be in neither.
	return sqldb.One(ctx, tx, scanText, `SELECT signal FROM protected_case WHERE secret_hash = $1
		UNION ALL SELECT signal FROM protected_waiting WHERE secret_hash = $1`, secretHash)
}

// RoomFor implements signals.CaseStore.
func (s *Store) RoomFor(ctx context.Context, tx *sqldb.Tx, signal, id string, most int) (held int, room bool, err error) {
	for _, name := range []string{"messages " + signal, "message " + id} {
		if err := tx.Lock(ctx, name); err != nil {
			return 0, false, err
		}
	}
	n, _, err := sqldb.One(ctx, tx, scanInt, `SELECT (SELECT count(*) FROM case_message WHERE signal = $1)
		+ (SELECT count(*) FROM protected_waiting WHERE signal = $1 AND number >= 2)`, signal)
	if err != nil {
		return 0, false, err
	}
	_, taken, err := sqldb.One(ctx, tx, scanInt, `SELECT 1 WHERE EXISTS (SELECT 1 FROM ledger_entry WHERE subject = $1)
		OR EXISTS (SELECT 1 FROM protected_waiting WHERE subject = $1)`, id)
	return int(n), !taken && n < int64(most), err
}

// AddMessage implements signals.CaseStore.
func (s *Store) AddMessage(ctx context.Context, tx *sqldb.Tx, signal, id string) error {
	_, err := tx.Exec(ctx, `INSERT INTO case_message (id, signal) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, signal)
	return err
}

// Messages implements signals.CaseStore.
func (s *Store) Messages(ctx context.Context, tx *sqldb.Tx, signal string) ([][]byte, error) {
	return sqldb.All(ctx, tx, func(row sqldb.Scanner) (payload []byte, err error) {
		err = row.Scan(&payload)
		return payload, err
	}, `SELECT e.payload FROM case_message m
		JOIN ledger_entry first ON first.subject = m.id AND first.revision = 1
		JOIN ledger_entry e ON e.subject = m.id AND e.revision = (SELECT max(l.revision) FROM ledger_entry l WHERE l.subject = m.id)
		WHERE m.signal = $1 AND e.payload IS NOT NULL ORDER BY first.seq`, signal)
}
