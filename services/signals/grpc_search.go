package signals

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
	"schakel.example/services/internal/page"
	"schakel.example/services/reference"
	"schakel.example/services/signals/search"
)

func (s *server) ListSignals(ctx context.Context, req *signalsv1.ListSignalsRequest) (*signalsv1.ListSignalsResponse, error) {
	grant, _ := access.From(ctx)
	filter, err := selected(req)
	if err != nil {
		return nil, err
	}
	filter.Order = order(req)
	// A cursor is of one order.
	if filter.Page, err = page.Kind(filter.Order).Parse(req.GetPageSize(), req.GetPageToken()); err != nil {
		return nil, err
	}
	all, next, err := s.List(ctx, grant, filter)
	if err != nil {
		return nil, err
	}
	out := &signalsv1.ListSignalsResponse{NextPageToken: next}
	for _, signal := range all {
		out.Signals = append(out.Signals, toProto(signal))
	}
	return out, nil
}

func (s *server) CountSignals(ctx context.Context, req *signalsv1.CountSignalsRequest) (*signalsv1.CountSignalsResponse, error) {
	grant, _ := access.From(ctx)
	filter, err := selected(req)
	if err != nil {
		return nil, err
	}
	counts, err := s.Count(ctx, grant, filter)
	if err != nil {
		return nil, err
	}
	out := &signalsv1.CountSignalsResponse{Total: proto.Int32(int32(counts.Total))}
	for _, f := range counts.Facets() {
		facet := &signalsv1.Facet{Property: f.Property}
		for _, c := range f.Counts {
			facet.Counts = append(facet.Counts, &signalsv1.FacetCount{Value: c.Value, Count: int32(c.Count)})
		}
		out.Facets = append(out.Facets, facet)
	}
	return out, nil
}

func (s *server) ExportSignals(req *signalsv1.ExportSignalsRequest, stream grpc.ServerStreamingServer[signalsv1.ExportSignalsResponse]) error {
	grant, _ := access.From(stream.Context())
	filter, err := selected(req)
	if err != nil {
		return err
	}
	filter.Order = order(req)
	return s.Export(stream.Context(), grant, filter, func(signal Signal) error {
		return stream.Send(&signalsv1.ExportSignalsResponse{Signal: toProto(signal)})
	})
}

// selection is what the requests that select signals have in common.
type selection interface {
	GetOrganisation() string
	GetExternalReference() string
	GetStates() []signalsv1.SignalState
	GetText() string
	GetProvision() string
	GetCategories() []string
	GetPublicValues() []string
	GetLevels() []string
	GetTargetGroups() []string
	GetSeverities() []signalsv1.Severity
	GetApproach() signalsv1.Approach
	GetConfidentialities() []signalsv1.Confidentiality
	GetReceivedFrom() string
	GetReceivedUntil() string
	GetBottleneck() string
}

// order is the order that is asked for.
func order(req interface{ GetOrder() signalsv1.SignalOrder }) Order {
	return max(Order(req.GetOrder()), Newest)
}

// selected reads a selection, and notes all that cannot be read of it.
func selected(req selection) (Filter, error) {
	f := Filter{
		Organisation: req.GetOrganisation(), ExternalReference: req.GetExternalReference(), Bottleneck: req.GetBottleneck(),
		States:     numbers[State](req.GetStates()),
		Categories: req.GetCategories(), PublicValues: req.GetPublicValues(),
		Levels: req.GetLevels(), TargetGroups: req.GetTargetGroups(),
		Severities: numbers[Severity](req.GetSeverities()), Approach: Approach(req.GetApproach()),
		Confidentialities: numbers[Confidentiality](req.GetConfidentialities()),
		From:              dayStart(req.GetReceivedFrom(), 0), Before: dayStart(req.GetReceivedUntil(), 1),
	}
	var faults []fault.Field
	if text := req.GetText(); text != "" {
		// No condition instead would give everything to who asked for little.
		if f.Tokens = search.Query(text); len(f.Tokens) == 0 {
			faults = append(faults, fault.Field{Path: "text", Reason: "geen-zoekwoord", Text: fault.Text{
				NL: "bevat geen woord om op te zoeken: lidwoorden en dergelijke staan overal", EN: "holds no word to search for",
			}})
		}
	}
	if text := req.GetProvision(); text != "" {
		p, err := search.ParseProvision(text)
		if f.Provision = p.Key(); err != nil {
			c := &reference.Checklist{}
			c.Problem("provision", err)
			faults = append(faults, c.Faults()...)
		}
	}
	if len(faults) > 0 {
		return Filter{}, form.ErrInvalid.With(faults...)
	}
	return f, nil
}

// numbers are values of an enum as the domain has them.
func numbers[To, From ~int | ~int32](values []From) []To {
	var all []To
	for _, v := range values {
		all = append(all, To(v))
	}
	return all
}

// dayStart is when a day, so many days later, begins in the Netherlands; the zero
// time without a day. Midnight there is one or two hours before that of UTC.
func dayStart(day string, later int) time.Time {
	date, err := reference.ParseDate(day)
	if err != nil {
		return time.Time{}
	}
	date = date.AddDays(later)
	if summer := date.Time().Add(-2 * time.Hour); reference.DutchDate(summer) == date {
		return summer
	}
	return date.Time().Add(-time.Hour)
}
