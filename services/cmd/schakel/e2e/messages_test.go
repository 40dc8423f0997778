package e2e

import (
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"
	"time"

	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// Organisations of the reference data.
const (
	uwv = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
	svb = "https://identifier.overheid.nl/tooi/id/zbo/zb000143"
	// szw and ocw are ministries.
	szw = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1073"
	ocw = "https://identifier.overheid.nl/tooi/id/ministerie/mnre1109"
)

// signal is a signal that is right.
func signal(organisation, reference string) *signalsv1.Signal {
	return &signalsv1.Signal{
		Organisation: organisation, ExternalReference: reference,
		Title:       "Voorschot blijkt achteraf te hoog",
		Description: "Wie lang op een beslissing wacht, krijgt een voorschot dat later een schuld blijkt.",
		Level:       "organisatie", Categories: []string{"hardheid", "complexiteit"},
		Provisions:      []*referencev1.Provision{{Register: &referencev1.Provision_Jci{Jci: "jci1.3:c:BWBR0019057&artikel=77"}}},
		Severity:        signalsv1.Severity_SEVERITY_HOOG,
		Approach:        signalsv1.Approach_APPROACH_SOLVE,
		Extent:          &signalsv1.Extent{Minimum: 100, Maximum: 250, PerYear: true, Source: "eigen telling", Certainty: signalsv1.Certainty_CERTAINTY_GETELD},
		Confidentiality: signalsv1.Confidentiality_CONFIDENTIALITY_OPENBAAR,
	}
}

// bottleneck is one made of signals.
func bottleneck(organisation, reference string, signals ...string) *lettersv1.Bottleneck {
	return &lettersv1.Bottleneck{
		Organisation: organisation, ExternalReference: reference,
		Title:       "Terugvordering van te hoge voorschotten",
		Description: "De schuld ontstaat buiten de aanvrager om en raakt mensen die ziek zijn.",
		Category:    "hardheid", Signals: signals,
		Provisions: []*referencev1.Provision{{Register: &referencev1.Provision_Jci{Jci: "jci1.3:c:BWBR0019057"}}},
	}
}

// letter is one that puts bottlenecks to a department.
func letter(organisation, reference, department string, bottlenecks ...string) *lettersv1.Letter {
	l := &lettersv1.Letter{
		Organisation: organisation, ExternalReference: reference, Department: department,
		Kind: lettersv1.LetterKind_LETTER_KIND_KNELPUNTENBRIEF, Edition: "2026", Title: "Knelpuntenbrief 2026",
		AnswerBy: time.Now().AddDate(0, 3, 0).UTC().Format(time.DateOnly),
	}
	for _, id := range bottlenecks {
		l.Items = append(l.Items, &lettersv1.LetterItem{Bottleneck: id, Request: "Regel dat niet wordt teruggevorderd."})
	}
	return l
}

// office is a post at an organisation.
func office(organisation string) *referencev1.Office {
	return &referencev1.Office{Organisation: organisation, Function: "voorzitter van de raad van bestuur"}
}

// answer is a department's answer.
func answer(department string) *lettersv1.Response {
	return &lettersv1.Response{
		ExternalReference: "REACTIE-1",
		Choice:            lettersv1.ResponseChoice_RESPONSE_CHOICE_DEELS_OVERGENOMEN, Instrument: "beleidsregel",
		Motive: "De lijn wordt vastgelegd in een gedragslijn.", Owner: office(department), Due: "2027-07-01",
	}
}

// contactPerson is a department's.
func contactPerson(department string) *contactsv1.ContactPerson {
	return &contactsv1.ContactPerson{
		Department: department, Function: "parlementair contactpersoon",
		Mailbox: "parlementair-contact@voorbeeld.example", ValidFrom: "2025-01-01",
	}
}

// contact is one that was approved before it was held.
func contact(department, reference, person string) *contactsv1.Contact {
	at := func(day int) *timestamppb.Timestamp {
		return timestamppb.New(time.Date(2026, time.February, day, 9, 30, 0, 0, time.UTC))
	}
	return &contactsv1.Contact{
		Department: department, ExternalReference: reference, ContactPerson: person,
		Officials: []*referencev1.Office{{Organisation: department, Function: "beleidsmedewerker"}},
		Members: []*referencev1.MemberOfParliament{{
			Chamber: referencev1.Chamber_CHAMBER_TWEEDE_KAMER, Id: "00000000-0000-4000-8000-000000000001",
		}},
		Subject: "wachttijd voor beoordelingen", Form: "technische-briefing",
		Initiative: contactsv1.Initiative_INITIATIVE_KAMERLID, RequestedAt: at(2),
		Consent: &contactsv1.Consent{DecidedBy: office(department), DecidedAt: at(4), Reference: "dossiernotitie 1"},
		HeldAt:  at(6),
	}
}

// references are the references of so many signals.
func references(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("E2E-%04d", i+1)
	}
	return all
}
