package storetest

import (
	"time"

	"schakel.example/services/reference"
	"schakel.example/services/signals"
	"schakel.example/services/signals/search"
)

// filters holds each condition of a filter, and two together, to what it selects.
func (r *rig) filters() {
	r.run(r.Service)
	plain := signal(uwv, "S-plain")
	r.accept(plain)
	r.pass(time.Hour)
	whole := r.whole(svb, "S-whole")
	whole.Level, whole.Severity, whole.Approach, whole.Confidentiality = "professional", 4, 1, 3
	whole.Categories = []string{"samenloop", "stapeling"}
	id := r.accept(whole).Signal.ID
	r.index()
	r.apply(r.opened("B-1", id))
	of := func(refs ...string) []string { return refs }
	both, first, last := of("S-whole", "S-plain"), of("S-plain"), of("S-whole")
	for _, tt := range []struct {
		name string
		f    signals.Filter
		want []string
	}{
		{"a category", signals.Filter{Categories: of("hardheid")}, first},
		{"the second category", signals.Filter{Categories: of("stapeling")}, last},
		{"one of two categories", signals.Filter{Categories: of("stapeling", "hardheid", "samenloop")}, both},
		{"a value", signals.Filter{PublicValues: of("betrouwbaarheid")}, last},
		{"a target group", signals.Filter{TargetGroups: of("gezinnen", "ouderen")}, last},
		{"a level", signals.Filter{Levels: of("organisatie")}, first},
		{"two levels", signals.Filter{Levels: of("organisatie", "professional")}, both},
		{"a severity", signals.Filter{Severities: []signals.Severity{4}}, last},
		{"an approach", signals.Filter{Approach: 2}, first},
		{"a confidentiality", signals.Filter{Confidentialities: []signals.Confidentiality{2, 3}}, last},
		{"a bottleneck", signals.Filter{Bottleneck: "B-1"}, last},
		{"another bottleneck", signals.Filter{Bottleneck: "B-2"}, nil},
		{"from when it came", signals.Filter{From: start}, both},
		{"from after it", signals.Filter{From: start.Add(time.Millisecond)}, last},
		{"before it came", signals.Filter{Before: start}, nil},
		{"before the next", signals.Filter{Before: start.Add(time.Hour)}, first},
		{"between", signals.Filter{From: start.Add(time.Minute), Before: start.Add(time.Minute)}, nil},
		{"all at once", signals.Filter{
			Organisation: svb, ExternalReference: "S-whole", States: []signals.State{signals.Bundled}, Tokens: search.Query("peiljaar"),
			Provision: mustKey(r, "32004R0883"), Categories: of("samenloop"), PublicValues: of("betrouwbaarheid"), Levels: of("professional"),
			TargetGroups: of("gezinnen"), Severities: []signals.Severity{4}, Approach: 1, Confidentialities: []signals.Confidentiality{3},
			From: start, Before: start.Add(2 * time.Hour), Bottleneck: "B-1",
		}, last},
		{"a condition that does not hold beside one that does", signals.Filter{Categories: of("samenloop"), Approach: 2}, nil},
		{"what is not a term", signals.Filter{Categories: of("' OR 1=1 --")}, nil},
	} {
		r.same(tt.name, r.list(overseer, tt.f, 1), tt.want)
		r.counts(overseer, tt.f)
	}
}

func mustKey(r *rig, rule string) string {
	r.Helper()
	p, err := reference.ParseProvision(reference.ProvisionCELEX, rule)
	r.must(err)
	return p.Key()
}
