package queuetest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/queue"
)

// Stream tries what package queue promises of a Stream, on one Redis that
// nobody else uses.
func Stream(t *testing.T, client redis.UniversalClient) {
	for name, try := range streams {
		t.Run(name, func(t *testing.T) {
			name := uuid.NewString()
			try(&pipe{T: t, client: client, key: "schakel:{" + name + "}", Stream: queue.NewStream(client, name)})
		})
	}
}

// pipe is one case about a stream.
type pipe struct {
	*testing.T
	*queue.Stream
	client redis.UniversalClient
	key    string
}

// messages are those of the indexes from and up to, but not with, until.
func messages(from, until int64) (list []queue.Message) {
	for i := from; i < until; i++ {
		list = append(list, queue.Message{Index: i, Payload: fmt.Append(nil, "payload ", i)})
	}
	return list
}

func (p *pipe) publish(list ...queue.Message) {
	p.Helper()
	if err := p.Publish(p.Context(), list); err != nil {
		p.Fatalf("Publish: %v", err)
	}
}

func (p *pipe) want(from int64, count int, want queue.Reading) {
	p.Helper()
	got, err := p.Read(p.Context(), from, count, block)
	if err != nil {
		p.Fatalf("Read: %v", err)
	}
	if len(got.Messages) == 0 {
		got.Messages = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.Errorf("Read from %d (-want +got):\n%s", from, diff)
	}
}

func (p *pipe) wantLoss(index int64, want queue.Loss) {
	p.Helper()
	got, err := p.Missing(p.Context(), index)
	if got != want || err != nil {
		p.Errorf("Missing(%d) = %q, %v; want %q", index, got, err, want)
	}
}

func (p *pipe) length() int64 {
	p.Helper()
	n, err := p.client.XLen(p.Context(), p.key).Result()
	if err != nil {
		p.Fatal(err)
	}
	return n
}

// dump is all that Redis would write to disk of the stream, what it marked as
// deleted included; on miniredis, which writes nothing, what it can give.
func (p *pipe) dump() string {
	p.Helper()
	_ = p.client.ConfigSet(p.Context(), "rdbcompression", "no").Err() // miniredis does not know it
	all, err := p.client.XRange(p.Context(), p.key, "-", "+").Result()
	if err != nil {
		p.Fatal(err)
	}
	text := fmt.Sprint(all)
	if dump, err := p.client.Dump(p.Context(), p.key).Result(); err == nil {
		text += dump
	}
	return text
}

var streams = map[string]func(*pipe){
	"nothing is left of what is taken back, and what was beside it comes from the source": func(p *pipe) {
		list := messages(0, 4)
		p.publish(list...)
		for range 2 { // what is not there is gone already
			if err := p.Erase(p.Context(), []int64{1, 2, 9}); err != nil {
				p.Fatal(err)
			}
		}
		if dump := p.dump(); strings.Contains(dump, "payload") {
			p.Errorf("Redis still has %q", dump)
		}
		p.want(0, 9, queue.Reading{Top: 4})
		p.wantLoss(1, queue.Wiped)
		p.publish(list...)
		p.want(0, 9, queue.Reading{Top: 4})
		more := messages(4, 6)
		p.publish(more...)
		p.want(0, 9, queue.Reading{Messages: more, Top: 6})
	},
	"what is not in the stream is taken back without harm to the rest": func(p *pipe) {
		if err := p.Erase(p.Context(), []int64{0}); err != nil {
			p.Fatal(err)
		}
		list := messages(5, 9)
		p.publish(list...)
		if err := p.Erase(p.Context(), []int64{0, 4, 9}); err != nil {
			p.Fatal(err)
		}
		p.want(0, 9, queue.Reading{Messages: list, Top: 9})
	},
	"what is published while something is taken back is lost to nobody": func(p *pipe) {
		list := messages(0, 300)
		list[7].Payload = []byte("the one that goes")
		p.publish(list[:100]...)
		done := make(chan error, 1)
		go func() { done <- p.Publish(p.Context(), list[100:]) }()
		if err := p.Erase(p.Context(), []int64{7}); err != nil {
			p.Fatal(err)
		}
		if err := <-done; err != nil {
			p.Fatal(err)
		}
		if got, err := p.Read(p.Context(), 0, 300, block); err != nil || got.Top != 300 {
			p.Errorf("Top %d, %v", got.Top, err)
		}
		if strings.Contains(p.dump(), string(list[7].Payload)) {
			p.Error("what was taken back is there")
		}
	},
	"what is published is read, from any index, in pages": func(p *pipe) {
		list := messages(0, 10)
		p.publish(list...)
		p.want(0, 100, queue.Reading{Messages: list, Top: 10})
		p.want(7, 100, queue.Reading{Messages: list[7:], Top: 10})
		p.want(3, 4, queue.Reading{Messages: list[3:7], Top: 7})
		p.want(10, 100, queue.Reading{})
	},
	"bytes of any kind come through": func(p *pipe) {
		var all []byte
		for b := range 256 {
			all = append(all, byte(b))
		}
		list := []queue.Message{{Index: 0, Payload: all}, {Index: 1, Payload: []byte{}}}
		p.publish(list...)
		p.want(0, 100, queue.Reading{Messages: list, Top: 2})
	},
	"more than a pipeline is published at once": func(p *pipe) {
		list := messages(0, queue.EmbeddedLen) // two pipelines, and no more than any Redis keeps
		p.publish(list...)
		p.want(0, 3000, queue.Reading{Messages: list, Top: queue.EmbeddedLen})
	},
	"a repetition is harmless": func(p *pipe) {
		list := messages(0, 10)
		p.publish(list[:6]...)
		p.publish(list...)
		p.publish(list...)
		p.want(0, 100, queue.Reading{Messages: list, Top: 10})
	},
	"a message that comes too late is left to the source": func(p *pipe) {
		list := messages(0, 10)
		p.publish(list[0], list[5])
		p.publish(list[1:7]...)
		p.want(0, 100, queue.Reading{Messages: []queue.Message{list[0], list[5], list[6]}, Top: 7})
	},
	"an erased message says so, and a large one is left to the source": func(p *pipe) {
		large := queue.Message{Index: 1, Payload: bytes.Repeat([]byte("x"), queue.MaxPayload+1)}
		p.publish(queue.Message{Index: 0, Payload: []byte("leaks"), Erased: true}, large)
		p.want(0, 100, queue.Reading{Messages: []queue.Message{{Index: 0, Erased: true}}, Top: 2})
		p.want(1, 100, queue.Reading{Top: 2})
	},
	"a stream is bounded": func(p *pipe) {
		p.publish(messages(0, queue.MaxLen+5000)...)
		// Redis trims whole nodes of a hundred entries.
		if n := p.length(); n < queue.EmbeddedLen || n > queue.MaxLen+200 {
			p.Errorf("%d entries, want about %d (embedded: %d)", n, queue.MaxLen, queue.EmbeddedLen)
		}
	},
	"it can tell how an entry was lost": func(p *pipe) {
		p.wantLoss(0, queue.Wiped)
		list := messages(0, 2*queue.EmbeddedLen)
		p.publish(list[:10]...)
		p.wantLoss(10, queue.Tail)
		p.publish(list[20:500]...)
		p.wantLoss(15, queue.Gap)
		p.publish(list[500:]...)
		if err := p.client.XTrimMaxLen(p.Context(), p.key, queue.EmbeddedLen).Err(); err != nil {
			p.Fatal(err)
		}
		p.wantLoss(15, queue.Trimmed)
		if err := p.client.FlushAll(p.Context()).Err(); err != nil {
			p.Fatal(err)
		}
		p.wantLoss(15, queue.Wiped)
		p.publish(messages(30, 40)...)
		p.wantLoss(15, queue.Wiped)
	},
	"a read waits for the first message, but not for ever": func(p *pipe) {
		p.want(0, 100, queue.Reading{})
		got := make(chan queue.Reading, 1)
		go func() {
			reading, _ := p.Read(p.Context(), 0, 100, patience)
			got <- reading
		}()
		p.publish(messages(0, 1)...)
		select {
		case reading := <-got:
			if len(reading.Messages) != 1 {
				p.Errorf("Read = %+v", reading)
			}
		case <-time.After(patience / 2):
			p.Error("a message did not wake the reader")
		}
	},
	"an unreachable Redis is told as Unavailable": func(p *pipe) {
		l, client := newLink(p.T, p.client)
		l.breakOff()
		s := queue.NewStream(client, "x")
		if err := s.Publish(p.Context(), messages(0, 1)); !fault.Is(err, fault.Unavailable) {
			p.Errorf("Publish = %v", err)
		}
		if _, err := s.Read(p.Context(), 0, 1, block); !fault.Is(err, fault.Unavailable) {
			p.Errorf("Read = %v", err)
		}
		if _, err := s.Missing(p.Context(), 0); !fault.Is(err, fault.Unavailable) {
			p.Errorf("Missing = %v", err)
		}
	},
	"a Redis that answers nothing is given up": func(p *pipe) {
		l, client := newLink(p.T, p.client)
		l.stall()
		s := queue.NewStream(client, "x")
		begin := time.Now()
		if _, err := s.Read(p.Context(), 0, 1, block); !fault.Is(err, fault.Unavailable) {
			p.Errorf("Read = %v", err)
		}
		if took := time.Since(begin); took > prompt {
			p.Errorf("Read took %v", took)
		}
	},
	"a publication is given up with its context": func(p *pipe) {
		l, client := newLink(p.T, p.client)
		l.stall()
		ctx, cancel := context.WithTimeout(p.Context(), block)
		defer cancel()
		if err := queue.NewStream(client, "x").Publish(ctx, messages(0, 1)); err == nil {
			p.Error("Publish gave no error")
		}
	},
	"a key that is no stream is a fault, not a crash": func(p *pipe) {
		if err := p.client.Set(p.Context(), p.key, "x", 0).Err(); err != nil {
			p.Fatal(err)
		}
		if err := p.Publish(p.Context(), messages(0, 1)); !fault.Is(err, fault.Unavailable) {
			p.Errorf("Publish = %v", err)
		}
		// Of Read nothing is asked: miniredis takes such a key for an empty stream.
	},
}
