package sqlstore_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
)

// BenchmarkSubmit is one signal of about a kilobyte, from the use case to the
// answer: stored, with entry and receipt. So many callers each wait for their
// answer before they submit the next.
func BenchmarkSubmit(b *testing.B) {
	for _, engine := range testenv.Engines() {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", engine, callers), func(b *testing.B) {
				db, _ := fresh(engine)(b)(b)
				service, _ := serve(b, db, signals.Bounds{})
				b.ResetTimer()
				submitAll(b, service, callers)
				b.StopTimer()
			})
		}
	}
}

func submitAll(b *testing.B, service *signals.Service, callers int) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				_, err := service.Submit(b.Context(), grant, signals.Incoming{Signal: signals.Signal{
					Organisation: agency, ExternalReference: fmt.Sprintf("S-%09d", n), Title: "Inkomensgrens wisselt per maand",
					Description: strings.Repeat("Wie wisselend verdient, betaalt achteraf terug. ", 10),
					Level:       "organisatie", Categories: []string{"hardheid"}, Severity: 3, Approach: 2, Confidentiality: 1,
				}})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
