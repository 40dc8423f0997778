package ledgertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/types/known/timestamppb"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// Origin is that of the logs in tests.
const Origin = "schakel.example/logboek"

// exceptions names the cases that an engine cannot have.
var exceptions = map[sqldb.Engine]map[string]string{
	sqldb.SQLite: {
		"an entry that commits late is not skipped":      "SQLite has one writer: transactions commit in the order in which they begin",
		"a leader that freezes in mid-round is replaced": "SQLite runs within the process: a transaction whose client is gone does not exist",
	},
}

// Run tries all that package ledger promises. Open gives a fresh, empty
// database each time.
func Run(t *testing.T, open func(testing.TB) *sqldb.DB) {
	engine := open(t).Engine()
	for _, topic := range []map[string]func(*rig){appending, sequencing, leading, proving, publishing, erasing, transferring, serving} {
		for name, try := range topic {
			if why, excepted := exceptions[engine][name]; excepted {
				t.Logf("%s: excepted, since %s", name, why)
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				try(newRig(t, open))
			})
		}
	}
}

// rig is what a case works with.
type rig struct {
	*testing.T
	db     *sqldb.DB
	open   func(testing.TB) *sqldb.DB
	signer *ledger.Signer
	keys   note.Verifiers
}

func newRig(t *testing.T, open func(testing.TB) *sqldb.DB) *rig {
	r := &rig{T: t, db: open(t), open: open}
	for range 2 { // a second migration finds nothing to do
		r.must(ledger.Migrate(t.Context(), r.db))
	}
	r.signer, r.keys = Signer(t)
	return r
}

// Signer makes a signer with a new key, and the key to verify with.
func Signer(tb testing.TB) (*ledger.Signer, note.Verifiers) {
	tb.Helper()
	skey, vkey, err := ledger.GenerateKey(Origin)
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := ledger.NewSigner(Origin, skey)
	if err != nil {
		tb.Fatal(err)
	}
	keys, err := ledger.Keys(vkey)
	if err != nil {
		tb.Fatal(err)
	}
	return signer, keys
}

// Entries makes n sealed entries, each about a subject of its own.
func Entries(tb testing.TB, n int) []ledger.Entry {
	tb.Helper()
	entries := make([]ledger.Entry, n)
	for i := range entries {
		var err error
		if entries[i], err = ledger.Seal(Event(uuid.NewString(), fmt.Sprintf("Signaal %d", i)), 1); err != nil {
			tb.Fatal(err)
		}
	}
	return entries
}

// Event makes the event of a signal that was submitted, of about 700 bytes.
func Event(subject, title string) ledger.Event {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	return ledger.Event{
		ID:           uuid.Must(uuid.NewV7()).String(),
		Source:       "urn:nld:oin:00000001823288444000:systeem:schakel-signalen",
		Subject:      subject,
		Organisation: "https://identifier.overheid.nl/tooi/id/zbo/zb000117",
		Time:         at,
		Data: &eventsv1.SignalSubmitted{Signal: &signalsv1.Signal{
			Id: subject, Title: title, ReceivedAt: timestamppb.New(at),
			Description: "De inkomensgrens gaat uit van het toetsingsinkomen van het lopende jaar, dat pas na afloop vaststaat. " +
				"Daardoor moeten mensen met wisselende inkomsten achteraf terugbetalen, vaak meer dan een maandinkomen.",
		}},
	}
}

// must ends the case at an error.
func (r *rig) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// short is a lease that a case can wait for, and that a machine which stutters
// keeps.
func short(c *ledger.Config) { c.Lease = time.Second }

// long is a lease that does not run out, however slow the machine.
func long(c *ledger.Config) { c.Lease = time.Hour }

// log makes a log on the rig's database.
func (r *rig) log(change ...func(*ledger.Config)) *ledger.Log {
	r.Helper()
	cfg := ledger.Config{DB: r.db, Signer: r.signer}
	for _, f := range change {
		f(&cfg)
	}
	l, err := ledger.New(cfg)
	r.must(err)
	return l
}

// append writes entries in a transaction of their own.
func (r *rig) append(entries []ledger.Entry) {
	r.Helper()
	r.must(r.tryAppend(entries))
}

func (r *rig) tryAppend(entries []ledger.Entry) error {
	return r.db.Write(r.Context(), func(tx *sqldb.Tx) error { return ledger.Append(r.Context(), tx, entries) })
}

// grow appends n new entries and sequences them.
func (r *rig) grow(l *ledger.Log, n int) {
	r.Helper()
	r.append(Entries(r, n))
	r.sequence(l, n)
}

// sequence does one round that must place n entries.
func (r *rig) sequence(l *ledger.Log, n int) {
	r.Helper()
	got, err := l.Sequence(r.Context())
	r.must(err)
	if got != n {
		r.Fatalf("the round placed %d entries, want %d", got, n)
	}
}

// run runs a log until the case ends, or the function that it returns is called.
func (r *rig) run(l *ledger.Log) (stop func()) {
	ctx, cancel := context.WithCancel(r.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			r.Errorf("Run: %v", err)
		}
	}
	r.Cleanup(stop)
	return stop
}

// await waits until a condition holds.
func (r *rig) await(what string, holds func() bool) {
	r.Helper()
	limit := time.After(20 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			r.Fatalf("waited in vain: %s", what)
		}
	}
}

// size is the size of the newest checkpoint, 0 while there is none.
func (r *rig) size() int64 {
	c, err := ledger.NewReader(r.db).Checkpoint(r.Context())
	if err != nil {
		return 0
	}
	return c.Size
}

// all reads the whole log, and checks that the checkpoint is of just that.
func (r *rig) all() []ledger.Sequenced {
	r.Helper()
	reader := ledger.NewReader(r.db)
	c, err := reader.Checkpoint(r.Context())
	r.must(err)
	opened, err := ledger.OpenCheckpoint(c.Note, r.keys)
	r.must(err)
	entries, err := reader.Entries(r.Context(), 0, int(c.Size)+10)
	r.must(err)
	m := newModel(entries)
	if int64(len(entries)) != c.Size || m.root(r, c.Size) != opened.Root {
		r.Fatalf("%d entries with root %v, checkpoint of %d with %v", len(entries), m.root(r, int64(len(entries))), c.Size, opened.Root)
	}
	return entries
}

// exec runs a statement in a transaction of its own.
func (r *rig) exec(q string, args ...any) {
	r.Helper()
	r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(r.Context(), q, args...)
		return err
	}))
}
