package letters

import (
	"cmp"
	"context"
	"fmt"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

var (
	errUnknownSignals = fault.New(fault.Invalid, "onbekende-signalen", fault.Text{
		NL: "Niet alle signalen zijn hier bekend. Een signaal dat net is ingediend, is dat na enkele seconden.",
		EN: "not all signals are known here; one that was just submitted will be within seconds",
	})
	errGoneSignals = fault.New(fault.Precondition, "signalen-vervallen", fault.Text{
		NL: "Niet alle signalen zijn er nog: er zijn er ingetrokken of met een ander samengevoegd.",
		EN: "not all signals stand: some were withdrawn, or merged into another",
	})
	errBundledSignals = fault.New(fault.Precondition, "signalen-al-gebundeld", fault.Text{
		NL: "Niet alle signalen zijn nog vrij: een signaal hoort bij één knelpunt.",
		EN: "not all signals are free: a signal belongs to one bottleneck",
	})
)

// OpenBottleneck bundles signals of the caller's organisation into a bottleneck
// that was checked, and accepts the proposal that it names. It says whether the
// same bottleneck had been opened before. Faults: Denied; Conflict, about the
// bottleneck that holds the reference; Invalid for signals or a proposal that are
// unknown; Precondition for signals that are bundled, withdrawn or merged, and for
// a proposal that was decided on.
func (s *Service) OpenBottleneck(ctx context.Context, grant access.Grant, b Bottleneck) (_ Bottleneck, before bool, err error) {
	if !grant.Covers(b.Organisation) {
		return b, false, errForeign
	}
	digest, err := bottleneckDigest(b)
	if err != nil {
		return b, false, err
	}
	var id string
	err = s.write(ctx, func(tx *sqldb.Tx) error {
		held, ok, err := s.Store.LockBottleneckKey(ctx, tx, Key{b.Organisation, b.ExternalReference})
		if err != nil {
			return err
		}
		if before = ok; ok {
			id, err = repeated(held, digest)
			return err
		}
		if err := s.checkContent(ctx, tx, grant, b); err != nil {
			return err
		}
		b = b.Open(s.NewID(), s.now())
		id = b.ID
		return s.record(ctx, tx, s.opened(b))
	})
	if err != nil {
		return b, false, fmt.Errorf("opening a bottleneck: %w", err)
	}
	b, err = s.GetBottleneck(ctx, grant, id)
	return b, before, err
}

// checkContent holds what a bottleneck names to what is known of it, and tells
// every fault.
func (s *Service) checkContent(ctx context.Context, tx *sqldb.Tx, grant access.Grant, b Bottleneck) error {
	proposal, err := s.checkProposal(ctx, tx, grant, b)
	if err != nil {
		return err
	}
	signals, err := s.checkSignals(ctx, tx, b)
	switch {
	case err != nil:
		return err
	case proposal == nil && signals == nil:
		return nil
	case proposal == nil:
		return signals
	case signals == nil:
		return proposal
	case proposal.Kind == fault.Invalid && signals.Kind != fault.Invalid:
		return proposal.With(signals.Fields...)
	}
	return signals.With(proposal.Fields...)
}

// checkSignals holds the signals of a bottleneck to the projection, and names all
// that cannot be bundled. One of another organisation is as unknown as one that
// is not there.
func (s *Service) checkSignals(ctx context.Context, tx *sqldb.Tx, b Bottleneck) (*fault.Error, error) {
	known, err := s.Store.LockSignals(ctx, tx, b.Signals)
	if err != nil {
		return nil, err
	}
	var unknown, gone, bundled *fault.Error
	var fields []fault.Field
	for i, id := range b.Signals {
		path := fmt.Sprintf("bottleneck.signals[%d]", i)
		switch signal, ok := known[id]; {
		case !ok || signal.Organisation != b.Organisation:
			unknown = errUnknownSignals
			fields = append(fields, fault.Field{Path: path, Reason: "onbekend-signaal", Text: fault.Text{
				NL: "is geen bekend signaal van deze organisatie", EN: "is not a known signal of this organisation",
			}})
		case signal.State == SignalWithdrawn:
			gone = errGoneSignals
			fields = append(fields, fault.Field{Path: path, Reason: "ingetrokken", Text: fault.Text{
				NL: "is ingetrokken", EN: "was withdrawn",
			}})
		case signal.State == SignalMerged:
			gone = errGoneSignals
			fields = append(fields, fault.Field{Path: path, Reason: "samengevoegd", Text: fault.Text{
				NL: "is samengevoegd met een ander signaal; bundel dat", EN: "was merged into another signal; bundle that one",
			}})
		case signal.Bottleneck != "":
			bundled = errBundledSignals
			fields = append(fields, fault.Field{Path: path, Reason: "al-gebundeld", Text: fault.Text{
				NL: "hoort al bij een ander knelpunt", EN: "belongs to another bottleneck",
			}})
		}
	}
	if len(fields) == 0 {
		return nil, nil
	}
	return cmp.Or(unknown, gone, bundled).With(fields...), nil
}
