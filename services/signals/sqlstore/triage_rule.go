package sqlstore

import (
	"context"
	"time"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/signals"
)

// Rules implements signals.RuleStore.
func (s *Store) Rules(ctx context.Context, tx *sqldb.Tx, organisation string) ([]signals.Rule, error) {
	return sqldb.All(ctx, tx, scanRule, `SELECT organisation, category, threshold, window_days
		FROM triage_rule WHERE organisation = $1 ORDER BY category`, organisation)
}

func scanRule(row sqldb.Scanner) (r signals.Rule, err error) {
	err = row.Scan(&r.Organisation, &r.Category, &r.Threshold, &r.WindowDays)
	return r, err
}

// PutRule implements signals.RuleStore.
func (s *Store) PutRule(ctx context.Context, tx *sqldb.Tx, r signals.Rule) error {
	_, err := tx.Exec(ctx, `INSERT INTO triage_rule (organisation, category, threshold, window_days) VALUES ($1, $2, $3, $4)
		ON CONFLICT (organisation, category) DO UPDATE SET threshold = excluded.threshold, window_days = excluded.window_days`,
		r.Organisation, r.Category, r.Threshold, r.WindowDays)
	return err
}

// ApplyRule implements signals.RuleStore.
func (s *Store) ApplyRule(ctx context.Context, tx *sqldb.Tx, r signals.Rule) error {
	_, err := tx.Exec(ctx, `UPDATE triage_rule SET threshold_applied = $1, window_applied = $2
		WHERE organisation = $3 AND category = $4`, r.Threshold, r.WindowDays, r.Organisation, r.Category)
	return err
}

// RuleInForce implements signals.RuleStore.
func (s *Store) RuleInForce(ctx context.Context, tx *sqldb.Tx, organisation, category string) (signals.Rule, bool, error) {
	return sqldb.One(ctx, tx, scanRule, `SELECT organisation, category, threshold_applied, window_applied
		FROM triage_rule WHERE organisation = $1 AND category = $2 AND threshold_applied IS NOT NULL`, organisation, category)
}

// theme is what makes a theme a key.
type theme struct {
	kin      [16]byte
	category string
}

// PutThemes implements signals.ProposalStore.
func (s *Store) PutThemes(ctx context.Context, tx *sqldb.Tx, signal signals.Signal, counts bool) ([]signals.Theme, error) {
	if signal.Revision > 1 {
		if _, err := tx.Exec(ctx, `DELETE FROM signal_theme WHERE signal = $1`, signal.ID); err != nil {
			return nil, err
		}
	}
	var proposed map[theme]bool
	if counts {
		var err error
		if proposed, err = proposedThemes(ctx, tx, signal.ID); err != nil {
			return nil, err
		}
	}
	var fresh []signals.Theme
	var rows [][]any
	for _, t := range signal.Themes() {
		is := 0
		if counts && t.Provision != "" && !proposed[theme{t.Kin, t.Category}] {
			is, fresh = 1, append(fresh, t)
		}
		rows = append(rows, themeRow(signal, t, is))
	}
	return fresh, insertThemes(ctx, tx, rows)
}

// AddThemes implements signals.ProposalStore.
func (s *Store) AddThemes(ctx context.Context, tx *sqldb.Tx, all []signals.Signal) error {
	var rows [][]any
	for _, signal := range all {
		for _, t := range signal.Themes() {
			rows = append(rows, themeRow(signal, t, 0))
		}
	}
	return insertThemes(ctx, tx, rows)
}

func themeRow(signal signals.Signal, t signals.Theme, fresh int) []any {
	return []any{signal.ID, t.Kin[:], t.Category, sqldb.Millis(signal.ReceivedAt), fresh}
}

func insertThemes(ctx context.Context, tx *sqldb.Tx, rows [][]any) error {
	_, err := sqldb.Insert(ctx, tx, sqldb.Rows{
		Table: "signal_theme", Columns: []string{"signal", "kin", "category", "received_at", "fresh"}, Values: rows,
		Suffix: "ON CONFLICT (signal, kin, category) DO UPDATE SET fresh = excluded.fresh",
	})
	return err
}

// proposedThemes are those in which a signal stands in a proposal.
func proposedThemes(ctx context.Context, tx *sqldb.Tx, signal string) (map[theme]bool, error) {
	found := map[theme]bool{}
	err := sqldb.Each(ctx, tx, func(row sqldb.Scanner) error {
		var kin []byte
		var category string
		if err := row.Scan(&kin, &category); err != nil {
			return err
		}
		found[theme{[16]byte(kin), category}] = true
		return nil
	}, `SELECT kin, category FROM proposed_fix WHERE signal = $1`, signal)
	return found, err
}

// Fresh implements signals.ProposalStore.
func (s *Store) Fresh(ctx context.Context, tx *sqldb.Tx, t signals.Theme, from, to time.Time, limit int) ([]signals.FixAt, error) {
	return sqldb.All(ctx, tx, func(row sqldb.Scanner) (c signals.FixAt, err error) {
		var at int64
		err = row.Scan(&c.Signal, &at)
		c.ReceivedAt = sqldb.Time(at)
		return c, err
	}, `SELECT signal, received_at`+freshest+` ORDER BY received_at DESC, signal DESC LIMIT $5`,
		t.Kin[:], t.Category, sqldb.Millis(from), sqldb.Millis(to), limit)
}

// freshest selects the fresh fixes of a theme that were received within a time.
const freshest = ` FROM signal_theme WHERE kin = $1 AND category = $2 AND fresh = 1 AND received_at BETWEEN $3 AND $4`

// HasFresh implements signals.ProposalStore.
func (s *Store) HasFresh(ctx context.Context, tx *sqldb.Tx, t signals.Theme, from, to time.Time, wanted int) (bool, error) {
	n, _, err := sqldb.One(ctx, tx, scanInt, `SELECT count(*) FROM (SELECT 1`+freshest+` LIMIT $5) AS found`,
		t.Kin[:], t.Category, sqldb.Millis(from), sqldb.Millis(to), wanted)
	return n >= int64(wanted), err
}

// Proposals implements signals.ProposalStore.
func (s *Store) Proposals(ctx context.Context, tx *sqldb.Tx, t signals.Theme, after time.Time) (last, since int, err error) {
	err = sqldb.Each(ctx, tx, func(row sqldb.Scanner) error { return row.Scan(&last, &since) },
		`SELECT coalesce(max(number), 0), count(CASE WHEN proposed_at > $3 THEN 1 END)
		FROM bottleneck_proposal WHERE kin = $1 AND category = $2`, t.Kin[:], t.Category, sqldb.Millis(after))
	return last, since, err
}

// PutProposal implements signals.ProposalStore.
func (s *Store) PutProposal(ctx context.Context, tx *sqldb.Tx, p signals.Proposal) error {
	_, err := tx.Exec(ctx, `INSERT INTO bottleneck_proposal (id, kin, category, number, proposed_at) VALUES ($1, $2, $3, $4, $5)`,
		p.ID, p.Kin[:], p.Category, p.Number, sqldb.Millis(p.ProposedAt))
	if err != nil {
		return err
	}
	rows := make([][]any, len(p.Signals))
	for i, id := range p.Signals {
		rows[i] = []any{id, p.Kin[:], p.Category, p.ID}
	}
	_, err = sqldb.Insert(ctx, tx, sqldb.Rows{
		Table: "proposed_fix", Columns: []string{"signal", "kin", "category", "proposal"}, Values: rows,
		Suffix: "ON CONFLICT (signal, kin, category) DO NOTHING",
	})
	if err != nil {
		return err
	}
	var w sqldb.Where
	w.And("kin = ?", p.Kin[:])
	w.And("category = ?", p.Category)
	sqldb.In(&w, "signal", p.Signals)
	_, err = tx.Exec(ctx, `UPDATE signal_theme SET fresh = 0`+w.String(), w.Args()...)
	return err
}
