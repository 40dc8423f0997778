package sqldb_test

import (
	"fmt"
	"strings"
	"testing"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

// BenchmarkInsert is one transaction of so many rows of about 600 bytes.
func BenchmarkInsert(b *testing.B) {
	body := []byte(strings.Repeat("x", 550))
	for _, engine := range testenv.Engines() {
		for _, size := range []int{1, 64, 1000} {
			b.Run(fmt.Sprintf("%s/%d", engine, size), func(b *testing.B) {
				db := testenv.Open(b, engine)
				table(b, db)
				ctx, next := b.Context(), 0
				for b.Loop() {
					rows := sqldb.Rows{Table: "thing", Columns: []string{"id", "amount", "body", "parent"}}
					for range size {
						next++
						rows.Values = append(rows.Values, []any{fmt.Sprintf("%012d", next), int64(next), body, nil})
					}
					must(b, db.Write(ctx, func(tx *sqldb.Tx) error {
						_, err := sqldb.Insert(ctx, tx, rows)
						return err
					}))
				}
				b.ReportMetric(float64(next)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

// BenchmarkRead is one snapshot with one row looked up.
func BenchmarkRead(b *testing.B) {
	for _, engine := range testenv.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			db := testenv.Open(b, engine)
			table(b, db)
			ctx := b.Context()
			must(b, db.Write(ctx, func(tx *sqldb.Tx) error { return add(ctx, tx, "a", 1) }))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := db.Read(ctx, func(tx *sqldb.Tx) error {
						_, _, err := sqldb.One(ctx, tx, number, "SELECT amount FROM thing WHERE id = $1", "a")
						return err
					}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
