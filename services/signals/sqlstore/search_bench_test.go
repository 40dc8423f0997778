package sqlstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/reference"
	"schakel.example/services/signals"
	"schakel.example/services/signals/search"
)

// envSignals says how many signals BenchmarkSearch searches; 2,000 if unset.
const envSignals = "SCHAKEL_BENCH_SIGNALS"

// BenchmarkSearch is what the index costs to fill, and what a page, a count and
// an export cost with it: of who sees everything, of an agency and of the public.
func BenchmarkSearch(b *testing.B) {
	size, _ := strconv.Atoi(os.Getenv(envSignals))
	for _, engine := range testenv.Engines() {
		b.Run(string(engine), func(b *testing.B) {
			db, store := fresh(engine)(b)(b)
			l := newLibrary(b, db, store)
			l.fill(b, max(size, 2_000))
			overseer := access.Grant{Role: access.Toezichthouder, Reach: access.Alle}
			agency := access.Grant{Organisation: agencyOf(3), Role: access.Redacteur, Reach: access.Eigen}
			department := access.Grant{Organisation: agencyOf(99), Role: access.Beantwoorder, Reach: access.Eigen}
			public := access.Grant{Role: access.Publiek, Reach: access.Openbaar}
			for _, query := range []struct {
				name  string
				grant access.Grant
				f     signals.Filter
			}{
				{"all", overseer, signals.Filter{}},
				{"agency", agency, signals.Filter{}},
				{"department", department, signals.Filter{}},
				{"public", public, signals.Filter{}},
				{"severest", overseer, signals.Filter{Order: signals.Severest}},
				{"oneword", overseer, signals.Filter{Tokens: search.Query("uitkering")}},
				{"rareword", overseer, signals.Filter{Tokens: search.Query("woord777")}},
				{"threewords", overseer, signals.Filter{Tokens: search.Query("uitkering woord12 woord34")}},
				{"publicword", public, signals.Filter{Tokens: search.Query("uitkering")}},
				{"category", overseer, signals.Filter{Categories: []string{"hardheid"}}},
				{"article", overseer, signals.Filter{Provision: "jci1.3:c:BWBR0019057&artikel=7"}},
				{"regulation", overseer, signals.Filter{Provision: "jci1.3:c:BWBR0019057"}},
				{"several", overseer, signals.Filter{
					Categories: []string{"hardheid"}, Severities: []signals.Severity{3, 4}, Tokens: search.Query("uitkering"),
				}},
			} {
				query.f.Page = page.Page{Size: 50}
				b.Run("list/"+query.name, func(b *testing.B) {
					for b.Loop() {
						if _, _, err := l.List(b.Context(), query.grant, query.f); err != nil {
							b.Fatal(err)
						}
					}
				})
				b.Run("count/"+query.name, func(b *testing.B) {
					for b.Loop() {
						counts, err := l.Count(b.Context(), query.grant, query.f)
						if err != nil {
							b.Fatal(err)
						}
						b.ReportMetric(float64(counts.Total), "signals")
					}
				})
			}
			b.Run("export", func(b *testing.B) {
				for b.Loop() {
					n := 0
					err := l.Export(b.Context(), overseer, signals.Filter{}, func(signals.Signal) error { n++; return nil })
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(float64(n), "signals")
				}
			})
		})
	}
}

// library is a service with a great many signals.
type library struct {
	*signals.Service
	store signals.Store
	rand  *rand.Rand
}

func newLibrary(b *testing.B, db *sqldb.DB, store signals.Store) *library {
	b.Helper()
	signer, _ := ledgertest.Signer(b)
	log, err := ledger.New(ledger.Config{DB: db, Signer: signer})
	if err != nil {
		b.Fatal(err)
	}
	return &library{signals.New(signals.Config{
		DB: db, Store: store, Log: log, Signer: signer, Source: "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Now: time.Now, NewID: func() string { return uuid.Must(uuid.NewV7()).String() },
	}), store, rand.New(rand.NewPCG(1, 2))}
}

func agencyOf(n int) string {
	return fmt.Sprintf("https://identifier.overheid.nl/tooi/id/zbo/zb%06d", n)
}

// fill submits so many signals, indexes them, and publishes the older half.
func (l *library) fill(b *testing.B, size int) {
	b.Helper()
	began := time.Now()
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	const callers = 256
	failed := make(chan error, callers)
	texts := make(chan signals.Signal, callers)
	go func() {
		for i := range size {
			texts <- l.signal(i)
		}
		close(texts)
	}()
	for range callers {
		go func() {
			for s := range texts {
				_, err := l.Submit(ctx, access.Grant{Organisation: s.Organisation, Role: access.Redacteur, Reach: access.Eigen}, signals.Incoming{Signal: s})
				if err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range callers {
		must(b, <-failed)
	}
	cancel()
	must(b, <-done)
	for n := 1; n > 0; {
		var err error
		n, err = l.Log.Sequence(b.Context())
		must(b, err)
	}
	b.Logf("%d signals submitted in %v", size, time.Since(began))
	began = time.Now()
	for from := 0; from < size; from += 500 {
		var batch []queue.Message
		for i := from; i < min(from+500, size); i++ {
			batch = append(batch, queue.Message{Index: int64(i)})
		}
		must(b, l.DB.Write(b.Context(), func(tx *sqldb.Tx) error { return l.IndexEntries(b.Context(), tx, batch) }))
	}
	b.Logf("indexed in %v, %v each", time.Since(began), time.Since(began)/time.Duration(size))
	began = time.Now()
	must(b, l.DB.Write(b.Context(), func(tx *sqldb.Tx) error { return l.store.Cover(b.Context(), tx, int64(size/2)) }))
	for more := true; more; {
		var err error
		more, err = l.PublishSome(b.Context())
		must(b, err)
	}
	b.Logf("half of them published in %v", time.Since(began))
	if l.DB.Engine() == sqldb.Postgres { // as autovacuum does, in a minute
		must(b, l.DB.Write(b.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.Exec(b.Context(), "ANALYZE")
			return err
		}))
	}
}

// signal is one of about two kilobytes; a word has a rank that says how common it
// is.
func (l *library) signal(i int) signals.Signal {
	var text strings.Builder
	for range 100 {
		fmt.Fprintf(&text, "woord%d ", int(l.rand.ExpFloat64()*200))
	}
	if i%4 == 0 {
		text.WriteString("uitkeringen")
	}
	pick := func(all ...string) []string { return all[l.rand.IntN(len(all)):][:1] }
	p, _ := reference.ParseProvision(reference.ProvisionJCI,
		fmt.Sprintf("jci1.3:c:BWBR00190%02d&artikel=%d&lid=1", 50+l.rand.IntN(20), l.rand.IntN(80)))
	return signals.Signal{
		Organisation: agencyOf(l.rand.IntN(20)), ExternalReference: fmt.Sprintf("S-%07d", i),
		Title: "Inkomensgrens wisselt per maand", Description: text.String(),
		Level: pick("professional", "organisatie", "politiek-bestuurlijk")[0], Provisions: []reference.Provision{p},
		Categories: pick("hardheid", "stapeling", "samenloop", "complexiteit", "gegevens"), PublicValues: pick("rechtszekerheid", "betrouwbaarheid"),
		TargetGroups: pick("gezinnen", "ouderen", "jongeren", "arbeidsongeschikten"),
		Severity:     signals.Severity(1 + l.rand.IntN(4)), Approach: signals.Approach(1 + i%2), Confidentiality: signals.Confidentiality(1 + l.rand.IntN(3)),
	}
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
