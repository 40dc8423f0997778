package signals

import (
	"context"
	"fmt"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/page"
)

// exportPage is how many signals an export reads at a time: enough to spread the
// cost of a query thin, few enough to hold. For the public it is less: of those who
// do not read what they ask for there may be many.
const (
	exportPage       = 500
	publicExportPage = 50
)

// List gives a page of what the caller may see, in the order of the filter, and
// the cursor of the next page.
func (s *Service) List(ctx context.Context, grant access.Grant, filter Filter) ([]Signal, string, error) {
	all, err := s.Store.List(ctx, grant, filter)
	if err != nil {
		return nil, "", fmt.Errorf("listing signals: %w", err)
	}
	signals, next := page.Cut(filter.Page, all, filter.Order.place)
	for i := range signals {
		signals[i] = signals[i].shownTo(grant)
	}
	return signals, next, nil
}

// shownTo is the signal as a caller sees it. Who may read it and no more does not
// see what the organisation noted for itself: as little as the history, which it
// tells of. Nor do they see which signal it is merged into: that may be hidden from
// them. In which bottleneck it is the store tells those who may know.
func (s Signal) shownTo(grant access.Grant) Signal {
	if grant.Covers(s.Organisation) {
		return s
	}
	s.TriageNote, s.AmendmentReason, s.MergedInto = "", "", ""
	return s
}

// Count counts what List would give, in all and by what the signals are and name.
// For the public few are made at once; fault: Exhausted, when too many wait.
func (s *Service) Count(ctx context.Context, grant access.Grant, filter Filter) (*Counts, error) {
	if isPublic(grant) {
		leave, err := s.counting.take(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	counts := newCounts()
	if err := s.Store.Count(ctx, grant, filter, counts.add); err != nil {
		return nil, fmt.Errorf("counting signals: %w", err)
	}
	return counts, nil
}

// Export hands what List would give to send, whole, one signal after another,
// until send fails. It reads a page at a time and holds nothing in between, so
// that who reads slowly keeps nobody. What is accepted after it began is left out:
// or it might never end.
func (s *Service) Export(ctx context.Context, grant access.Grant, filter Filter, send func(Signal) error) error {
	if began := s.Now(); filter.Before.IsZero() || began.Before(filter.Before) {
		filter.Before = began
	}
	size := exportPage
	if isPublic(grant) {
		size = publicExportPage
	}
	for filter.Page = (page.Page{Size: size}); ; {
		all, err := s.Store.List(ctx, grant, filter)
		if err != nil {
			return fmt.Errorf("exporting signals: %w", err)
		}
		more := len(all) > size
		if more {
			all = all[:size]
		}
		for _, signal := range all {
			if err := send(signal.shownTo(grant)); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
		filter.Page.After = filter.Order.place(all[len(all)-1])
	}
}
