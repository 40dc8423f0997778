package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/fault"
)

const (
	// MaxLen bounds a stream, in entries (approximately: Redis trims whole
	// nodes). It is a fast path and no archive: it need only hold what comes in
	// while an applier restarts. Who is further behind reads the source.
	MaxLen = 20_000
	// MaxPayload is the largest payload in bytes that goes through Redis. Of a
	// larger message only the index is published, and consumers read it from
	// the source; so MaxLen × MaxPayload bounds the memory of a stream.
	MaxPayload = 64 << 10
	// publishChunk is how many entries go in one pipeline: enough to spread
	// the round trip thin, few enough to keep buffers small.
	publishChunk = 1000
	// maxErasing bounds how often erasing begins anew because somebody published
	// meanwhile.
	maxErasing = 20
	// readGrace is how much longer than its block a read may last before the
	// server counts as unreachable.
	readGrace = time.Second
)

// Message is one entry of a ledger on its way to a consumer.
type Message struct {
	// Index is the place in the ledger, from 0, without holes.
	Index int64
	// Payload is the entry exactly as stored; nil when erased.
	Payload []byte
	// Erased says that the payload was erased at the source.
	Erased bool
}

// Stream is the fast path of one ledger: a Redis Stream under the key
// `schakel:{<name>}`, in which index i stands under the id `<i+1>-0`. Nothing
// rests on its content being there; see the package doc. Safe for concurrent
// use.
type Stream struct {
	client redis.UniversalClient
	key    string
}

// NewStream names the stream of one ledger. The name must be unique to the
// ledger's origin: a ledger begun anew under an old name would meet the stream
// of the old one. The client must give up at a deadline (see Connect).
func NewStream(client redis.UniversalClient, name string) *Stream {
	// The braces make the name the hash tag: on a cluster all keys of one
	// ledger stand in one slot.
	return &Stream{client: client, key: "schakel:{" + name + "}"}
}

// Fields of a stream entry: exactly one of these.
const (
	fieldPayload = "p"
	fieldErased  = "e"
	// fieldElsewhere marks a payload too large to send.
	fieldElsewhere = "s"
)

// Publish appends messages in the order given, pipelined. A message whose index
// is not above the last one published is passed over in silence: a repetition
// is harmless, and a message that comes too late is read from the source by
// whoever misses it. For that reason a failed Publish need not be repeated
// either. The error is a fault.Unavailable.
func (s *Stream) Publish(ctx context.Context, messages []Message) error {
	for start := 0; start < len(messages); start += publishChunk {
		chunk := messages[start:min(start+publishChunk, len(messages))]
		pipe := s.client.Pipeline()
		for _, m := range chunk {
			pipe.XAdd(ctx, &redis.XAddArgs{
				Stream: s.key, MaxLen: MaxLen, Approx: true,
				ID: streamID(m.Index + 1), Values: encode(m),
			})
		}
		replies, err := pipe.Exec(ctx)
		if err == nil {
			continue
		}
		for _, r := range replies {
			if err := r.Err(); err != nil && !alreadyThere(err) {
				return unreachable("publish", err)
			}
		}
	}
	return nil
}

// Erase removes the entries with these indexes. Redis only marks entries that are
// deleted one by one (XDEL): their bytes stay in the node that they share with
// others, in its memory and its snapshots. So everything in the stream goes, but
// for a mark at its top, by which a repetition is still known; readers get it from
// the source. Of entries that are not there nothing is left. What Redis itself
// wrote down before is its administrator's: a snapshot until the next one, an
// append-only file until it is rewritten. The error is a fault.Unavailable.
func (s *Stream) Erase(ctx context.Context, indexes []int64) error {
	for range maxErasing {
		err := s.client.Watch(ctx, func(tx *redis.Tx) error { return s.begin(ctx, tx, indexes) }, s.key)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, redis.TxFailedErr): // or somebody published meanwhile
			return unreachable("erase", err)
		}
	}
	return unreachable("erase", redis.TxFailedErr)
}

// begin makes the stream anew when it holds one of the indexes.
func (s *Stream) begin(ctx context.Context, tx *redis.Tx, indexes []int64) error {
	last, err := tx.XRevRangeN(ctx, s.key, "+", "-", 1).Result()
	if err != nil || len(last) == 0 {
		return err
	}
	held, err := s.holds(ctx, tx, indexes)
	if err != nil || !held {
		return err
	}
	_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Del(ctx, s.key)
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: s.key, ID: last[0].ID, Values: []any{fieldElsewhere, "1"}})
		return nil
	})
	return err
}

// holds says whether the stream holds one of the indexes.
func (s *Stream) holds(ctx context.Context, tx *redis.Tx, indexes []int64) (bool, error) {
	for chunk := range slices.Chunk(indexes, publishChunk) {
		pipe := tx.Pipeline()
		found := make([]*redis.XMessageSliceCmd, len(chunk))
		for i, index := range chunk {
			found[i] = pipe.XRange(ctx, s.key, streamID(index+1), streamID(index+1))
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return false, err
		}
		for _, one := range found {
			// The mark of an earlier time is nobody's content.
			for _, m := range one.Val() {
				if _, content := m.Values[fieldPayload]; content {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// alreadyThere recognises Redis' answer to an id at or below the last one. It
// has no code of its own, only this text, which miniredis shares.
func alreadyThere(err error) bool {
	return strings.Contains(err.Error(), "equal or smaller than the target stream top item")
}

// Reading is what one look at the stream gave.
type Reading struct {
	// Messages are in rising order of index, all at or above the index asked
	// for. They may have holes, at the start too.
	Messages []Message
	// Top is one above the highest index seen, also of entries whose payload
	// must be read elsewhere; zero when nothing was there.
	Top int64
}

// Read returns at most count messages from an index on. When there are none it
// waits at most block for the first. It does not notice a cancelled ctx before
// the block is over, because go-redis does not interrupt a blocked read: keep
// block short. The error is a fault.Unavailable, or that of ctx.
func (s *Stream) Read(ctx context.Context, from int64, count int, block time.Duration) (Reading, error) {
	if err := ctx.Err(); err != nil {
		return Reading{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, block+readGrace)
	defer cancel()
	streams, err := s.client.XRead(bounded, &redis.XReadArgs{
		// The id of index from-1: XREAD gives what comes after it.
		Streams: []string{s.key, streamID(from)},
		Count:   int64(count),
		Block:   max(block, time.Millisecond), // 0 would mean for ever
	}).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return Reading{}, nil
	case ctx.Err() != nil:
		return Reading{}, ctx.Err()
	case err != nil:
		return Reading{}, unreachable("read", err)
	case len(streams) == 0:
		return Reading{}, nil
	}
	return decode(streams[0].Messages), nil
}

func streamID(n int64) string { return strconv.FormatInt(n, 10) + "-0" }

func encode(m Message) []any {
	switch {
	case m.Erased:
		return []any{fieldErased, "1"}
	case len(m.Payload) > MaxPayload:
		return []any{fieldElsewhere, "1"}
	default:
		return []any{fieldPayload, m.Payload}
	}
}

// decode passes over whatever it does not understand, such as an entry that
// someone else wrote or one from a later version: to the reader that is a hole,
// and holes are filled from the source.
func decode(entries []redis.XMessage) Reading {
	r := Reading{Messages: make([]Message, 0, len(entries))}
	for _, e := range entries {
		major, minor, _ := strings.Cut(e.ID, "-")
		id, err := strconv.ParseInt(major, 10, 64)
		if err != nil {
			continue
		}
		if minor != "0" {
			r.Top = id + 1 // not ours; counted all the same, so that reading on makes progress
			continue
		}
		r.Top = id
		m := Message{Index: id - 1}
		if payload, ok := e.Values[fieldPayload].(string); ok {
			m.Payload = []byte(payload)
		} else if _, m.Erased = e.Values[fieldErased]; !m.Erased {
			continue
		}
		r.Messages = append(r.Messages, m)
	}
	return r
}

// Loss says why an index that the source has could not be read from the stream.
// It serves logs and metrics: the cure is the same for all.
type Loss string

const (
	// Gap is a hole among entries that are there: a publication failed, came
	// too late, or was too large.
	Gap Loss = "gap"
	// Trimmed is an entry older than the bound of the stream.
	Trimmed Loss = "trimmed"
	// Wiped is a stream that was emptied, or never filled.
	Wiped Loss = "wiped"
	// Tail is an entry above the last of the stream.
	Tail Loss = "tail"
)

// Missing finds out why an index is not in the stream.
func (s *Stream) Missing(ctx context.Context, index int64) (Loss, error) {
	ctx, cancel := context.WithTimeout(ctx, readGrace)
	defer cancel()
	pipe := s.client.Pipeline()
	length := pipe.XLen(ctx, s.key)
	first := pipe.XRangeN(ctx, s.key, "-", "+", 1)
	last := pipe.XRevRangeN(ctx, s.key, "+", "-", 1)
	if _, err := pipe.Exec(ctx); err != nil {
		return "", unreachable("inspect", err)
	}
	if length.Val() == 0 || len(first.Val()) == 0 || len(last.Val()) == 0 {
		return Wiped, nil
	}
	switch top, oldest := decode(last.Val()).Top, decode(first.Val()).Top; {
	case top <= index:
		return Tail, nil
	case oldest <= index:
		return Gap, nil
	// A stream that was trimmed is as long as its bound, one that was wiped
	// begins short.
	case length.Val() >= EmbeddedLen:
		return Trimmed, nil
	default:
		return Wiped, nil
	}
}

func unreachable(what string, err error) error {
	return fault.New(fault.Unavailable, "wachtrij-onbereikbaar", fault.Text{
		NL: "De wachtrij is tijdelijk niet bereikbaar. Er gaat niets verloren; probeer het later opnieuw.",
		EN: "the queue cannot be reached for the moment; nothing is lost",
	}).Because(fmt.Errorf("stream: %s: %w", what, err))
}
