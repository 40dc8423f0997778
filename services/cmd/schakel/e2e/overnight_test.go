package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
)

// overnight makes what waits of protected reporters that of the day before
// yesterday, and waits until it has come in: no test waits for midnight, and no
// setting of the program makes it come sooner. It goes past the program, in its
// database.
func (h *house) overnight(t *testing.T) {
	t.Helper()
	config := sqldb.Config{Engine: sqldb.SQLite, DSN: filepath.Join(h.data, "signals.db")}
	for _, setting := range h.settings {
		if dsn, ok := strings.CutPrefix(setting, "--signals-database="); ok {
			config = sqldb.Config{Engine: sqldb.Postgres, DSN: dsn}
		}
	}
	db := must(sqldb.Open(t.Context(), config))(t)
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	err := db.Write(t.Context(), func(tx *sqldb.Tx) error {
		n, err := tx.Exec(t.Context(), `UPDATE protected_waiting SET day = day - 172800000`)
		if err == nil && n == 0 {
			err = fmt.Errorf("nothing waits")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, "what waited has come in", func() error {
		return db.Read(t.Context(), func(tx *sqldb.Tx) error {
			n, _, err := sqldb.One(t.Context(), tx, func(row sqldb.Scanner) (n int64, err error) {
				err = row.Scan(&n)
				return n, err
			}, `SELECT count(*) FROM protected_waiting`)
			if err == nil && n > 0 {
				err = fmt.Errorf("%d entries wait", n)
			}
			return err
		})
	})
}

// protectedOnes are the ids of what was reported to UWV under protection, as its
// board sees them.
func (h *house) protectedOnes(t *testing.T) (ids []string) {
	t.Helper()
	all := must(newClients(h.ways()["gRPC"]).signals.ListSignals(h.as(access.Bestuurder, uwv), &signalsv1.ListSignalsRequest{PageSize: 500}))(t)
	for _, m := range all.GetSignals() {
		if m.GetProtected() {
			ids = append(ids, m.GetId())
		}
	}
	return ids
}
