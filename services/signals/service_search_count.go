package signals

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/reference"
	"schakel.example/services/signals/search"
)

// Kinds of things that a signal names, and that it is found and counted by. They
// are stored, so they stay.
const (
	KindCategory    = "c"
	KindValue       = "v"
	KindTargetGroup = "d"
	kindPrinciple   = "b"
	KindProvision   = "r" // each key of search.Provisions; to count by: the regulation
	kindCausing     = "o"
	kindOther       = "a"
	kindLevel       = "n" // to count by alone: it has a column
	kindApproach    = "f" // the same
	kindMonth       = "m" // the same, made of the time of receipt
)

// maxFacet is how many values of one property are told.
const maxFacet = 100

// Facets is what a signal counts under, besides what its row has a column for:
// "kind=value" with spaces between. Values have no spaces: they are slugs and
// keys.
func Facets(s *Signal) string {
	var b strings.Builder
	add := func(kind string, values ...string) {
		for _, v := range values {
			if v != "" {
				b.WriteString(kind + "=" + v + " ")
			}
		}
	}
	add(kindMonth, reference.DutchDate(s.ReceivedAt).String()[:len("2006-01")])
	add(kindApproach, strconv.Itoa(int(s.Approach)))
	add(kindLevel, s.Level)
	add(KindCategory, s.Categories...)
	add(KindValue, s.PublicValues...)
	add(KindTargetGroup, s.TargetGroups...)
	regulations := map[string]bool{}
	for _, p := range s.Provisions {
		if key := search.Regulation(p); !regulations[key] {
			regulations[key] = true
			add(KindProvision, key)
		}
	}
	return strings.TrimSuffix(b.String(), " ")
}

// Counts is how many signals there are, in all and by property and value.
type Counts struct {
	Total int
	by    map[string]map[string]*int // property or kind → value or number
}

func newCounts() *Counts { return &Counts{by: map[string]map[string]*int{}} }

// The properties that are counted by a column, as kinds beside those of Facets.
const (
	byState           = "status"
	bySeverity        = "ernst"
	byConfidentiality = "vertrouwelijkheid"
	byOrganisation    = "organisatie"
)

// add counts a signal.
func (c *Counts) add(s Counted) error {
	c.Total++
	c.one(byState, digit(int(s.State)))
	c.one(bySeverity, digit(int(s.Severity)))
	c.one(byConfidentiality, digit(int(s.Confidentiality)))
	c.one(byOrganisation, s.Organisation)
	for rest, more := s.Facets, s.Facets != ""; more; {
		var facet string
		facet, rest, more = strings.Cut(rest, " ")
		kind, value, ok := strings.Cut(facet, "=")
		if !ok {
			return fmt.Errorf("signals: a facet without a value: %q", facet)
		}
		c.one(kind, value)
	}
	return nil
}

// digit is a number of one digit, without memory of its own.
func digit(n int) string { return "0123456789"[n%10 : n%10+1] }

func (c *Counts) one(kind, value string) {
	values := c.by[kind]
	if values == nil {
		values = map[string]*int{}
		c.by[kind] = values
	}
	n := values[value]
	if n == nil {
		n = new(int)
		values[strings.Clone(value)] = n // not the whole text that it is a part of
	}
	*n++
}

// Facet is how many signals have each value of a property, as both are called on
// the wire.
type Facet struct {
	Property string
	Counts   []FacetCount
}

// FacetCount is how many signals have a value.
type FacetCount struct {
	Value string
	Count int
}

// Facets gives the counts of every property, in one order: of each the largest
// first, and at most so many as anybody reads.
func (c *Counts) Facets() []Facet {
	var all []Facet
	for _, f := range []struct {
		property, kind string
		word           func(string) string
	}{
		{"status", byState, enumWord[signalsv1.SignalState]},
		{"categorie", KindCategory, nil},
		{"publiekeWaarde", KindValue, nil},
		{"niveau", kindLevel, nil},
		{"ernst", bySeverity, enumWord[signalsv1.Severity]},
		{"aanpak", kindApproach, enumWord[signalsv1.Approach]},
		{"doelgroep", KindTargetGroup, nil},
		{"vertrouwelijkheid", byConfidentiality, enumWord[signalsv1.Confidentiality]},
		{"organisatie", byOrganisation, nil},
		{"regeling", KindProvision, nil},
		{"maand", kindMonth, nil},
	} {
		facet := Facet{Property: f.property}
		for value, n := range c.by[f.kind] {
			if f.word != nil {
				value = f.word(value)
			}
			facet.Counts = append(facet.Counts, FacetCount{value, *n})
		}
		slices.SortFunc(facet.Counts, func(a, b FacetCount) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		facet.Counts = facet.Counts[:min(len(facet.Counts), maxFacet)]
		all = append(all, facet)
	}
	return all
}

// enumWord is the word on the wire of a value of an enum.
func enumWord[E interface {
	~int32
	protoreflect.Enum
}](number string) string {
	n, _ := strconv.Atoi(number)
	return wire.Word(E(n))
}
