package sqlstore_test

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
	"schakel.example/services/signals/sqlstore"
)

func TestWhatWaitedLeavesNoTracesInTheFiles(t *testing.T) {
	t.Parallel()
	for _, engine := range testenv.Engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			config := testenv.Config(t, engine)
			db := testenv.OpenConfig(t, config)
			migrate(t, db)
			reportUnderProtection(t, db)
			if scrubbed(t, db, config) {
				t.Fatal("it was scrubbed before anything was released: this test shows nothing")
			}
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 1)
			s := service(t, db, time.Now().Add(48*time.Hour))
			go func() { done <- s.Release(ctx, slog.New(slog.DiscardHandler)) }()
			for limit := time.Now().Add(30 * time.Second); !scrubbed(t, db, config); runtime.Gosched() {
				if time.Now().After(limit) {
					t.Fatal("what waited was not scrubbed")
				}
			}
			stop()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// service is a service at a moment.
func service(t *testing.T, db *sqldb.DB, now time.Time) *signals.Service {
	t.Helper()
	signer, _ := ledgertest.Signer(t)
	log, err := ledger.New(ledger.Config{DB: db, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	return signals.New(signals.Config{
		DB: db, Store: sqlstore.New(db), Log: log, Signer: signer,
		Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Now:    func() time.Time { return now }, NewID: uuid.NewString,
	})
}

func reportUnderProtection(t *testing.T, db *sqldb.DB) {
	t.Helper()
	s := service(t, db, time.Now())
	board := access.Grant{Organisation: "https://identifier.overheid.nl/tooi/id/zbo/zb000117", Role: access.Bestuurder, Reach: access.Eigen}
	codes, err := s.MakeCodes(t.Context(), board, 1)
	if err == nil {
		_, err = s.Report(t.Context(), codes[0], make([]byte, 32), signals.Report{
			Title: "Wie belt, wordt niet gehoord", Description: "Het team mag niet afwijken.", Categories: []string{"hardheid"}, Severity: 3,
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// scrubbed says whether nothing is left of what was deleted: the write-ahead log
// of SQLite is empty, and PostgreSQL has vacuumed the table after it.
func scrubbed(t *testing.T, db *sqldb.DB, config sqldb.Config) bool {
	t.Helper()
	if db.Engine() == sqldb.SQLite {
		info, err := os.Stat(config.DSN + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size() == 0
	}
	vacuumed := false
	err := db.Read(t.Context(), func(tx *sqldb.Tx) (err error) {
		_, vacuumed, err = sqldb.One(t.Context(), tx, func(row sqldb.Scanner) (n int64, err error) {
			err = row.Scan(&n)
			return n, err
		}, `SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'protected_waiting' AND vacuum_count > 0`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return vacuumed
}
