package queuetest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"schakel.example/services/internal/queue"
)

// delivery are the cases about what Redis does, or does not, hand over.
var delivery = map[string]func(*rig){
	"entries are applied once and in order": func(r *rig) {
		r.run()
		for range 20 {
			r.publish(r.ledger.add(13)...)
		}
		r.complete()
	},
	"entries from before the stream began come from the source": func(r *rig) {
		r.ledger.add(120)
		r.publish(r.ledger.add(30)...)
		r.run()
		r.complete()
	},
	"a hole in the stream is filled from the source": func(r *rig) {
		r.publish(r.ledger.add(10)...)
		r.ledger.add(70)
		r.publish(r.ledger.add(10)...)
		r.ledger.add(1)
		r.publish(r.ledger.add(1)...)
		r.run()
		r.complete()
	},
	"a lost tail is found when idle": func(r *rig) {
		r.run()
		r.publish(r.ledger.add(10)...)
		r.settle()
		r.ledger.add(75)
		r.complete()
	},
	"a trimmed stream is filled from the source": func(r *rig) {
		r.publish(r.ledger.add(200)...)
		if err := r.client.XTrimMaxLen(r.Context(), "schakel:{"+r.name+"}", 5).Err(); err != nil {
			r.Fatal(err)
		}
		r.run()
		r.complete()
	},
	"duplicated and reordered publications are harmless": func(r *rig) {
		seed := rand.Uint64()
		r.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		var chunks [][]queue.Message
		for range 40 {
			chunk := r.ledger.add(1 + random.IntN(20))
			chunks = append(chunks, chunk, chunk)
		}
		random.Shuffle(len(chunks), func(i, j int) { chunks[i], chunks[j] = chunks[j], chunks[i] })
		r.run()
		for _, chunk := range chunks {
			chunk = slices.Clone(chunk)
			random.Shuffle(len(chunk), func(i, j int) { chunk[i], chunk[j] = chunk[j], chunk[i] })
			r.publish(chunk...)
		}
		r.complete()
	},
	"a payload too large for Redis comes from the source": func(r *rig) {
		r.run()
		r.publish(r.ledger.add(3)...)
		large := r.ledger.put(queue.Message{Payload: bytes.Repeat([]byte("x"), queue.MaxPayload+1)})
		r.publish(large)
		r.publish(r.ledger.add(3)...)
		r.complete()
	},
	"an erased entry comes by as erased": func(r *rig) {
		r.run()
		r.publish(r.ledger.put(queue.Message{Erased: true}))
		r.publish(r.ledger.add(2)...)
		r.ledger.put(queue.Message{Erased: true})
		r.complete()
	},
	"a source that gives short pages is asked on": func(r *rig) {
		r.ledger.page = 3
		r.ledger.add(50)
		r.run()
		r.complete()
	},
	"an applier that starts again goes on where it was": func(r *rig) {
		r.publish(r.ledger.add(40)...)
		stop := r.run()
		r.settle()
		stop()
		before := r.watermark()
		r.publish(r.ledger.add(40)...)
		r.run()
		r.complete()
		if after := r.watermark(); after.Epoch <= before.Epoch {
			r.Errorf("epoch went from %d to %d", before.Epoch, after.Epoch)
		}
	},
	"what strangers write in the stream does no harm": func(r *rig) {
		r.publish(r.ledger.add(5)...)
		key := "schakel:{" + r.name + "}"
		for _, id := range []string{"5-7", "9-0", "1700000000000-0"} {
			if err := r.client.Do(r.Context(), "XADD", key, id, "rommel", "x").Err(); err != nil {
				r.Fatal(err)
			}
		}
		r.run()
		r.publish(r.ledger.add(20)...)
		r.complete()
	},
	// The name is in the brief of the whole product: FLUSHALL in mid-run loses
	// nothing and doubles nothing.
	"FLUSHALL at random moments loses nothing and doubles nothing": func(r *rig) {
		seed := rand.Uint64()
		r.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		ctx, cancel := context.WithCancel(r.Context())
		var flusher sync.WaitGroup
		flushes := 0
		flusher.Go(func() {
			for ctx.Err() == nil {
				if r.client.FlushAll(ctx).Err() == nil {
					flushes++
				}
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(random.IntN(15)) * time.Millisecond):
				}
			}
		})
		r.run()
		r.run()
		sizes := rand.New(rand.NewPCG(seed, 1))
		for range 150 {
			r.publish(r.ledger.add(1 + sizes.IntN(25))...)
		}
		r.settle()
		cancel()
		flusher.Wait()
		r.complete()
		if flushes < 3 {
			r.Errorf("only %d flushes: this tried nothing", flushes)
		}
	},
}
