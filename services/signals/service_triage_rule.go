package signals

import (
	"context"
	"fmt"

	eventsv1 "schakel.example/proto/gen/go/schakel/events/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/sqldb"
)

// Rules gives the rule of an organisation for each of the categories, and for
// others that it set one for. Of an organisation beyond reach there are none.
func (s *Service) Rules(ctx context.Context, grant access.Grant, organisation string, categories []string) (all []Rule, err error) {
	if !grant.Covers(organisation) {
		return nil, nil
	}
	var set []Rule
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		set, err = s.Store.Rules(ctx, tx, organisation)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing rules of triage: %w", err)
	}
	byCategory := map[string]Rule{}
	for _, r := range set {
		byCategory[r.Category] = r
	}
	for _, category := range categories {
		r, ok := byCategory[category]
		if !ok {
			r = PresetRule(organisation, category)
		}
		all = append(all, r)
		delete(byCategory, category)
	}
	for _, r := range set {
		if _, left := byCategory[r.Category]; left {
			all = append(all, r)
		}
	}
	return all, nil
}

// SetRule sets the rule of the caller's organisation for a category, which was
// checked. It holds for what stands after it in the ledger. Setting the same again
// changes nothing. Fault: Denied.
func (s *Service) SetRule(ctx context.Context, grant access.Grant, r Rule) (Rule, error) {
	if !grant.Covers(r.Organisation) {
		return Rule{}, errForeign
	}
	r.Preset = false
	subject := r.Organisation + "#" + r.Category
	err := s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(ctx, "triage rule "+subject); err != nil {
			return err
		}
		set, err := s.Store.Rules(ctx, tx, r.Organisation)
		if err != nil {
			return err
		}
		for _, held := range set {
			if held == r {
				return nil
			}
		}
		if err := s.Store.PutRule(ctx, tx, r); err != nil {
			return err
		}
		return s.note(ctx, tx, subject, r.Organisation, &eventsv1.TriageRuleSet{Rule: ruleToProto(r)})
	})
	if err != nil {
		return Rule{}, fmt.Errorf("setting a rule of triage: %w", err)
	}
	s.Log.Wake()
	return r, nil
}
