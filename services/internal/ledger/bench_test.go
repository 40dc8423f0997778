package ledger_test

import (
	"bytes"
	"context"
	"testing"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// benchBatch is the number of entries per transaction in the benchmarks.
const benchBatch = 1000

// eachEngine runs a benchmark on a fresh ledger of each engine of this run, and
// reports entries per second.
func eachEngine(b *testing.B, f func(b *testing.B, db *sqldb.DB)) {
	for _, engine := range testenv.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			db := testenv.Open(b, engine)
			if err := ledger.Migrate(b.Context(), db); err != nil {
				b.Fatal(err)
			}
			f(b, db)
			b.ReportMetric(float64(b.N)*benchBatch/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

func write(b *testing.B, db *sqldb.DB, f func(tx *sqldb.Tx) error) {
	b.Helper()
	if err := db.Write(b.Context(), f); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkAppend writes entries; compare with BenchmarkAppendBare.
func BenchmarkAppend(b *testing.B) {
	eachEngine(b, func(b *testing.B, db *sqldb.DB) {
		for b.Loop() {
			b.StopTimer()
			entries := ledgertest.Entries(b, benchBatch)
			b.StartTimer()
			write(b, db, func(tx *sqldb.Tx) error { return ledger.Append(b.Context(), tx, entries) })
		}
	})
}

// BenchmarkAppendBare writes the same rows of ledger_entry and nothing else.
func BenchmarkAppendBare(b *testing.B) {
	eachEngine(b, func(b *testing.B, db *sqldb.DB) {
		var seq int64
		for b.Loop() {
			b.StopTimer()
			rows := make([][]any, benchBatch)
			for i, e := range ledgertest.Entries(b, benchBatch) {
				seq++
				leaf := e.Leaf()
				rows[i] = []any{seq, e.ID, e.Subject, e.Revision, e.Payload, e.Salt[:], leaf[:]}
			}
			b.StartTimer()
			write(b, db, func(tx *sqldb.Tx) error {
				_, err := sqldb.Insert(b.Context(), tx, sqldb.Rows{
					Table:   "ledger_entry",
					Columns: []string{"seq", "id", "subject", "revision", "payload", "salt", "leaf"},
					Values:  rows,
				})
				return err
			})
		}
	})
}

// BenchmarkSequence sequences entries that wait; compare with
// BenchmarkSequenceBare, and with BenchmarkAppendBare, which is what it costs to
// store those entries at all.
func BenchmarkSequence(b *testing.B) {
	signer, _ := ledgertest.Signer(b)
	eachEngine(b, func(b *testing.B, db *sqldb.DB) {
		l, err := ledger.New(ledger.Config{DB: db, Signer: signer, Batch: benchBatch})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			b.StopTimer()
			entries := ledgertest.Entries(b, benchBatch)
			write(b, db, func(tx *sqldb.Tx) error { return ledger.Append(b.Context(), tx, entries) })
			b.StartTimer()
			if n, err := l.Sequence(b.Context()); err != nil || n != benchBatch {
				b.Fatal(n, err)
			}
		}
	})
}

// BenchmarkSequenceBare changes the same rows as a round does, and knows
// beforehand what to write: it reads, hashes and signs nothing.
func BenchmarkSequenceBare(b *testing.B) {
	hashes, note := bytes.Repeat([]byte{1}, 8192), bytes.Repeat([]byte{'x'}, 250)
	eachEngine(b, func(b *testing.B, db *sqldb.DB) {
		var size int64
		for b.Loop() {
			b.StopTimer()
			entries := ledgertest.Entries(b, benchBatch)
			write(b, db, func(tx *sqldb.Tx) error { return ledger.Append(b.Context(), tx, entries) })
			order := make([][]any, benchBatch)
			var tiles [][]any
			for i, e := range entries {
				order[i] = []any{size + int64(i), e.Seq}
				if n := (size + int64(i)) / 256; len(tiles) == 0 || tiles[len(tiles)-1][1] != n {
					tiles = append(tiles, []any{0, n, hashes})
				}
			}
			tiles = append(tiles, []any{1, size / 65536, hashes})
			size += benchBatch
			b.StartTimer()
			write(b, db, func(tx *sqldb.Tx) error {
				if _, err := tx.Exec(b.Context(), "DELETE FROM ledger_pending WHERE seq BETWEEN $1 AND $2",
					entries[0].Seq, entries[benchBatch-1].Seq); err != nil {
					return err
				}
				return bareRound(b.Context(), tx, order, tiles, note, size)
			})
		}
	})
}

func bareRound(ctx context.Context, tx *sqldb.Tx, order, tiles [][]any, note []byte, size int64) error {
	for _, rows := range []sqldb.Rows{
		{Table: "ledger_order", Columns: []string{"idx", "seq"}, Values: order},
		{Table: "ledger_tile", Columns: []string{"level", "n", "hashes"}, Values: tiles,
			Suffix: "ON CONFLICT (level, n) DO UPDATE SET hashes = excluded.hashes"},
		{Table: "ledger_checkpoint", Columns: []string{"size", "note", "signed_at"}, Values: [][]any{{size, note, 0}}},
	} {
		if _, err := sqldb.Insert(ctx, tx, rows); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "UPDATE ledger_state SET size = $1", size)
	return err
}
