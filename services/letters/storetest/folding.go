package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
	"schakel.example/services/letters"
	"schakel.example/services/letters/edition"
	"schakel.example/services/reference"
)

// folding are the cases about the tables as a fold over the ledger.
var folding = map[string]func(*rig){
	"the ledger folded anew in an empty database gives the live tables": func(r *rig) {
		Rebuild(r.T, r.fresh, r.fresh)
	},
	"a replay wants empty tables": func(r *rig) {
		r.send(letter("L-1", r.open("K-1", 1)))
		r.types() // gives the entries their place
		rows := r.rows()
		r.refused(second(r.Replay(r.Context())), fault.Precondition, "tabellen-niet-leeg")
		r.same("what is stored", r.rows(), rows)
	},
	"a replay that fails leaves the tables empty": func(r *rig) {
		r.open("K-1", 1)
		stray, err := ledger.Seal(ledgertest.Event("S-1", "Signaal"), 1)
		r.must(err)
		r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
			return ledger.Append(r.Context(), tx, []ledger.Entry{stray})
		}))
		to := r.moved(r.fresh)
		if n, err := to.Replay(r.Context()); err == nil || n != 0 {
			r.Errorf("%d entries, %v", n, err)
		}
		r.same("what is there", testenv.Rows(r.T, to.db, tables()...), []string(nil))
	},
	"what was erased stays out": func(r *rig) {
		erased := r.open("K-1", 1)
		r.open("K-2", 1)
		r.types()
		r.exec(`UPDATE ledger_entry SET payload = NULL, salt = NULL WHERE subject = $1`, erased.ID)
		to := r.moved(r.fresh)
		n, err := to.Replay(r.Context())
		r.must(err)
		r.same("how many entries", n, 2)
		r.same("what is there", to.bottlenecks(overseer, letters.BottleneckFilter{}, 9), []string{"K-2"})
	},
	"an edition is recorded once": func(r *rig) {
		replicas := r.replicas(2)
		r.types()
		ids := make([]string, 8)
		var fresh [8]bool
		editions := r.editions()
		r.must(atOnce(len(ids), func(i int) error {
			mine := *editions
			mine.Service = replicas[i%2]
			m, before, err := mine.Compile(r.Context(), letters.Wanted{Name: "2026"})
			ids[i], fresh[i] = m.GetId(), !before
			return err
		}))
		n := 0
		for i, id := range ids {
			r.same("the edition", id, ids[0])
			if fresh[i] {
				n++
			}
		}
		r.same("how many recorded it", n, 1)
		got, err := editions.Get(r.Context(), ids[0])
		r.must(err)
		all, next, err := editions.List(r.Context(), page.Page{Size: 1})
		r.must(err)
		r.same("the list", []string{all[0].GetId(), next}, []string{got.GetId(), ""})
		_, err = editions.Get(r.Context(), "0196b2a0-0000-8000-8000-000000000000")
		r.refused(err, fault.NotFound, "onbekende-editie")
	},
	"what was removed from a signal is taken out of editions once, and again when one was compiled meanwhile": func(r *rig) {
		editions := r.editions()
		waiting := func() (signals []string) {
			r.must(r.db.Read(r.Context(), func(tx *sqldb.Tx) error {
				all, err := r.Store.Removals(r.Context(), tx)
				for _, removal := range all {
					signals = append(signals, removal.Signal)
				}
				return err
			}))
			return signals
		}
		r.must(editions.Remove(r.Context())) // there is no edition, and nothing to remove
		id := r.NewID()
		full := "id,kenmerk,titel,omschrijving\r\n" + id + ",K,Jan,\"Jan, \r\nen meer\"\r\n"
		bare := "id,kenmerk,titel,omschrijving\r\n" + id + ",[verwijderd],[verwijderd],[verwijderd]\r\n"
		// made makes the files of an edition that was compiled of so many signals.
		made := func(size int) string {
			dir := filepath.Join(editions.Dir, r.NewID())
			r.must(os.MkdirAll(dir, 0o750))
			identity := edition.NewIdentity(edition.Identity{Name: "2026", ReferenceDate: reference.DutchDate(r.Now())}, r.Data,
				[]ledger.Checkpoint{{Origin: "signalen", Size: int64(size)}})
			r.must(os.WriteFile(filepath.Join(dir, "identiteit.txt"), []byte(identity.Text()), 0o600))
			r.must(os.WriteFile(filepath.Join(dir, "signalen.csv"), []byte(full), 0o600))
			return dir
		}
		table := func(dir string) string {
			text, err := os.ReadFile(filepath.Join(dir, "signalen.csv"))
			r.must(err)
			return string(text)
		}
		redacted := r.event(id, &eventsv1.SignalRedacted{Ground: "Naam.", Signal: &signalsv1.Signal{Id: id, Organisation: uwv, Revision: 2}})
		redacted.Index = 7
		before, after := made(7), made(8)
		r.must(editions.Remove(r.Context()))
		r.same("before", table(before), full)
		r.apply(redacted)
		r.same("who waits", waiting(), []string{id})
		r.must(atOnce(4, func(int) error { return editions.Remove(r.Context()) }))
		r.same("an edition of before", table(before), bare)
		r.same("an edition of after", table(after), full)
		r.same("who waits then", waiting(), []string(nil))
		r.types()                                                                // an edition is compiled of what has its place
		_, _, err := editions.Compile(r.Context(), letters.Wanted{Name: "2026"}) // of before the entry
		r.must(err)
		r.same("who waits when another was compiled", waiting(), []string{id})
		r.must(os.Remove(filepath.Join(before, "signalen.csv")))
		another := made(7)
		if err := editions.Remove(r.Context()); !errors.Is(err, fs.ErrNotExist) {
			r.Errorf("an edition without its table: %v", err)
		}
		r.same("who waits when it cannot be done", waiting(), []string{id})
		r.same("an edition beside it", table(another), bare)
		r.must(r.db.Write(r.Context(), func(tx *sqldb.Tx) error {
			return r.Store.Removed(r.Context(), tx, []letters.Removal{{Signal: id, Index: 6}})
		}))
		r.same("who waits when an earlier removal of it was done", waiting(), []string{id})
	},
}

// Rebuild makes dossiers and letters in every state in one database, moves its
// ledger to another, of any engine, folds it there and compares the two.
func Rebuild(t *testing.T, from, into func(testing.TB) Database) {
	r := newRig(t, from)
	var signals []queue.Message
	var about []letters.Bottleneck
	for i := range 6 {
		r.pass(time.Second)
		var ids []string
		for range i + 1 {
			id := r.NewID()
			ids, signals = append(ids, id), append(signals, r.submitted(id, uwv))
		}
		r.apply(signals...) // those of before once more
		b, _, err := r.OpenBottleneck(t.Context(), ofUWV, r.bottleneck(uwv, fmt.Sprintf("K-%d", i), ids...))
		r.must(err)
		about = append(about, b)
	}
	r.pass(time.Second)
	r.draft(letter("L-draft", about[0], about[1]))
	adopted := r.draft(letter("L-adopted", about[1]))
	r.must(second(r.AdoptLetter(t.Context(), ofUWV, adopted.ID, board)))
	r.send(letter("L-sent", about[2], about[3]))
	partly := r.send(letter("L-partly", about[3], about[4]))
	r.pass(time.Second)
	r.answer(partly, 2, letters.Exploring)
	r.pass(time.Second)
	r.answer(partly, 2, letters.Adopted)
	whole := r.send(letter("L-whole", about[5], about[4]))
	r.answer(whole, 1, letters.Rejected)
	r.pass(time.Second)
	r.answer(whole, 2, letters.NotNow)
	again := r.send(letter("L-again", about[5]))
	accepted, rejected, free := r.NewID(), r.NewID(), r.NewID()
	signals = append(signals, r.submitted(free, uwv), r.proposed(accepted, uwv, free), r.proposed(rejected, uwv, free))
	r.apply(signals...)
	r.must(second(r.RejectProposal(t.Context(), ofUWV, rejected, "Al opgelost.")))
	r.must(third(r.OpenBottleneck(t.Context(), ofUWV, r.of(accepted, "K-proposal", r.proposal(accepted).Signals...))))
	r.types() // an edition is compiled of what has its place
	_, _, err := r.editions().Compile(t.Context(), letters.Wanted{Name: "2026"})
	r.must(err)

	to := r.rebuilt(into)
	to.apply(signals...)
	everything := append(tables(), "known_signal", "proposal")
	r.same("the tables", testenv.Rows(t, to.db, everything...), testenv.Rows(t, r.db, everything...))
	for _, id := range []string{accepted, rejected} {
		r.same("a proposal", to.proposal(id), r.proposal(id))
	}
	for _, id := range []string{partly.ID, whole.ID, again.ID} {
		r.same("a letter", to.get(id), r.get(id))
	}
	_, before, err := to.DraftLetter(t.Context(), ofUWV, letter("L-whole", about[5], about[4]))
	r.must(err)
	r.same("whether a repetition is known", before, true)
	to.answer(again, 1, letters.Adopted)
}

// rebuilt folds the ledger into an empty database and compares the tables.
func (r *rig) rebuilt(into func(testing.TB) Database) *rig {
	r.Helper()
	to := r.moved(into)
	n, err := to.Replay(r.Context())
	r.must(err)
	if n == 0 {
		r.Error("there is nothing to fold")
	}
	r.same("the tables", testenv.Rows(r.T, to.db, tables()...), testenv.Rows(r.T, r.db, tables()...))
	return to
}

// editions compiles out of the ledger at hand and two that are empty.
func (r *rig) editions() *letters.Editions {
	return &letters.Editions{Service: r.Service, Signer: r.signer, Dir: r.TempDir(), Ledgers: edition.Ledgers{
		Signals: empty("signalen"), Letters: edition.Local{Reader: r.Service.Log.Reader}, Contacts: empty("contacten"),
	}}
}

// empty is a ledger without entries, by its origin.
type empty string

func (e empty) Checkpoint(context.Context) (ledger.Checkpoint, error) {
	return ledger.Checkpoint{Origin: string(e), Root: sha256.Sum256(nil), Note: []byte(e)}, nil
}

func (empty) Entries(context.Context, int64, int) ([]edition.Entry, error) { return nil, nil }
