package reference

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Kind is the kind of an organisation. Rules differ by kind, such as the default
// regime for contacts with Parliament.
type Kind string

// The kinds of organisation.
const (
	KindMinistry     Kind = "ministerie"
	KindAgency       Kind = "agentschap" // agencies and executive services of a ministry
	KindInspectorate Kind = "inspectie"
	KindHighCouncil  Kind = "hoog-college"
	KindZBO          Kind = "zbo"
	KindAdvisory     Kind = "adviescollege"
	KindProvince     Kind = "provincie"
	KindWaterBoard   Kind = "waterschap"
	KindMunicipality Kind = "gemeente"
	// KindOther is a public body of which the register does not tell the kind.
	KindOther   Kind = "overig"
	KindSandbox Kind = "proef" // no body, but a place to try out connections
)

// sandboxPrefix is how the URN of an organisation with a test OIN begins. Anyone
// may use such a number (OIN-Stelsel, prefix 00000099), and no register has it.
const sandboxPrefix = "urn:nld:oin:00000099"

// IsSandbox says whether an organisation is there for trying out connections,
// from its URI alone: what is of it counts nowhere and is in no edition, whatever
// the version of the reference data.
func IsSandbox(tooi string) bool { return strings.HasPrefix(tooi, sandboxPrefix) }

// Organisation is a public body. TOOI URI is its key; nothing may depend on a
// code never changing.
type Organisation struct {
	// TOOI is the URI in the government's register of organisations, or for a
	// sandbox the URN of its test OIN.
	TOOI string
	Kind Kind
	// Name is as the register has it; for a ministry without "Ministerie van".
	Name string
	// NameEN is the name in English, as a whole; empty where no source gives it.
	NameEN string
	// Abbreviation may be empty.
	Abbreviation string
	// OIN is the 20-digit number for traffic between public bodies; empty when
	// not in the register or not its own.
	OIN string
	// Ministry is the TOOI URI of the responsible ministry as the register has
	// it; empty for bodies without one. It may have ended: see MinistryOn.
	Ministry string
	// ValidFrom and ValidUntil are the first and the last day; zero is unknown.
	ValidFrom, ValidUntil Date
	// ZBOKind is "afzonderlijk" for a single zbo by the register's word, and
	// empty otherwise. Clusters, such as all notaries, are not organisations and
	// have no row.
	ZBOKind string
	// Successor is the TOOI URI of what went on after ValidUntil, where a source
	// states it.
	Successor string
	// Source is where the facts were read.
	Source string
}

// Title is the name in full, such as "Ministerie van Financiën".
func (o Organisation) Title() string {
	if o.Kind == KindMinistry {
		return "Ministerie van " + o.Name
	}
	return o.Name
}

// Names are what an organisation is known by: its names, its abbreviation, its
// code and its OIN.
func (o Organisation) Names() []string {
	return []string{o.Name, o.Title(), o.NameEN, o.Abbreviation, o.TOOI, o.OIN}
}

// Code is the last part of the URI, such as "zb000117".
func (o Organisation) Code() string { return o.TOOI[strings.LastIndexAny(o.TOOI, "/:")+1:] }

// Sandbox says whether it is there for trying out connections.
func (o Organisation) Sandbox() bool { return IsSandbox(o.TOOI) }

// ValidOn says whether the organisation existed on the day, as far as known.
func (o Organisation) ValidOn(day Date) bool { return validOn(o.ValidFrom, o.ValidUntil, day) }

// Organisation finds an organisation by its TOOI URI.
func (d *Data) Organisation(tooi string) (Organisation, bool) {
	o, ok := d.organisations[tooi]
	return o, ok
}

// Organisations returns the organisations of these kinds, or all when no kind is
// given, ordered by kind, name and URI. The slice is the caller's.
func (d *Data) Organisations(kinds ...Kind) []Organisation {
	out := make([]Organisation, 0, len(d.orgOrder))
	for _, o := range d.orgOrder {
		if len(kinds) == 0 || slices.Contains(kinds, o.Kind) {
			out = append(out, o)
		}
	}
	return out
}

// OrganisationOn follows the successors of an organisation until one exists on
// the day. It is false when the line breaks off before that.
func (d *Data) OrganisationOn(tooi string, day Date) (Organisation, bool) {
	o, ok := d.organisations[tooi]
	for range maxLine {
		if !ok || o.ValidUntil.IsZero() || !day.After(o.ValidUntil) {
			break
		}
		o, ok = d.organisations[o.Successor]
	}
	return o, ok && o.ValidOn(day)
}

// MinistryOn returns the ministry responsible for an organisation on the day, or
// the organisation itself when it is a ministry.
func (d *Data) MinistryOn(tooi string, day Date) (Organisation, bool) {
	o, ok := d.organisations[tooi]
	if ok && o.Kind != KindMinistry {
		return d.OrganisationOn(o.Ministry, day)
	}
	return d.OrganisationOn(tooi, day)
}

// OrganisationByCode finds an organisation by the last part of its URI, such as
// "zb000117", or by its OIN.
func (d *Data) OrganisationByCode(code string) (Organisation, bool) {
	o, ok := d.organisations[d.orgByCode[strings.ToLower(code)]]
	return o, ok
}

// NearestOrganisations returns at most n organisations whose name, abbreviation
// or code resembles the text, best first; for "did you mean".
func (d *Data) NearestOrganisations(text string, n int) []Organisation {
	hits := d.nearOrganisations().nearest(text, n)
	out := make([]Organisation, len(hits))
	for i, hit := range hits {
		out[i] = d.orgOrder[hit]
	}
	return out
}

// maxLine bounds a line of successors, of which a table may make a ring.
const maxLine = 50

var kindOrder = []Kind{
	KindMinistry, KindAgency, KindInspectorate, KindHighCouncil, KindZBO,
	KindAdvisory, KindProvince, KindWaterBoard, KindMunicipality, KindOther, KindSandbox,
}

// Kinds returns the kinds of organisation, in their order.
func Kinds() []Kind { return slices.Clone(kindOrder) }

func (d *Data) loadOrganisations(l layers) error {
	d.organisations, d.orgByCode = map[string]Organisation{}, map[string]string{}
	err := l.read(organisationTable, func(r *row) error {
		o := organisationOf(r)
		if err := o.Check(); err != nil {
			return err
		}
		d.organisations[o.TOOI] = o
		d.orgOrder = append(d.orgOrder, o)
		d.orgByCode[o.Code()] = o.TOOI
		return nil
	})
	slices.SortFunc(d.orgOrder, func(a, b Organisation) int {
		if c := slices.Index(kindOrder, a.Kind) - slices.Index(kindOrder, b.Kind); c != 0 {
			return c
		}
		if c := strings.Compare(Fold(a.Name), Fold(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.TOOI, b.TOOI)
	})
	for _, o := range d.orgOrder {
		if o.OIN != "" && d.orgByCode[strings.ToLower(o.OIN)] == "" {
			d.orgByCode[strings.ToLower(o.OIN)] = o.TOOI
		}
	}
	// Built on first use: most programs never misspell an organisation.
	d.nearOrganisations = sync.OnceValue(func() Index {
		return NewIndex(len(d.orgOrder), func(i int) []string { return d.orgOrder[i].Names() })
	})
	return err
}

func organisationOf(r *row) Organisation {
	f := r.fields
	return Organisation{
		TOOI: f[0], Kind: Kind(f[1]), Name: f[2], NameEN: f[3], Abbreviation: f[4], OIN: f[5], Ministry: f[6],
		ValidFrom: r.date(7), ValidUntil: r.date(8), ZBOKind: f[9], Successor: f[10], Source: f[11],
	}
}

func (o Organisation) fields() []string {
	return []string{
		o.TOOI, string(o.Kind), o.Name, o.NameEN, o.Abbreviation, o.OIN, o.Ministry,
		o.ValidFrom.String(), o.ValidUntil.String(), o.ZBOKind, o.Successor, o.Source,
	}
}

// What a URI and an OIN look like; the first is also a rule of the contracts
// (string.tooi).
var (
	tooiForm = regexp.MustCompile(`^https://identifier\.overheid\.nl/tooi/id/[a-z]{2,20}/[a-z_]{2,6}[0-9]{2,8}$`)
	oinForm  = regexp.MustCompile(`^[0-9A-Z]{20}$`)
)

// Check says what is wrong with the form of an organisation, in Dutch.
func (o Organisation) Check() error {
	switch {
	case o.Sandbox() && o.TOOI != "urn:nld:oin:"+o.OIN, !o.Sandbox() && !tooiForm.MatchString(o.TOOI):
		return fmt.Errorf("%q is geen TOOI-URI en geen URN van een test-OIN", o.TOOI)
	case o.Sandbox() != (o.Kind == KindSandbox) || !slices.Contains(kindOrder, o.Kind):
		return fmt.Errorf("%s kan niet van de soort %q zijn", o.TOOI, o.Kind)
	case o.Name == "":
		return fmt.Errorf("%s heeft geen naam", o.TOOI)
	case o.OIN != "" && !oinForm.MatchString(o.OIN):
		return fmt.Errorf("het OIN van %s heeft geen 20 cijfers of letters", o.TOOI)
	case o.Ministry != "" && !tooiForm.MatchString(o.Ministry), o.Successor != "" && !tooiForm.MatchString(o.Successor):
		return fmt.Errorf("het ministerie of de opvolger van %s is geen TOOI-URI", o.TOOI)
	case endsBeforeItBegins(o.ValidFrom, o.ValidUntil):
		return fmt.Errorf("%s eindigt voordat zij begint", o.TOOI)
	}
	return nil
}
