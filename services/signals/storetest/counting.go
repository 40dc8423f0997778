package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
	"schakel.example/services/reference"
	"schakel.example/services/signals"
	"schakel.example/services/signals/search"
)

// counting are the cases about counts, orders and exports.
var counting = map[string]func(*rig){
	"each condition selects what it holds for": func(r *rig) { r.filters() },
	"each property is counted by value, the largest count first": func(r *rig) {
		r.run(r.Service)
		for i := range 3 {
			r.accept(signal(uwv, fmt.Sprintf("S-%d", i)))
		}
		r.pass(11 * 24 * time.Hour) // 1 December, a quarter past noon
		r.accept(r.whole(svb, "S-whole"))
		counts, err := r.Count(r.Context(), overseer, signals.Filter{})
		r.must(err)
		r.same("in all", counts.Total, 4)
		one := func(value string, n int) signals.FacetCount { return signals.FacetCount{Value: value, Count: n} }
		r.same("by property", counts.Facets(), []signals.Facet{
			{Property: "status", Counts: []signals.FacetCount{one("ontvangen", 4)}},
			{Property: "categorie", Counts: []signals.FacetCount{one("hardheid", 4)}},
			{Property: "publiekeWaarde", Counts: []signals.FacetCount{one("betrouwbaarheid", 1)}},
			{Property: "niveau", Counts: []signals.FacetCount{one("organisatie", 4)}},
			{Property: "ernst", Counts: []signals.FacetCount{one("hoog", 4)}},
			{Property: "aanpak", Counts: []signals.FacetCount{one("solve", 4)}},
			{Property: "doelgroep", Counts: []signals.FacetCount{one("arbeidsongeschikten", 1), one("gezinnen", 1)}},
			{Property: "vertrouwelijkheid", Counts: []signals.FacetCount{one("openbaar", 4)}},
			{Property: "organisatie", Counts: []signals.FacetCount{one(uwv, 3), one(svb, 1)}},
			{Property: "regeling", Counts: []signals.FacetCount{
				one("CVDR123456", 1), one("celex:32004R0883", 1), one("jci1.3:c:BWBR0019057", 1), one("kst-36617", 1),
			}},
			{Property: "maand", Counts: []signals.FacetCount{one("2026-11", 3), one("2026-12", 1)}},
		})
	},
	"a month is one of the Netherlands, and a rule counts once in a signal": func(r *rig) {
		r.run(r.Service)
		r.pass(10*24*time.Hour + 11*time.Hour + 30*time.Minute) // 30 November, 23:30 UTC
		s := signal(uwv, "S-1")
		for _, rule := range []string{"BWBR0019057&artikel=1", "BWBR0019057&artikel=2", "BWBR0019057"} {
			p, err := search.ParseProvision(rule)
			r.must(err)
			s.Provisions = append(s.Provisions, p)
		}
		r.accept(s)
		counts, err := r.Count(r.Context(), overseer, signals.Filter{})
		r.must(err)
		for _, f := range counts.Facets() {
			switch f.Property {
			case "maand":
				r.same("the month", f.Counts, []signals.FacetCount{{Value: "2026-12", Count: 1}})
			case "regeling":
				r.same("the regulation", f.Counts, []signals.FacetCount{{Value: "jci1.3:c:BWBR0019057", Count: 1}})
			}
		}
	},
	"of a property with very many values the most common hundred are told": func(r *rig) {
		var given []signals.Signal
		for i := range 120 {
			s := signal(uwv, fmt.Sprintf("S-%03d", i))
			for _, n := range []int{i, i % 7} {
				p, err := reference.ParseProvision(reference.ProvisionCVDR, fmt.Sprintf("CVDR%d", 1000+n))
				r.must(err)
				s.Provisions = append(s.Provisions, p)
			}
			given = append(given, s)
		}
		for _, a := range r.together(given...) {
			r.must(a.err)
		}
		counts, err := r.Count(r.Context(), overseer, signals.Filter{})
		r.must(err)
		facets := counts.Facets()
		regulations := facets[slices.IndexFunc(facets, func(f signals.Facet) bool { return f.Property == "regeling" })].Counts
		r.same("how many", len(regulations), 100)
		r.same("the first", regulations[0], signals.FacetCount{Value: "CVDR1000", Count: 18})
		r.same("the last", regulations[99].Count, 1)
	},
	"in each order pages hold each signal once, while others come": func(r *rig) {
		r.run(r.Service)
		random := rand.New(rand.NewPCG(3, 3))
		var all []signals.Signal
		accept := func(n int) {
			s := signal(uwv, fmt.Sprintf("S-%03d", n))
			s.Severity = signals.Severity(1 + random.IntN(4))
			all = append(all, r.accept(s).Signal)
			r.pass(time.Duration(random.IntN(2)) * time.Millisecond)
		}
		for n := range 40 {
			accept(n)
		}
		for order, before := range orders() {
			want := slices.Clone(all)
			slices.SortFunc(want, before)
			var references []string
			for _, s := range want {
				references = append(references, s.ExternalReference)
			}
			for _, size := range []int32{1, 7, 39, 40, 41} {
				r.same(fmt.Sprintf("order %d in pages of %d", order, size), r.list(ofUWV, signals.Filter{Order: order}, size), references)
			}
			known := len(all)
			var got []string
			f := signals.Filter{Order: order, Page: page.Page{Size: 9, Kind: page.Kind(order)}}
			for next := "x"; next != ""; accept(len(all)) {
				var some []signals.Signal
				var err error
				some, next, err = r.List(r.Context(), ofUWV, f)
				r.must(err)
				for _, s := range some {
					if s.ExternalReference < fmt.Sprintf("S-%03d", known) {
						got = append(got, s.ExternalReference)
					}
				}
				f.Page, err = page.Kind(order).Parse(9, next)
				r.must(err)
			}
			r.same(fmt.Sprintf("order %d while others come", order), got, references)
		}
	},
	"an export holds what was there when it began, whole and in order": func(r *rig) {
		var given []signals.Signal
		for i := range 1203 { // more than two pages
			given = append(given, signal(uwv, fmt.Sprintf("S-%04d", i)))
		}
		given[7] = r.whole(uwv, "S-0007")
		for _, a := range r.together(given...) {
			r.must(a.err)
		}
		r.pass(time.Second)
		for order := range orders() {
			var got []string
			err := r.Export(r.Context(), ofUWV, signals.Filter{Order: order}, func(s signals.Signal) error {
				if len(got)%500 == 3 {
					r.pass(time.Millisecond)
					r.accept(signal(uwv, fmt.Sprintf("later-%d-%d", order, len(got))))
				}
				got = append(got, s.ExternalReference)
				if s.ExternalReference == "S-0007" {
					r.same("what is sent", s, r.get(s.ID).Signal)
				}
				return nil
			})
			r.must(err)
			r.pass(time.Second)
			f := signals.Filter{Order: order, Before: start.Add(time.Second)}
			r.same(fmt.Sprintf("order %d, of what was there first", order), keep(got, "S-"), r.list(ofUWV, f, 500))
			if later := keep(got, fmt.Sprintf("later-%d", order)); len(later) > 0 {
				r.Errorf("order %d has %v", order, later)
			}
		}
	},
	"an export ends when its reader goes": func(r *rig) {
		given := make([]signals.Signal, 600)
		for i := range given {
			given[i] = signal(uwv, fmt.Sprintf("S-%03d", i))
		}
		for _, a := range r.together(given...) {
			r.must(a.err)
		}
		r.pass(time.Second)
		gone, n := errors.New("gone"), 0
		err := r.Export(r.Context(), ofUWV, signals.Filter{}, func(signals.Signal) error {
			if n++; n == 3 {
				return gone
			}
			return nil
		})
		if !errors.Is(err, gone) || n != 3 {
			r.Errorf("after %d: %v", n, err)
		}
		ctx, cancel := context.WithCancel(r.Context())
		n = 0
		err = r.Export(ctx, ofUWV, signals.Filter{}, func(signals.Signal) error {
			if n++; n == 500 {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) || n != 500 {
			r.Errorf("after %d: %v", n, err)
		}
	},
}

// orders says of each order when a signal comes before another.
func orders() map[signals.Order]func(a, b signals.Signal) int {
	newest := func(a, b signals.Signal) int {
		return cmp.Or(b.ReceivedAt.Compare(a.ReceivedAt), cmp.Compare(b.ID, a.ID))
	}
	return map[signals.Order]func(a, b signals.Signal) int{
		0:                newest,
		signals.Newest:   newest,
		signals.Oldest:   func(a, b signals.Signal) int { return newest(b, a) },
		signals.Severest: func(a, b signals.Signal) int { return cmp.Or(cmp.Compare(b.Severity, a.Severity), newest(a, b)) },
	}
}

func keep(all []string, prefix string) (some []string) {
	for _, s := range all {
		if len(s) >= len(prefix) && s[:len(prefix)] == prefix {
			some = append(some, s)
		}
	}
	return some
}

// counts holds a count and an export to a list: all three tell of the same.
func (r *rig) counts(grant access.Grant, f signals.Filter) {
	r.Helper()
	listed := r.list(grant, f, 500)
	counts, err := r.Count(r.Context(), grant, f)
	r.must(err)
	r.same("the count", counts.Total, len(listed))
	for _, facet := range counts.Facets() {
		sum := 0
		for _, c := range facet.Counts {
			sum += c.Count
		}
		if slices.Contains([]string{"status", "ernst", "aanpak", "niveau", "vertrouwelijkheid", "organisatie", "maand"}, facet.Property) && sum != len(listed) {
			r.Errorf("by %s there are %d, want %d", facet.Property, sum, len(listed))
		}
	}
	var exported []string
	r.pass(time.Millisecond)
	r.must(r.Export(r.Context(), grant, f, func(s signals.Signal) error {
		exported = append(exported, s.ExternalReference)
		return nil
	}))
	r.same("the export", exported, listed)
}
