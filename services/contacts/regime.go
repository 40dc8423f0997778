package contacts

import (
	"slices"

	"schakel.example/services/reference"
)

// The codes of the regimes, as they stand on the wire.
const (
	MinisterialResponsibility = "ministeriele-verantwoordelijkheid"
	SimultaneousNotice        = "gelijktijdige-melding"
	Inspectorate              = "rijksinspectie"
)

// RegimeStatus is whether a regime holds.
type RegimeStatus string

// The statuses.
const (
	InForce  RegimeStatus = "geldend"
	Proposed RegimeStatus = "voorgenomen"
)

// Regime is a set of rules for contacts of officials with members of Parliament.
type Regime struct {
	Code string
	// Kinds are the kinds of organisation whose officials stand under it unless
	// something else is assigned to their organisation.
	Kinds []reference.Kind
	// Consent says whether a minister must consent beforehand.
	Consent bool
	// Status is whether it holds; one that is proposed never applies.
	Status RegimeStatus
	// From and Until are the first and the last day; zero is open.
	From, Until reference.Date
	// Source is where the rules stand.
	Source string
}

// Regimes is the configuration of the regimes. Where two hold, the first counts.
type Regimes []Regime

// Known gives the regimes.
//
// The first day of the Aanwijzingen of 2020 is left open: sources contradict each
// other (the day after publication, or 1 February 2021), and those of 1998, which
// they replaced, asked for consent as well.
func Known() Regimes {
	return Regimes{
		{
			// On request of a Chamber the head of an inspectorate would speak
			// without consent. It is a draft of a law: until it holds, consent
			// is needed.
			Code:   Inspectorate,
			Kinds:  []reference.Kind{reference.KindInspectorate},
			Status: Proposed,
			Source: "Voorontwerp Kaderwet op de rijksinspecties (consultatie); Kamerbrief BZK 2025-0000404855",
		},
		{
			Code:    MinisterialResponsibility,
			Kinds:   []reference.Kind{reference.KindMinistry, reference.KindAgency, reference.KindInspectorate},
			Consent: true,
			Status:  InForce,
			Source:  "Aanwijzingen inzake externe contacten van rijksambtenaren, aanwijzing 3 (Stcrt. 2020, 68088)",
		},
		{
			// A wish, not a duty: the minister is told at the same time. It never
			// stands in the way of a contact.
			Code: SimultaneousNotice,
			Kinds: []reference.Kind{
				reference.KindZBO, reference.KindHighCouncil, reference.KindAdvisory,
				reference.KindProvince, reference.KindWaterBoard, reference.KindMunicipality,
			},
			Status: InForce,
			Source: "Toelichting bij aanwijzing 1 (Stcrt. 2020, 68088); Kamerbrief BZK 2025-0000404855",
		},
	}
}

// On gives the regime of an organisation on a day; false when there is none.
func (all Regimes) On(o reference.Organisation, day reference.Date) (Regime, bool) {
	i := slices.IndexFunc(all, func(r Regime) bool {
		return r.Status == InForce && slices.Contains(r.Kinds, o.Kind) &&
			(r.From.IsZero() || !day.Before(r.From)) && (r.Until.IsZero() || !day.After(r.Until))
	})
	if i < 0 {
		return Regime{}, false
	}
	return all[i], true
}
