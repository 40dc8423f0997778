package sqlstore_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/signals"
	"schakel.example/services/signals/sqlstore"
)

// BenchmarkSubmit is one signal of about a kilobyte, from the use case to the
// answer: stored, with entry and receipt. So many callers each wait for their
// answer before they submit the next.
func BenchmarkSubmit(b *testing.B) {
	for _, engine := range testenv.Engines() {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", engine, callers), func(b *testing.B) {
				db, _ := fresh(engine)(b)(b)
				signer, _ := ledgertest.Signer(b)
				log, err := ledger.New(ledger.Config{DB: db, Signer: signer})
				if err != nil {
					b.Fatal(err)
				}
				service := signals.New(signals.Config{
					DB: db, Store: sqlstore.New(db), Log: log, Signer: signer,
					Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
					Now:    time.Now, NewID: func() string { return uuid.Must(uuid.NewV7()).String() },
				})
				ctx, cancel := context.WithCancel(b.Context())
				done := make(chan error, 1)
				go func() { done <- service.Run(ctx) }()
				b.ResetTimer()
				submitAll(b, service, callers)
				b.StopTimer()
				cancel()
				if err := <-done; err != nil {
					b.Error(err)
				}
			})
		}
	}
}

func submitAll(b *testing.B, service *signals.Service, callers int) {
	const agency = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
	grant := access.Grant{Organisation: agency, Role: access.Aanleveraar, Reach: access.Eigen}
	var next atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				_, err := service.Submit(b.Context(), grant, signals.Signal{
					Organisation: agency, ExternalReference: fmt.Sprintf("S-%09d", n), Title: "Inkomensgrens wisselt per maand",
					Description: strings.Repeat("Wie wisselend verdient, betaalt achteraf terug. ", 10),
					Level:       "organisatie", Categories: []string{"hardheid"}, Severity: 3, Approach: 2, Confidentiality: 1,
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
