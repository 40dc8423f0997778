package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"schakel.example/services/internal/fault"
)

// Source is the ledger itself, which knows every entry: the LedgerService of the
// service that writes it.
type Source interface {
	// Size is the number of entries; an entry below it can be read.
	Size(ctx context.Context) (int64, error)
	// Entries gives entries from an index on, in order and without holes: at
	// most max, fewer if the ledger ends or the answer would be large, and at
	// least one if there is one.
	Entries(ctx context.Context, from int64, max int) ([]Message, error)
}

// sourceTimeout bounds one call to the source: a call that hangs must not stop
// an applier for ever.
const sourceTimeout = 10 * time.Second

// feed gives the entries of a ledger in order and without holes: from the
// stream when they are there, from the source when not.
type feed struct {
	stream    *Stream
	source    Source
	batch     int
	block     time.Duration
	tailEvery time.Duration
	log       *slog.Logger
	metrics   *metrics

	// until is the index up to which the source must be read, because the
	// stream has a hole there.
	until int64
	// top is the highest known size of the ledger.
	top int64
	// compared is when the source was last asked for its size.
	compared time.Time
	// down says that Redis could not be reached the last time.
	down bool
}

// next gives the entries from pos on, at least one; or none when there was
// nothing new for a while. Current says that the source itself has confirmed
// just now that pos is the end.
func (f *feed) next(ctx context.Context, pos int64) (messages []Message, current bool, err error) {
	if pos < f.until {
		messages, err = f.fromSource(ctx, pos)
		return messages, false, err
	}
	reading := f.read(ctx, pos)
	f.top = max(f.top, reading.Top)
	if run := contiguous(reading.Messages, pos); len(run) > 0 {
		return run, false, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	end := reading.Top
	if len(reading.Messages) > 0 {
		end = reading.Messages[0].Index
	}
	if end <= pos {
		// Nothing in the stream. That may be the end, or a tail that was lost.
		if time.Since(f.compared) < f.tailEvery {
			return nil, false, nil
		}
		if end, err = f.size(ctx, pos); err != nil || end == pos {
			return nil, err == nil, err
		}
	}
	f.explain(ctx, pos, end)
	f.until = end
	messages, err = f.fromSource(ctx, pos)
	return messages, false, err
}

// read looks at the stream. That Redis is down is no fault here but a reason to
// go by the source.
func (f *feed) read(ctx context.Context, pos int64) Reading {
	reading, err := f.stream.Read(ctx, pos, f.batch, f.block)
	if ctx.Err() != nil {
		return Reading{}
	}
	if down := err != nil; down != f.down {
		f.down = down
		if down {
			f.log.WarnContext(ctx, "redis cannot be reached; entries are read from their source", "error", err)
		} else {
			f.log.InfoContext(ctx, "redis can be reached again")
		}
	}
	if err != nil {
		// A refused connection fails at once: do not hammer.
		pause(ctx, min(f.block, f.tailEvery))
	}
	return reading
}

// size asks the source for its size. A source that is behind its consumer has
// lost entries (an old backup was put back) or lags for a moment: nothing is
// applied until it is past the watermark again.
func (f *feed) size(ctx context.Context, pos int64) (int64, error) {
	f.compared = time.Now() // also when it fails, so that the stream is read in between
	bounded, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	size, err := f.source.Size(bounded)
	if err != nil {
		return 0, fmt.Errorf("size of the source: %w", err)
	}
	if size < pos {
		return 0, fault.New(fault.Precondition, "bron-loopt-achter", fault.Text{
			NL: "De bron heeft minder regels dan hier al verwerkt zijn. Is daar een oude reservekopie teruggezet?",
			EN: "the source has fewer entries than were applied here; was an old backup put back?",
		}).Because(fmt.Errorf("size %d, watermark %d", size, pos))
	}
	f.top = max(f.top, size)
	return size, nil
}

// fromSource reads one page.
func (f *feed) fromSource(ctx context.Context, pos int64) ([]Message, error) {
	bounded, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	page, err := f.source.Entries(bounded, pos, f.batch)
	if err != nil {
		return nil, fmt.Errorf("entries of the source from %d: %w", pos, err)
	}
	run := contiguous(page, pos)
	if len(run) == 0 {
		// The stream knows an index that its source does not: it belongs to
		// another ledger, or was written by someone else.
		f.until = 0
		return nil, fault.New(fault.Unavailable, "stroom-loopt-voor", fault.Text{
			NL: "De wachtrij noemt een regel die de bron niet heeft. Leeg de wachtrij; er gaat niets verloren.",
			EN: "the stream names an entry that its source does not have; empty the stream, nothing is lost",
		}).Because(fmt.Errorf("index %d", pos))
	}
	f.top = max(f.top, pos+int64(len(run)))
	return run, nil
}

// explain counts and logs why the source must be read. A stream that is one
// step behind its ledger is the ordinary case and not worth a line.
func (f *feed) explain(ctx context.Context, pos, end int64) {
	loss := Wiped
	if !f.down {
		if found, err := f.stream.Missing(ctx, pos); err == nil {
			loss = found
		}
	}
	f.metrics.healed(ctx, loss, end-pos)
	f.log.DebugContext(ctx, "entries are read from their source", "from", pos, "until", end, "loss", loss)
}

// contiguous gives the messages from index pos up to the first hole. It drops
// what is below pos.
func contiguous(messages []Message, pos int64) []Message {
	start := 0
	for start < len(messages) && messages[start].Index < pos {
		start++
	}
	end := start
	for end < len(messages) && messages[end].Index == pos+int64(end-start) {
		end++
	}
	return messages[start:end]
}

// pause waits, or until ctx is cancelled.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
