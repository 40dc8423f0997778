package storetest

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// traces holds every call about one signal to running the same statements, whatever
// the signal that the caller may not see.
func (r *rig) traces() {
	r.run(r.Service)
	ids := map[string]string{"missing": r.NewID()}
	for name, level := range map[string]signals.Confidentiality{"open": signals.Open, "internal": signals.Internal, "confidential": signals.Confidential} {
		ids[name] = r.accept(confided(uwv, "S-"+name, level)).Signal.ID
	}
	r.must(second(r.Report(r.Context(), r.codes(1)[0], secret(1), report())))
	c, err := r.Case(r.Context(), secret(1))
	r.must(err)
	ids["protected"] = c.Signal.ID
	r.overnight()
	r.must(second(r.Report(r.Context(), r.codes(1)[0], secret(2), report())))
	c, err = r.Case(r.Context(), secret(2))
	r.must(err)
	ids["waiting"] = c.Signal.ID
	r.index()
	calls := r.calls(map[string]string{uwv: ids["open"], svb: r.accept(confided(svb, "S-beside", signals.Open)).Signal.ID})
	for who, grant := range map[string]access.Grant{
		"another agency": ofSVB, "a board": of(svb, access.Bestuurder), "a department": of(szw, access.Beantwoorder), "the public": public, "nobody": nobody,
	} {
		for what, call := range calls {
			r.alike(who+": "+what, ids, func(ctx context.Context, id string) error { return call(ctx, grant, id) })
		}
	}
	for what, call := range calls {
		r.alike("a system of the agency itself: "+what, map[string]string{"missing": ids["missing"], "protected": ids["protected"]},
			func(ctx context.Context, id string) error { return call(ctx, ofUWV, id) })
	}
	// What waits is there for nobody but its reporter.
	waits := map[string]string{"missing": ids["missing"], "waiting": ids["waiting"]}
	for who, grant := range map[string]access.Grant{"an editor": editor, "the board": of(uwv, access.Bestuurder), "who oversees": overseer} {
		for what, call := range calls {
			r.alike(who+": "+what, waits, func(ctx context.Context, id string) error { return call(ctx, grant, id) })
		}
	}
}

// call is something that is asked of one signal.
type call func(ctx context.Context, grant access.Grant, id string) error

// calls are all that can be asked of one signal. What takes another one beside it
// gets one of the caller's own, by organisation, if they have any.
func (r *rig) calls(own map[string]string) map[string]call {
	beside := func(g access.Grant) string {
		if id := own[g.Organisation]; id != "" {
			return id
		}
		return own[svb]
	}
	return map[string]call{
		"get":     func(ctx context.Context, g access.Grant, id string) error { return second(r.Get(ctx, g, id)) },
		"own":     func(ctx context.Context, g access.Grant, id string) error { return second(r.GetOwn(ctx, g, id)) },
		"history": func(ctx context.Context, g access.Grant, id string) error { return second(r.History(ctx, g, id)) },
		"receipt": func(ctx context.Context, g access.Grant, id string) error { return second(r.Receipt(ctx, g, id, 0)) },
		"first receipt": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Receipt(ctx, g, id, 1))
		},
		"amend": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Amend(ctx, g, id, 1, confided(uwv, "S-x", signals.Open)))
		},
		"withdraw": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Withdraw(ctx, g, id, 1, "Vergissing."))
		},
		"redact": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Redact(ctx, g, id, 1, []signals.Place{{Field: "/titel"}}, "Naam."))
		},
		"merge": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Merge(ctx, g, id, beside(g), 0, "Zelfde."))
		},
		"merge into it": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Merge(ctx, g, beside(g), id, 0, "Zelfde."))
		},
		"unmerge": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Unmerge(ctx, g, id, 0, "Toch niet."))
		},
		"link":       func(ctx context.Context, g access.Grant, id string) error { return r.Link(ctx, g, id, beside(g), true) },
		"link to it": func(ctx context.Context, g access.Grant, id string) error { return r.Link(ctx, g, beside(g), id, true) },
		"unlink": func(ctx context.Context, g access.Grant, id string) error {
			return r.Link(ctx, g, id, beside(g), false)
		},
		"messages": func(ctx context.Context, g access.Grant, id string) error { return second(r.Messages(ctx, g, id)) },
		"answer": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Answer(ctx, g, id, uuid.NewString(), "Hallo?"))
		},
		"related": func(ctx context.Context, g access.Grant, id string) error { return second(r.Related(ctx, g, id)) },
		"triage": func(ctx context.Context, g access.Grant, id string) error {
			return second(r.Triage(ctx, g, id, 1, signals.Finding{Approach: signals.Fix}))
		},
	}
}

// alike holds a call to giving the same fault, by the same statements, for each of
// some signals, by name.
func (r *rig) alike(what string, ids map[string]string, call func(ctx context.Context, id string) error) {
	r.Helper()
	type outcome struct {
		Fault      string
		Statements []string
	}
	outcomes := map[string]outcome{}
	for name, id := range ids {
		var o outcome
		ctx := sqldb.WithTrace(r.Context(), func(statement string) { o.Statements = append(o.Statements, statement) })
		err := call(ctx, id)
		r.refused(err, fault.NotFound, "onbekend-signaal")
		o.Fault = fmt.Sprintf("%#v", fault.Of(err))
		if len(o.Statements) == 0 {
			r.Errorf("%s of what is %s runs no statement that is traced", what, name)
		}
		outcomes[name] = o
	}
	for name, o := range outcomes {
		r.same(what+": "+name, o, outcomes["missing"])
	}
}
