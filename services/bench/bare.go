package bench

import (
	"context"
	"strings"
	"sync/atomic"
	"time"
)

// batchSize is how many signals go in one transaction of the bare loop, and in
// one request of NDJSON.
const batchSize = 1000

// writer writes the rows of some signals in one transaction, which is on disk
// when it returns: for each signal a row for each table. It is for one goroutine.
type writer interface {
	write(ctx context.Context, signals [][][]any) error
	close(ctx context.Context) error
}

// bare is the bare loop: so many writers that write copies of captured rows, so
// many signals in each transaction.
func bare(writers []writer, tables []table, size int) contender {
	name := "bare loop, a row at a time"
	if size > 1 {
		name = "bare loop, batches"
	}
	return contender{name: name, clients: len(writers), load: repeat(copying(writers, tables, size))}
}

// copying writes copies of captured rows in one transaction.
func copying(writers []writer, tables []table, size int) step {
	var seq atomic.Int64
	sources := make([]*copies, len(writers))
	for i := range sources {
		sources[i] = &copies{
			tables: tables, references: references{source: i},
			seqs: func() int64 { return seq.Add(1) }, now: func() int64 { return time.Now().UnixMilli() },
		}
	}
	return func(ctx context.Context, client int) (int, error) {
		signals := make([][][]any, size)
		for i := range signals {
			signals[i] = sources[client].next()
		}
		return size, writers[client].write(ctx, signals)
	}
}

// into is the beginning of an INSERT.
func into(t table) string {
	return "INSERT INTO " + t.name + " (" + strings.Join(t.columns, ",") + ") "
}
