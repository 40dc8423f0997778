// Package refserver shows the reference data over gRPC: what signals can name,
// with when it holds. A list can be searched while somebody types.
//
// Invariants:
//   - What is shown is public and the same for everyone; it is made once, since
//     the data never change.
//   - What has ended stays in the lists, unless a day is asked for; a search without
//     one gives what took its place.
//   - A cursor names the last item of the page before, so it stays right when the
//     next request meets a server with other data.
//
// It must not know who asks, nor hold a rule of the data: those stand in package
// reference.
package refserver

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc"

	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/reference"
)

// server speaks referencev1.ReferenceService.
type server struct {
	referencev1.UnsafeReferenceServiceServer
	data          *reference.Data
	organisations list[*referencev1.Organisation]
	regulations   list[*referencev1.Regulation]
	terms         list[*referencev1.Term]
}

// Register puts the service on a gRPC server.
func Register(r grpc.ServiceRegistrar, data *reference.Data) {
	referencev1.RegisterReferenceServiceServer(r, newServer(data))
}

func newServer(data *reference.Data) *server {
	return &server{
		data: data, organisations: organisations(data), regulations: regulations(data), terms: terms(data),
	}
}

func (s *server) ListOrganisations(_ context.Context, req *referencev1.ListOrganisationsRequest) (*referencev1.ListOrganisationsResponse, error) {
	if err := known("kind", req.GetKind(), kindNames()); err != nil {
		return nil, err
	}
	page, next, err := s.organisations.page(query{
		size: req.GetPageSize(), cursor: req.GetPageToken(), text: req.GetText(), day: req.GetDate(), group: req.GetKind(),
	})
	if err != nil {
		return nil, err
	}
	return &referencev1.ListOrganisationsResponse{Organisations: page, NextPageToken: next, Version: s.data.Version()}, nil
}

func (s *server) GetOrganisation(_ context.Context, req *referencev1.GetOrganisationRequest) (*referencev1.GetOrganisationResponse, error) {
	o, ok := s.data.OrganisationByCode(req.GetCode())
	if !ok {
		near := firstFew(s.data.NearestOrganisations(req.GetCode(), many), today())
		return nil, s.missing("onbekende-organisatie", reference.Text{NL: "Deze organisatie", EN: "this organisation"}, titles(near, func(o reference.Organisation) string {
			return o.Code() + " (" + o.Title() + ")"
		}))
	}
	m, _ := s.organisations.get(o.TOOI)
	return &referencev1.GetOrganisationResponse{Organisation: m}, nil
}

func (s *server) ListRegulations(_ context.Context, req *referencev1.ListRegulationsRequest) (*referencev1.ListRegulationsResponse, error) {
	page, next, err := s.regulations.page(query{
		size: req.GetPageSize(), cursor: req.GetPageToken(), text: req.GetText(), day: req.GetDate(),
	})
	if err != nil {
		return nil, err
	}
	return &referencev1.ListRegulationsResponse{Regulations: page, NextPageToken: next, Version: s.data.Version()}, nil
}

func (s *server) GetRegulation(_ context.Context, req *referencev1.GetRegulationRequest) (*referencev1.GetRegulationResponse, error) {
	if m, ok := s.regulations.get(strings.ToUpper(req.GetId())); ok {
		return &referencev1.GetRegulationResponse{Regulation: m}, nil
	}
	if d, ok := s.data.Dossier(req.GetId()); ok {
		m, _ := s.regulations.get(dossierID(d))
		return &referencev1.GetRegulationResponse{Regulation: m}, nil
	}
	near := firstFew(s.data.NearestRegulations(req.GetId(), many), today())
	return nil, s.missing("onbekende-regeling", reference.Text{NL: "Deze regeling", EN: "this regulation"}, titles(near, func(r reference.Regulation) string {
		return r.BWB + " (" + r.Short + ")"
	}))
}

func (s *server) ListTerms(_ context.Context, req *referencev1.ListTermsRequest) (*referencev1.ListTermsResponse, error) {
	if err := known("vocabulary", req.GetVocabulary(), s.data.Vocabularies()); err != nil {
		return nil, err
	}
	page, next, err := s.terms.page(query{
		size: req.GetPageSize(), cursor: req.GetPageToken(), text: req.GetText(), day: req.GetDate(), group: req.GetVocabulary(),
	})
	if err != nil {
		return nil, err
	}
	return &referencev1.ListTermsResponse{Terms: page, NextPageToken: next, Version: s.data.Version()}, nil
}

func (s *server) GetTerm(_ context.Context, req *referencev1.GetTermRequest) (*referencev1.GetTermResponse, error) {
	if m, ok := s.terms.get(req.GetVocabulary() + "/" + req.GetCode()); ok {
		return &referencev1.GetTermResponse{Term: m}, nil
	}
	what := reference.Text{NL: "Dit begrip", EN: "this term"}
	if !slices.Contains(s.data.Vocabularies(), req.GetVocabulary()) {
		what = reference.Text{NL: "De lijst van dit begrip", EN: "the vocabulary of this term"}
		return nil, s.missing("onbekend-begrip", what, nil, s.data.Vocabularies()...)
	}
	slug := func(t reference.Term) string { return t.Slug }
	near := firstFew(s.data.NearestTerms(req.GetVocabulary(), req.GetCode(), many), today())
	all := valid(s.data.Terms(req.GetVocabulary()), today())
	return nil, s.missing("onbekend-begrip", what, titles(near, slug), titles(all, slug)...)
}

// few is how many names may be listed to choose from; many is how many that
// resemble are looked at for three that hold today.
const (
	few  = 20
	many = 50
)

// missing is the fault of what is not in the data, with what resembles it, or
// else, when they are few, all there are.
func (s *server) missing(reason string, what reference.Text, near []string, all ...string) error {
	text := fault.Text{
		NL: what.NL + " staat niet in de referentiegegevens " + s.data.Version() + ".",
		EN: what.EN + " is not in the reference data " + s.data.Version(),
	}
	switch {
	case len(near) > 0:
		text.NL += " Lijkt op: " + strings.Join(near, ", ") + "."
		text.EN += "; resembles: " + strings.Join(near, ", ")
	case len(all) > 0 && len(all) <= few:
		text.NL += " Kies uit: " + strings.Join(all, ", ") + "."
		text.EN += "; choose from: " + strings.Join(all, ", ")
	}
	return fault.New(fault.NotFound, reason, text)
}

// known refuses a condition that nothing can meet, and says what can be asked.
func known(path, value string, all []string) error {
	for _, one := range append(all, "") {
		if one == value {
			return nil
		}
	}
	names := strings.Join(all, ", ")
	return fault.New(fault.Invalid, "ongeldige-invoer", fault.Text{
		NL: "De invoer klopt niet. Bij elk veld staat wat er niet klopt.",
		EN: "the input is not valid; what is wrong stands with each field",
	}).With(fault.Field{Path: path, Reason: "onbekende-keuze", Text: fault.Text{NL: "kies uit: " + names, EN: "choose from: " + names}})
}

func kindNames() (names []string) {
	for _, k := range reference.Kinds() {
		names = append(names, string(k))
	}
	return names
}

// valid gives those that hold on the day.
func valid[T interface{ ValidOn(reference.Date) bool }](all []T, day reference.Date) []T {
	return slices.DeleteFunc(all, func(one T) bool { return !one.ValidOn(day) })
}

// firstFew gives the first three that hold on the day.
func firstFew[T interface{ ValidOn(reference.Date) bool }](all []T, day reference.Date) []T {
	all = valid(all, day)
	return all[:min(len(all), 3)]
}

func titles[T any](all []T, title func(T) string) (names []string) {
	for _, one := range all {
		names = append(names, title(one))
	}
	return names
}
