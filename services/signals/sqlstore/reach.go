package sqlstore

import (
	"strings"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// part is a part of what a grant may read, as a condition on signal s, in which
// each ? stands for the next argument.
type part struct {
	condition string
	args      []any
	// owner and notOwner are the only organisation whose signals are in the part,
	// and the only one whose are not; empty for no such thing.
	owner, notOwner string
	// sandboxes says that there may be signals of sandboxes in it that are not the
	// caller's own.
	sandboxes bool
	// public says that of these the caller sees what anybody does: the revision that
	// an edition covered, and not in which bottleneck they are.
	public bool
}

// columns are those of row, as the caller sees them of signal s.
func (p part) columns() string {
	if !p.public {
		return row
	}
	return strings.NewReplacer("s.revision", "s.published AS revision", "s.bottleneck", "'' AS bottleneck").Replace(row)
}

// parts says what a grant reaches: the one place that does, for every statement
// that reads. First comes what it covers: the organisation's own, or everything.
// What it may only read follows. No signal is in two parts, so that a list or a
// count may take them one by one. What they are depends on the grant alone: what is
// missing, another's or confidential is asked for in the same words.
//
//   - Who reaches everything sees everything.
//   - An organisation sees its own. What was reported under protection is for its
//     editors and its board, and not for systems that submit.
//   - A department sees what is open or internal in bottlenecks that were put to
//     it, but nothing that was reported under protection. Of nothing else of others
//     does it see in which bottleneck it is.
//   - Anyone sees what is published: open, not under protection, and covered by an
//     edition, as the revision that it covered. What was triaged, withdrawn or merged
//     since stays in sight as such; what says something else since is out of sight
//     until an edition covers that.
func parts(grant access.Grant) []part {
	const (
		published = `s.published > 0 AND s.confidentiality = 1 AND s.protected = 0`
		put       = `(SELECT a.bottleneck FROM signal_audience a WHERE a.department = ?)`
	)
	mine := grant.Organisation
	switch {
	case grant.Reach == access.Alle:
		return []part{{condition: "1 = 1", sandboxes: true}}
	case grant.Reach == access.Eigen && mine != "":
		own := part{condition: "s.organisation = ?", args: []any{mine}, owner: mine}
		if !grant.Is(access.Redacteur) && !grant.Is(access.Bestuurder) {
			own.condition += " AND s.protected = 0"
		}
		others := part{condition: published + ` AND s.organisation <> ?`, args: []any{mine}, notOwner: mine, public: true}
		if !grant.Is(access.Beantwoorder) {
			return []part{own, others}
		}
		others.condition += ` AND s.bottleneck NOT IN ` + put
		others.args = append(others.args, mine)
		return []part{own, others, {
			// The second condition is that of the index by bottleneck.
			condition: `s.bottleneck IN ` + put + ` AND s.bottleneck <> ''
				AND s.confidentiality IN (1, 2) AND s.protected = 0 AND s.organisation <> ?`,
			args: []any{mine, mine}, notOwner: mine, sandboxes: true,
		}}
	case grant.Reach == access.Openbaar:
		return []part{nothing(), {condition: published, public: true}}
	}
	return []part{nothing()}
}

// nothing is the part that holds no signal.
func nothing() part { return part{condition: "1 = 0"} }

// reach limits a statement to what the grant covers: to change it, or to see what
// became of it.
func reach(w *sqldb.Where, grant access.Grant) {
	covered := parts(grant)[0]
	w.And(covered.condition, covered.args...)
}

// readable are the signals with an id, of which there is one at most, that a grant
// may read: a table with the columns of row.
func readable(w *sqldb.Where, grant access.Grant, id string) string {
	var found []string
	wanted := w.Arg(id)
	for _, p := range parts(grant) {
		found = append(found, `SELECT `+p.columns()+` FROM signal s WHERE s.id = `+wanted+` AND `+number(w, p))
	}
	return `(` + strings.Join(found, " UNION ALL ") + `)`
}

// listed are the parts in which a selection may have signals. Signals of sandboxes
// are in none, unless the selection names their organisation or they are the
// caller's own. By a bottleneck nothing is found of which it is not shown.
func listed(grant access.Grant, f signals.Filter) []part {
	var all []part
	for _, p := range parts(grant) {
		if f.Organisation != "" && (p.owner != "" && p.owner != f.Organisation || p.notOwner == f.Organisation) {
			continue
		}
		if f.Bottleneck != "" && p.public {
			continue
		}
		if p.sandboxes && f.Organisation == "" {
			p.condition += " AND " + noSandbox
		}
		all = append(all, p)
	}
	if len(all) == 0 {
		all = []part{nothing()}
	}
	return all
}

// noSandbox leaves out what is of organisations for which reference.IsSandbox
// holds: a range, for LIKE tells no capitals apart on SQLite.
const noSandbox = `NOT (s.organisation >= 'urn:nld:oin:00000099' AND s.organisation < 'urn:nld:oin:0000009:')`
