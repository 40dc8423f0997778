package storetest

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/page"
	"schakel.example/services/internal/queue"
	"schakel.example/services/signals"
	"schakel.example/services/signals/search"
)

// A department, and an organisation that is there for trying out connections.
const (
	szw     = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1073"
	vws     = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1025"
	sandbox = "urn:nld:oin:00000099000000001000"
)

// of is a grant of an organisation.
func of(organisation string, role access.Role) access.Grant {
	return access.Grant{Organisation: organisation, Role: role, Reach: access.Eigen}
}

// confiding are the cases about who may read what.
var confiding = map[string]func(*rig){
	"the public sees what is open and covered by an edition, and nothing else": func(r *rig) {
		r.run(r.Service)
		ids := map[string]string{}
		for _, s := range []signals.Signal{
			confided(uwv, "S-open", signals.Open), confided(uwv, "S-internal", signals.Internal),
			confided(svb, "S-confidential", signals.Confidential), confided(sandbox, "S-sandbox", signals.Open),
		} {
			ids[s.ExternalReference] = r.accept(s).Signal.ID
		}
		r.must(second(r.Report(r.Context(), r.codes(1)[0], secret(1), report())))
		r.overnight()
		r.index()
		sees := func(what string, want ...string) {
			r.Helper()
			r.same(what, r.seen(public), want)
			r.same(what+" by another agency", r.seen(of(svb, access.Bestuurder)), sorted(append([]string{"S-confidential"}, want...)))
		}
		sees("before any edition")
		r.publish(edition(r, 9, func(e *lettersv1.Edition) { e.Example = true }))
		r.publish(edition(r, 9, func(e *lettersv1.Edition) { e.State = lettersv1.EditionState_EDITION_STATE_SAMENGESTELD }))
		r.publish(edition(r, 9, func(e *lettersv1.Edition) { e.Checkpoints[0].Origin = "elders.example.nl/logboek" }))
		sees("after an example, a draft and an edition of another ledger")
		r.publish(edition(r, 4, nil))
		sees("once it is covered", "S-open")
		r.accept(confided(uwv, "S-later", signals.Open))
		r.index()
		sees("what came later", "S-open")
		r.publish(edition(r, 99, nil), edition(r, 3, nil))
		sees("once that is covered, too", "S-later", "S-open")
		for reference, id := range ids {
			_, err := r.Get(r.Context(), public, id)
			if visible := err == nil; visible != (reference == "S-open") {
				r.Errorf("%s: %v", reference, err)
			}
		}
	},
	"what is no longer open is no longer published, and what was withdrawn stays as such": func(r *rig) {
		r.run(r.Service)
		var ids []string
		for _, reference := range []string{"S-1", "S-2", "S-3"} {
			ids = append(ids, r.accept(confided(uwv, reference, signals.Open)).Signal.ID)
		}
		r.index()
		r.publish(edition(r, 3, nil))
		r.must(second(r.Amend(r.Context(), ofUWV, ids[0], 0, confided(uwv, "S-1", signals.Internal))))
		r.must(second(r.Withdraw(r.Context(), ofUWV, ids[1], 0, "Vergissing.")))
		r.must(second(r.Merge(r.Context(), ofUWV, ids[2], ids[0], 0, "Zelfde.")))
		r.index()
		r.same("what the public sees", r.seen(public), []string{"S-2", "S-3"})
		got, err := r.Get(r.Context(), public, ids[1])
		r.must(err)
		r.same("its state", got.Signal.State, signals.Withdrawn)
		r.must(second(r.Amend(r.Context(), ofUWV, ids[0], 0, confided(uwv, "S-1", signals.Open))))
		r.index()
		r.same("open again", r.seen(public), []string{"S-2", "S-3"})
		r.publish(edition(r, 7, nil))
		r.same("open again and covered", r.seen(public), []string{"S-1", "S-2", "S-3"})
	},
	"a department sees what was put to it in a letter that was sent": func(r *rig) {
		r.run(r.Service)
		var ids []string
		for i, level := range []signals.Confidentiality{signals.Open, signals.Internal, signals.Confidential, signals.Open} {
			ids = append(ids, r.accept(confided(uwv, fmt.Sprintf("S-%d", i+1), level)).Signal.ID)
		}
		ids = append(ids, r.accept(confided(sandbox, "S-sandbox", signals.Open)).Signal.ID)
		r.index()
		answers := of(szw, access.Beantwoorder)
		r.apply(r.opened("B-1", ids[0], ids[1], ids[2], ids[4]), r.opened("B-2", ids[3]))
		r.same("before the letter", r.seen(answers), []string(nil))
		r.apply(r.sent(szw, "B-1"), r.sent(vws, "B-9"))
		r.same("the department", r.seen(answers), []string{"S-1", "S-2"})
		r.same("a sandbox that is asked for", r.list(answers, signals.Filter{Organisation: sandbox}, 9), []string{"S-sandbox"})
		both := of(szw, access.Aanleveraar)
		r.same("who only submits for the department", r.seen(both), []string(nil))
		r.same("another department", r.seen(of(vws, access.Beantwoorder)), []string(nil))
		// Once it is published it is seen for that, and still once.
		r.publish(edition(r, 5, nil))
		r.same("after an edition", r.seen(answers), []string{"S-1", "S-2", "S-4"})
		r.must(second(r.Amend(r.Context(), ofUWV, ids[1], 0, confided(uwv, "S-2", signals.Confidential))))
		r.same("after an amendment", r.seen(answers), []string{"S-1", "S-4"})
		for i, id := range ids {
			_, err := r.Get(r.Context(), answers, id)
			if visible := err == nil; visible != (i == 0 || i == 3 || i == 4) {
				r.Errorf("signal %d: %v", i, err)
			}
		}
	},
	"what was reported under protection is for editors and the board": func(r *rig) {
		r.run(r.Service)
		r.accept(confided(uwv, "S-1", signals.Open))
		r.must(second(r.Report(r.Context(), r.codes(1)[0], secret(1), report())))
		r.overnight()
		r.index()
		c, err := r.Case(r.Context(), secret(1))
		r.must(err)
		hidden := c.Signal
		for role, want := range map[access.Role]bool{
			access.Aanleveraar: false, access.Beantwoorder: false, access.Redacteur: true, access.Bestuurder: true,
		} {
			grant := of(uwv, role)
			_, err := r.Get(r.Context(), grant, hidden.ID)
			r.same(fmt.Sprintf("%v gets it", role), err == nil, want)
			r.same(fmt.Sprintf("%v lists it", role), slices.Contains(r.seen(grant), hidden.ExternalReference), want)
			_, err = r.History(r.Context(), grant, hidden.ID)
			r.same(fmt.Sprintf("%v sees its history", role), err == nil, want)
			r.counts(grant, signals.Filter{})
		}
		r.same("an editor who submits, too", len(r.seen(access.Grant{
			Organisation: uwv, Role: access.Aanleveraar, Also: also(access.Redacteur), Reach: access.Eigen,
		})), 2)
		r.same("who oversees", len(r.seen(overseer)), 2)
	},
	"what is of a sandbox is listed for itself, and for who names it": func(r *rig) {
		r.run(r.Service)
		r.accept(confided(sandbox, "S-sandbox", signals.Open))
		id := r.accept(confided(uwv, "S-1", signals.Open)).Signal.ID
		r.index()
		r.same("who oversees", r.seen(overseer), []string{"S-1"})
		r.counts(overseer, signals.Filter{})
		r.same("who oversees and names it", r.list(overseer, signals.Filter{Organisation: sandbox}, 9), []string{"S-sandbox"})
		r.counts(overseer, signals.Filter{Organisation: sandbox})
		r.same("itself", r.seen(of(sandbox, access.Aanleveraar)), []string{"S-sandbox"})
		r.must(second(r.Get(r.Context(), overseer, id)))
	},
	"what an organisation noted for itself is told to nobody else": func(r *rig) {
		r.run(r.Service)
		content := confided(uwv, "S-1", signals.Open)
		id := r.accept(content).Signal.ID
		content.Title, content.AmendmentReason = "Inkomensgrens schuift", "Er stond te veel in."
		r.must(second(r.Amend(r.Context(), ofUWV, id, 0, content)))
		r.triage(id, signals.Finding{Approach: signals.Fix, Note: "Onze afdeling rekent verkeerd."})
		r.index()
		r.publish(edition(r, 9, nil))
		r.pass(1)
		for name, tt := range map[string]struct {
			grant access.Grant
			want  []string
		}{
			"the public": {public, []string{"", ""}}, "another agency": {ofSVB, []string{"", ""}},
			"the organisation": {ofUWV, []string{"Onze afdeling rekent verkeerd.", "Er stond te veel in."}},
			"who oversees":     {overseer, []string{"Onze afdeling rekent verkeerd.", "Er stond te veel in."}},
		} {
			notes := func(what string, s signals.Signal) {
				r.same(name+" "+what, []string{s.TriageNote, s.AmendmentReason}, tt.want)
				r.same(name+" "+what, s.Title, content.Title)
			}
			got, err := r.Get(r.Context(), tt.grant, id)
			r.must(err)
			notes("gets", got.Signal)
			all, _, err := r.List(r.Context(), tt.grant, signals.Filter{Page: page.Page{Size: 9}})
			r.must(err)
			notes("lists", all[0])
			r.must(r.Export(r.Context(), tt.grant, signals.Filter{}, func(s signals.Signal) error {
				notes("exports", s)
				return nil
			}))
			r.same(name+" finds it by its notes", r.list(tt.grant, signals.Filter{Tokens: search.Query("afdeling")}, 9), []string(nil))
		}
	},
	"of what is published, history and receipts are the organisation's own": func(r *rig) {
		r.run(r.Service)
		id := r.accept(confided(uwv, "S-1", signals.Open)).Signal.ID
		r.index()
		r.apply(r.opened("B-1", id), r.sent(szw, "B-1"))
		r.publish(edition(r, 1, nil))
		for name, grant := range map[string]access.Grant{
			"the public": public, "another agency": ofSVB, "a department": of(szw, access.Beantwoorder), "nobody": nobody,
		} {
			_, err := r.Get(r.Context(), grant, id)
			r.same(name+" reads it", err == nil, name != "nobody")
			r.refused(second(r.History(r.Context(), grant, id)), fault.NotFound, "onbekend-signaal")
			r.refused(second(r.Receipt(r.Context(), grant, id, 0)), fault.NotFound, "onbekend-signaal")
			r.refused(second(r.Receipt(r.Context(), grant, id, 1)), fault.NotFound, "onbekend-signaal")
			r.refused(second(r.Withdraw(r.Context(), grant, id, 0, "Vergissing.")), fault.NotFound, "onbekend-signaal")
			r.refused(second(r.Amend(r.Context(), grant, id, 0, confided(uwv, "S-1", signals.Open))), fault.NotFound, "onbekend-signaal")
		}
		r.must(second(r.History(r.Context(), overseer, id)))
		r.must(second(r.Receipt(r.Context(), overseer, id, 0)))
	},
	"missing, foreign and confidential run the same statements and give the same answer": func(r *rig) { r.traces() },
	"a model of who sees what, random signals and random grants agree":                   func(r *rig) { r.model() },
}

func confided(organisation, reference string, level signals.Confidentiality) signals.Signal {
	s := signal(organisation, reference)
	s.Confidentiality = level
	return s
}

// seen is what a grant sees in lists, sorted; counts and exports are held to it.
func (r *rig) seen(grant access.Grant) []string {
	r.Helper()
	r.counts(grant, signals.Filter{})
	byWord := r.list(grant, signals.Filter{Tokens: search.Query("inkomensgrens")}, 9)
	all := sorted(r.list(grant, signals.Filter{}, 9))
	for _, s := range byWord {
		if !slices.Contains(all, s) {
			r.Errorf("%s is found by a word alone", s)
		}
	}
	return all
}

func sorted(all []string) []string {
	slices.Sort(all)
	return all
}

// also is a set of one role.
func also(role access.Role) access.Roles { return 1 << role }

// sent says that bottlenecks were put to a department now.
func (r *rig) sent(department string, bottlenecks ...string) queue.Message {
	letter := &lettersv1.Letter{Id: uuid.NewString(), Department: department}
	for _, b := range bottlenecks {
		letter.Items = append(letter.Items, &lettersv1.LetterItem{Bottleneck: b})
	}
	return r.event(letter.Id, &eventsv1.LetterSent{Letter: letter})
}

// edition says that an edition was published now that covers so many entries.
func edition(r *rig, size int32, change func(*lettersv1.Edition)) queue.Message {
	e := &lettersv1.Edition{
		Id: uuid.NewString(), State: lettersv1.EditionState_EDITION_STATE_GEPUBLICEERD,
		Checkpoints: []*ledgerv1.Checkpoint{{Origin: r.signer.Origin(), Size: size}, {Origin: "brieven.example.nl/logboek", Size: 99}},
	}
	if change != nil {
		change(e)
	}
	return r.event(e.Id, &eventsv1.EditionCompiled{Edition: e})
}

// publish applies editions, and marks what they cover.
func (r *rig) publish(editions ...queue.Message) {
	r.Helper()
	r.apply(editions...)
	for more := true; more; {
		var err error
		more, err = r.PublishSome(r.Context())
		r.must(err)
	}
}
