package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/signals"
)

// submitting are the cases about handing in one signal after another.
var submitting = map[string]func(*rig){
	"what is accepted is stored with its entry and its receipt": func(r *rig) {
		r.run(r.Service)
		given := r.whole(uwv, "S-1")
		got := r.accept(given)
		want := given
		want.ID, want.Revision, want.State = got.Signal.ID, 1, signals.Received
		want.ReceivedAt, want.StateAt = start, start
		r.same("the answer", got.Signal, want)
		stored := r.get(got.Signal.ID)
		r.same("what is stored", stored, signals.Stored{Signal: want, Receipt: got.Receipt, Payload: stored.Payload})

		receipt, err := ledger.VerifyReceipt(got.Receipt, stored.Payload, r.keys)
		r.must(err)
		r.same("when it was accepted", receipt.GetAcceptedAt().AsTime(), start)
		entries, err := r.Service.Log.History(r.Context(), got.Signal.ID)
		r.must(err)
		r.same("the number of entries", len(entries), 1)
		r.same("the entry", []string{entries[0].ID, string(entries[0].Payload), string(entries[0].Receipt)},
			[]string{receipt.GetEntryId(), string(stored.Payload), string(got.Receipt)})
		r.same("its leaf", string(receipt.GetLeafHash()), string(entries[0].LeafHash[:]))

		event, err := ledger.Parse(stored.Payload)
		r.must(err)
		r.same("the event", []string{event.Type, event.Subject, event.Organisation, event.Source},
			[]string{"nl.signalen.signaal-ingediend.v1", got.Signal.ID, uwv, r.Source})
		placed, err := r.Service.Log.Sequence(r.Context())
		r.must(err)
		r.same("the entries that get a place in the log", placed, 1)
	},
	"the same content again gives the same answer and the very same receipt": func(r *rig) {
		r.run(r.Service)
		first := r.accept(r.whole(uwv, "S-1"))
		before := r.rows()
		r.pass(time.Hour)
		for range 3 {
			again, err := submit(r.Context(), r.Service, r.whole(uwv, "S-1"))
			r.must(err)
			r.same("the answer", again, signals.Submission{Signal: first.Signal, Receipt: first.Receipt, Repeated: true})
		}
		r.same("what is stored", r.rows(), before)
	},
	"other content under a taken reference is a conflict with the signal that has it": func(r *rig) {
		r.run(r.Service)
		first := r.accept(signal(uwv, "S-1"))
		before := r.rows()
		other := signal(uwv, "S-1")
		other.Severity++
		_, err := submit(r.Context(), r.Service, other)
		r.refused(err, fault.Conflict, "kenmerk-bezet")
		r.same("what is in the way", fault.Of(err).Resource, first.Signal.ID)
		r.same("what is stored", r.rows(), before)
	},
	"content that differs in any field is other content": func(r *rig) {
		r.run(r.Service)
		r.accept(r.whole(uwv, "S-1"))
		schakels := []string{
			"ID", "Revision", "ReceivedAt", "State", "StateAt", "Bottleneck",
			"AmendmentReason", "WithdrawalReason", "TriageNote", "MergedInto", "Protected", "RedactedAt",
		}
		for _, field := range reflect.VisibleFields(reflect.TypeFor[signals.Signal]()) {
			other := r.whole(uwv, "S-1")
			value := reflect.ValueOf(&other).Elem().FieldByIndex(field.Index)
			switch {
			case field.Name == "Organisation" || field.Name == "ExternalReference":
				continue // another key
			case slices.Contains(schakels, field.Name):
				continue
			case value.IsZero():
				r.Errorf("a whole signal has no %s", field.Name)
				continue
			}
			value.SetZero()
			if _, err := submit(r.Context(), r.Service, other); !fault.Is(err, fault.Conflict) {
				r.Errorf("without %s: %v", field.Name, err)
			}
		}
	},
	"two organisations may use one reference": func(r *rig) {
		r.run(r.Service)
		if one, two := r.accept(signal(uwv, "S-1")), r.accept(signal(svb, "S-1")); one.Signal.ID == two.Signal.ID {
			r.Error("they are one signal")
		}
	},
	"nobody submits for another organisation": func(r *rig) {
		r.run(r.Service)
		for _, grant := range []struct {
			name string
			err  error
		}{
			{"another", second(r.Submit(r.Context(), ofSVB, signals.Incoming{Signal: signal(uwv, "S-1")}))},
			{"the public", second(r.Submit(r.Context(), public, signals.Incoming{Signal: signal(uwv, "S-1")}))},
			{"nobody", second(r.Submit(r.Context(), nobody, signals.Incoming{Signal: signal(uwv, "S-1")}))},
		} {
			r.refused(grant.err, fault.Denied, "andere-organisatie")
		}
		r.same("what is stored", len(r.rows()), 0)
	},
	"nothing is stored when its entry cannot be": func(r *rig) {
		r.run(r.Service)
		for _, table := range []string{"ledger_pending", "ledger_entry"} {
			r.exec("ALTER TABLE " + table + " RENAME TO gone")
			_, err := submit(r.Context(), r.Service, signal(uwv, "S-1"))
			r.exec("ALTER TABLE gone RENAME TO " + table)
			if !fault.Is(err, fault.Internal) {
				r.Errorf("without %s: %v", table, err)
			}
			r.same("what is stored without "+table, len(r.rows()), 0)
		}
		r.accept(signal(uwv, "S-1"))
	},
	"what has no room in an entry is refused": func(r *rig) {
		r.run(r.Service)
		_, err := submit(r.Context(), r.Service, tooLarge("S-1"))
		r.refused(err, fault.Invalid, "signaal-te-groot")
		r.same("what is stored", len(r.rows()), 0)
	},
	"whoever has gone submits nothing": func(r *rig) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		if _, err := submit(ctx, r.Service, signal(uwv, "S-1")); !errors.Is(err, context.Canceled) {
			r.Errorf("%v, want that of the context", err)
		}
		r.same("how many wait", r.Waiting(), 0)
	},
	"whoever goes while waiting finds the signal when they come back": func(r *rig) {
		ctx, cancel := context.WithCancel(r.Context())
		gone := make(chan error)
		go func() { gone <- second(submit(ctx, r.Service, signal(uwv, "S-1"))) }()
		r.await("the signal waits", func() bool { return r.Waiting() == 1 })
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			r.Errorf("%v, want that of the context", err)
		}
		r.run(r.Service)
		again, err := submit(r.Context(), r.Service, signal(uwv, "S-1"))
		r.must(err)
		r.same("whether it was there", again.Repeated, true)
		_, err = ledger.VerifyReceipt(again.Receipt, r.get(again.Signal.ID).Payload, r.keys)
		r.must(err)
	},
	"a closed database is unavailable": func(r *rig) {
		r.run(r.Service)
		id := r.accept(signal(uwv, "S-1")).Signal.ID
		r.must(r.db.Close())
		for what, err := range map[string]error{
			"Submit": second(submit(r.Context(), r.Service, signal(uwv, "S-2"))),
			"Get":    second(r.Get(r.Context(), ofUWV, id)),
			"List":   third(r.List(r.Context(), ofUWV, signals.Filter{})),
			"Replay": second(r.Replay(r.Context())),
		} {
			if !fault.Is(err, fault.Unavailable) {
				r.Errorf("%s: %v", what, err)
			}
		}
	},
	"a call that was given up ends as such": func(r *rig) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		for what, err := range map[string]error{
			"Get":    second(r.Get(ctx, ofUWV, "0196b2a0-0000-7000-8000-000000000000")),
			"List":   third(r.List(ctx, ofUWV, signals.Filter{})),
			"Replay": second(r.Replay(ctx)),
		} {
			if !errors.Is(err, context.Canceled) {
				r.Errorf("%s: %v", what, err)
			}
		}
	},
}

// tooLarge is a signal that is too large for an entry of the ledger.
func tooLarge(reference string) signals.Signal {
	s := signal(uwv, reference)
	s.Description = strings.Repeat("x", ledger.MaxPayload)
	return s
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }
