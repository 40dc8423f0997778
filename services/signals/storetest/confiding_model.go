package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"schakel.example/services/internal/access"
	"schakel.example/services/signals"
	"schakel.example/services/signals/search"
)

// model makes random signals, and holds what random grants see of them to what
// they should, in lists, counts and exports.
func (r *rig) model() {
	random := rand.New(rand.NewPCG(11, 5))
	w := r.makeWorld(random)
	for range 120 {
		g := access.Grant{Reach: access.Reach(random.IntN(4))}
		if g.Reach == access.Eigen {
			g.Organisation = []string{uwv, svb, szw, vws, sandbox}[random.IntN(5)]
			g.Role = []access.Role{access.Aanleveraar, access.Redacteur, access.Bestuurder, access.Beantwoorder}[random.IntN(4)]
		}
		f, holds := randomFilter(random)
		if random.IntN(4) == 0 {
			f.Bottleneck = w.all[3*random.IntN(50)].ID
		}
		var want []string
		for _, s := range w.all {
			got, err := r.Get(r.Context(), g, s.ID)
			readable := w.readable(g, s)
			if (err == nil) != readable {
				r.Errorf("%+v gets %+v: %v", g, s, err)
			} else if told := w.told(g, s); readable && got.Signal.Bottleneck != told {
				r.Errorf("%+v is told that %+v is in %q, want %q", g, s, got.Signal.Bottleneck, told)
			} else if hidden := s.Organisation == sandbox && f.Organisation != sandbox && g.Organisation != sandbox; readable && holds(s) && !hidden && (f.Bottleneck == "" || f.Bottleneck == told) {
				want = append(want, s.ExternalReference)
			}
		}
		r.same(fmt.Sprintf("%+v under %+v", g, f), sorted(r.list(g, f, 60)), sorted(want))
		r.counts(g, f)
	}
}

// world is what a model knows of signals.
type world struct {
	all     []*signals.Signal
	covered map[string]bool   // by id: whether an edition covers what it says
	put     map[string]string // by id: to which department
}

// makeWorld makes random signals, and lets happen to them what makes people see
// them, or see them no more.
func (r *rig) makeWorld(random *rand.Rand) world {
	r.Helper()
	w := world{covered: map[string]bool{}, put: map[string]string{}}
	var given []signals.Signal
	for i := range 160 {
		s := confided([]string{uwv, svb, szw, sandbox}[random.IntN(4)], fmt.Sprintf("S-%03d", i), signals.Confidentiality(1+random.IntN(3)))
		s.Severity = signals.Severity(1 + random.IntN(4))
		s.Categories = [][]string{{"hardheid"}, {"samenloop"}, {"hardheid", "stapeling"}}[random.IntN(3)]
		s.Description = []string{"Een uitkering.", "Een toeslag.", "Geen van beide."}[random.IntN(3)]
		given = append(given, s)
	}
	for _, a := range r.together(given...) {
		r.must(a.err)
		w.all = append(w.all, &a.Signal)
	}
	r.index()
	entries, err := r.Service.Log.Entries(r.Context(), 0, 90)
	r.must(err)
	for _, e := range entries {
		w.covered[e.Subject] = true
	}
	r.publish(edition(r, 90, nil))
	for i, s := range w.all {
		switch {
		case i%3 == 0:
			r.apply(r.opened(s.ID, s.ID))
			s.State = signals.Bundled
			if w.put[s.ID] = []string{szw, vws, ""}[random.IntN(3)]; w.put[s.ID] != "" {
				r.apply(r.sent(w.put[s.ID], s.ID))
			}
		case i%7 == 1: // there is no way to publish such a one
			r.exec(`UPDATE signal SET protected = 1 WHERE id = $1`, s.ID)
			s.Protected = true
		}
		if i%5 == 0 {
			content := given[i]
			content.Confidentiality = signals.Confidentiality(1 + random.IntN(3))
			r.must(second(r.Amend(r.Context(), access.Grant{Reach: access.Alle}, s.ID, 0, content)))
			if s.Confidentiality != content.Confidentiality { // or nothing was amended
				w.covered[s.ID] = false
			}
			s.Confidentiality = content.Confidentiality
			if s.Protected { // of which its content knows nothing
				r.exec(`UPDATE signal SET protected = 1 WHERE id = $1`, s.ID)
			}
		}
	}
	r.index()
	return w
}

// readable says whether a grant may read a signal.
func (w world) readable(g access.Grant, s *signals.Signal) bool {
	open := w.covered[s.ID] && s.Organisation != sandbox && s.Confidentiality == signals.Open && !s.Protected
	switch {
	case g.Reach == access.Alle:
		return true
	case g.Reach == access.Openbaar:
		return open
	case g.Reach != access.Eigen:
		return false
	case g.Organisation == s.Organisation:
		return !s.Protected || g.Role == access.Redacteur || g.Role == access.Bestuurder
	}
	put := g.Role == access.Beantwoorder && w.put[s.ID] == g.Organisation
	return open || put && s.Confidentiality != signals.Confidential && !s.Protected
}

// told is the bottleneck that a grant that may read a signal is told: they have the
// ids of signals.
func (w world) told(g access.Grant, s *signals.Signal) string {
	knows := g.Reach == access.Alle || g.Reach == access.Eigen &&
		(g.Organisation == s.Organisation || g.Role == access.Beantwoorder && w.put[s.ID] == g.Organisation)
	if s.State != signals.Bundled || !knows {
		return ""
	}
	return s.ID
}

// randomFilter makes a filter, and says which signals it leaves.
func randomFilter(random *rand.Rand) (f signals.Filter, holds func(*signals.Signal) bool) {
	f.Order = signals.Order(random.IntN(4))
	if random.IntN(3) == 0 {
		f.Organisation = []string{uwv, svb, szw, sandbox}[random.IntN(4)]
	}
	if random.IntN(3) == 0 {
		f.Categories = [][]string{{"hardheid"}, {"stapeling"}, {"samenloop", "stapeling"}}[random.IntN(3)]
	}
	if random.IntN(3) == 0 {
		f.Severities = []signals.Severity{2, 4}
	}
	if random.IntN(4) == 0 {
		f.States = []signals.State{signals.Bundled}
	}
	word := ""
	if random.IntN(3) == 0 {
		word = []string{"uitkering", "toeslag", "nergens"}[random.IntN(3)]
		f.Tokens = search.Query(word)
	}
	return f, func(s *signals.Signal) bool {
		return (f.Organisation == "" || f.Organisation == s.Organisation) &&
			(f.Categories == nil || slices.ContainsFunc(s.Categories, func(c string) bool { return slices.Contains(f.Categories, c) })) &&
			(f.Severities == nil || slices.Contains(f.Severities, s.Severity)) &&
			(f.States == nil || s.State == signals.Bundled) &&
			(word == "" || s.Description == "Een "+word+".")
	}
}
