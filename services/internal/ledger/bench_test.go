package ledger_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// benchBatch is the number of entries per transaction in the benchmarks.
const benchBatch = 1000

// beside measures a way of writing beside a bare one on each engine of this run:
// by turns, each on a database of its own, so that what else the machine does
// hits both alike. Prepare makes the two transactions of a turn, which handle
// benchBatch entries each. It reports entries per second of ours, and how it
// compares: 0.7 xbare is 70 % of the speed of the bare way.
func beside(b *testing.B, prepare func(b *testing.B, ours, bare *sqldb.DB) (f, g func() error)) {
	for _, engine := range testenv.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			databases := [2]*sqldb.DB{testenv.Open(b, engine), testenv.Open(b, engine)}
			for _, db := range databases {
				if err := ledger.Migrate(b.Context(), db); err != nil {
					b.Fatal(err)
				}
			}
			var spent [2]time.Duration
			for b.Loop() {
				b.StopTimer()
				f, g := prepare(b, databases[0], databases[1])
				b.StartTimer()
				for i, run := range []func() error{f, g} {
					start := time.Now()
					if err := run(); err != nil {
						b.Fatal(err)
					}
					spent[i] += time.Since(start)
				}
			}
			b.ReportMetric(float64(b.N)*benchBatch/spent[0].Seconds(), "entries/s")
			b.ReportMetric(spent[1].Seconds()/spent[0].Seconds(), "xbare")
		})
	}
}

// BenchmarkAppend writes entries, beside the same rows of ledger_entry alone.
func BenchmarkAppend(b *testing.B) {
	var seq int64
	beside(b, func(b *testing.B, ours, bare *sqldb.DB) (f, g func() error) {
		entries := ledgertest.Entries(b, benchBatch)
		return appendTo(b, ours, entries), insertInto(b, bare, entries, &seq)
	})
}

// BenchmarkSequence sequences entries that wait, beside a transaction that
// changes the same rows and knows beforehand what to write: it reads, hashes and
// signs nothing.
func BenchmarkSequence(b *testing.B) {
	logs := map[*sqldb.DB]*ledger.Log{}
	var size int64
	beside(b, func(b *testing.B, ours, bare *sqldb.DB) (f, g func() error) {
		if logs[ours] == nil {
			logs[ours], size = newBenchLog(b, ours), 0
		}
		entries := ledgertest.Entries(b, benchBatch)
		for _, db := range []*sqldb.DB{ours, bare} {
			if err := appendTo(b, db, entries)(); err != nil {
				b.Fatal(err)
			}
		}
		size += benchBatch
		return sequence(b, logs[ours]), bareRound(b, bare, entries, size)
	})
}

// BenchmarkSequenceAndStore sequences entries that wait, beside storing those
// entries bare in the first place.
func BenchmarkSequenceAndStore(b *testing.B) {
	logs := map[*sqldb.DB]*ledger.Log{}
	var seq int64
	beside(b, func(b *testing.B, ours, bare *sqldb.DB) (f, g func() error) {
		if logs[ours] == nil {
			logs[ours] = newBenchLog(b, ours)
		}
		entries := ledgertest.Entries(b, benchBatch)
		if err := appendTo(b, ours, entries)(); err != nil {
			b.Fatal(err)
		}
		return sequence(b, logs[ours]), insertInto(b, bare, entries, &seq)
	})
}

func newBenchLog(b *testing.B, db *sqldb.DB) *ledger.Log {
	b.Helper()
	signer, _ := ledgertest.Signer(b)
	l, err := ledger.New(ledger.Config{DB: db, Signer: signer, Batch: benchBatch, Lease: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func sequence(b *testing.B, l *ledger.Log) func() error {
	return func() error {
		n, err := l.Sequence(b.Context())
		if err == nil && n != benchBatch {
			b.Fatalf("%d entries sequenced", n)
		}
		return err
	}
}

func appendTo(b *testing.B, db *sqldb.DB, entries []ledger.Entry) func() error {
	return func() error {
		return db.Write(b.Context(), func(tx *sqldb.Tx) error { return ledger.Append(b.Context(), tx, entries) })
	}
}

func insertInto(b *testing.B, db *sqldb.DB, entries []ledger.Entry, seq *int64) func() error {
	rows := make([][]any, len(entries))
	for i, e := range entries {
		*seq++
		leaf := e.Leaf()
		rows[i] = []any{*seq, e.ID, e.Subject, e.Revision, e.Payload, e.Salt[:], leaf[:], nil}
	}
	return func() error {
		return db.Write(b.Context(), func(tx *sqldb.Tx) error {
			_, err := sqldb.Insert(b.Context(), tx, sqldb.Rows{
				Table:   "ledger_entry",
				Columns: []string{"seq", "id", "subject", "revision", "payload", "salt", "leaf", "receipt"},
				Values:  rows,
			})
			return err
		})
	}
}

// bareRound is a round that ends at a size.
func bareRound(b *testing.B, db *sqldb.DB, entries []ledger.Entry, size int64) func() error {
	hashes, note := bytes.Repeat([]byte{1}, 8192), bytes.Repeat([]byte{'x'}, 250)
	var order, tiles [][]any
	for i, e := range entries {
		index := size - benchBatch + int64(i)
		order = append(order, []any{index, e.Seq})
		if n := index / 256; len(tiles) == 0 || tiles[len(tiles)-1][1] != n {
			tiles = append(tiles, []any{0, n, hashes})
		}
	}
	tiles = append(tiles, []any{1, size / 65536, hashes})
	return func() error {
		return db.Write(b.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(b.Context(), "DELETE FROM ledger_pending WHERE seq BETWEEN $1 AND $2", entries[0].Seq, entries[len(entries)-1].Seq)
			if err != nil {
				return err
			}
			return bareRows(b.Context(), tx, order, tiles, note, size)
		})
	}
}

func bareRows(ctx context.Context, tx *sqldb.Tx, order, tiles [][]any, note []byte, size int64) error {
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
