package rest_test

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// AmendSignal and WithdrawSignal know one signal, in revision 3.

func (s *signals) AmendSignal(ctx context.Context, r *signalsv1.AmendSignalRequest) (*signalsv1.AmendSignalResponse, error) {
	if err := s.note(ctx, r); err != nil {
		return nil, err
	}
	var wrong []*errdetails.BadRequest_FieldViolation
	for _, path := range r.GetUpdateMask().GetPaths() {
		if path == "organisation" {
			wrong = append(wrong, violation("signal.organisation", "onveranderlijk", "kan niet worden gewijzigd", "cannot be changed"))
		}
	}
	if !slices.Contains(r.GetUpdateMask().GetPaths(), "amendment_reason") {
		wrong = append(wrong, violation("signal.amendment_reason", "required", "ontbreekt", "is missing"))
	}
	switch {
	case len(wrong) > 0:
		return nil, failure(codes.InvalidArgument, "ongeldige-invoer", "De invoer klopt niet.", "the input is not right", invalid(wrong...))
	case r.GetExpectedRevision() > 0 && r.GetExpectedRevision() != 3, r.GetSignal().GetAmendmentReason() == "druk":
		return nil, overtaken()
	}
	return &signalsv1.AmendSignalResponse{Signal: &signalsv1.Signal{Id: r.GetId(), Title: r.GetSignal().GetTitle(), Revision: 4}}, nil
}

func (s *signals) WithdrawSignal(ctx context.Context, r *signalsv1.WithdrawSignalRequest) (*signalsv1.WithdrawSignalResponse, error) {
	if err := s.note(ctx, r); err != nil {
		return nil, err
	}
	if r.GetExpectedRevision() > 0 && r.GetExpectedRevision() != 3 {
		return nil, overtaken()
	}
	return &signalsv1.WithdrawSignalResponse{Signal: &signalsv1.Signal{Id: r.GetId(), WithdrawalReason: r.GetReason(), Revision: 4}}, nil
}

func overtaken() error {
	return failure(codes.AlreadyExists, "revisie-ingehaald", "Het signaal is intussen gewijzigd.", "the signal was changed meanwhile",
		&errdetails.ResourceInfo{ResourceName: signalID})
}

func invalid(violations ...*errdetails.BadRequest_FieldViolation) *errdetails.BadRequest {
	return &errdetails.BadRequest{FieldViolations: violations}
}

const patchType = "application/merge-patch+json"

func TestAMergePatchBecomesAFieldMask(t *testing.T) {
	t.Parallel()
	g := start(t)
	a := g.do(t, http.MethodPatch, "/v1/signalen/"+signalID,
		`{"titel":"Nieuw","toegepastMaatwerk":null,"omvang":{"minimum":2,"bron":null},"regelingen":[{"celex":"32004R0883"}],"redenWijziging":"Omdat."}`,
		"Content-Type", patchType+"; charset=utf-8", "If-Match", `"3"`)
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	want := &signalsv1.AmendSignalRequest{
		Id: signalID, ExpectedRevision: 3,
		Signal:     &signalsv1.Signal{Title: "Nieuw", Extent: &signalsv1.Extent{Minimum: 2}, AmendmentReason: "Omdat."},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "customisation", "extent.minimum", "extent.source", "provisions", "amendment_reason"}},
	}
	if diff := cmp.Diff(want, g.signals.requests[0], protocmp.Transform(), protocmp.IgnoreFields(&signalsv1.Signal{}, "provisions")); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestIfMatchNamesARevision(t *testing.T) {
	t.Parallel()
	const none = math.MaxInt32
	tests := []struct {
		name     string
		tags     []string
		revision int32 // that the service gets
		fault    string
	}{
		{"none", nil, 0, ""},
		{"any", []string{"*"}, 0, ""},
		{"a revision", []string{`"3"`}, 3, ""},
		{"one of our tags", []string{`"3-0123456789abcdef"`}, 3, ""},
		{"space around it", []string{` "3"	`}, 3, ""},
		{"a weak tag, which never matches", []string{`W/"3"`}, none, ""},
		{"a tag of others", []string{`"abc"`}, none, ""},
		{"an empty tag", []string{`""`}, none, ""},
		{"a tag with a comma", []string{`"3,4"`}, none, ""},
		{"revision 0, which would be any", []string{`"0"`}, none, ""},
		{"a revision that is written otherwise", []string{`"03"`}, none, ""},
		{"a revision beyond numbers", []string{`"99999999999"`}, none, ""},
		{"a tag with another hash", []string{`"3-x"`}, none, ""},
		{"no quotes", []string{`3`}, 0, "ongeldige-entiteitstag"},
		{"nothing", []string{``}, 0, "ongeldige-entiteitstag"},
		{"one quote", []string{`"3`}, 0, "ongeldige-entiteitstag"},
		{"a weak tag in lower case", []string{`w/"3"`}, 0, "ongeldige-entiteitstag"},
		{"a tag and nonsense", []string{`"3", 4`}, 0, "ongeldige-entiteitstag"},
		{"two", []string{`"3", W/"4"`}, 0, "meer-dan-een-entiteitstag"},
		{"two headers", []string{`"3"`, `"3"`}, 0, "meer-dan-een-entiteitstag"},
		{"one and a comma", []string{`"3",`}, 0, "meer-dan-een-entiteitstag"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := start(t)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.URL+"/v1/signalen/"+signalID+"/_trekin", strings.NewReader(`{"reden":"Omdat."}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header = http.Header{"Authorization": {"Bearer x"}, "Content-Type": {"application/json"}, "If-Match": tt.tags}
			a := g.send(t, r)
			if tt.fault != "" {
				if a.status != http.StatusBadRequest || !strings.Contains(a.body, `{"kop":"If-Match","reden":"`+tt.fault+`"`) {
					t.Errorf("status %d: %s", a.status, a.body)
				}
				return
			}
			want := http.StatusOK
			if tt.revision == none {
				want = http.StatusPreconditionFailed
			}
			if a.status != want {
				t.Errorf("status %d, want %d: %s", a.status, want, a.body)
			}
			if got := g.signals.requests[0].(*signalsv1.WithdrawSignalRequest).GetExpectedRevision(); got != tt.revision {
				t.Errorf("revision %d, want %d", got, tt.revision)
			}
		})
	}
}

func TestAnEntityTagTellsOfEveryChange(t *testing.T) {
	t.Parallel()
	g := start(t)
	path := "/v1/signalen/" + signalID
	tag := g.do(t, http.MethodGet, path, "").header.Get("ETag")
	if !strings.HasPrefix(tag, `"3-`) {
		t.Fatalf("tag %s", tag)
	}
	for _, have := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			a := g.do(t, method, path, "", "If-None-Match", have)
			if a.status != http.StatusNotModified || a.body != "" || a.header.Get("ETag") != tag || a.header.Get("Content-Type") != "" {
				t.Errorf("%s, having %s: status %d, %v, %q", method, have, a.status, a.header, a.body)
			}
			checkAnswer(t, a)
		}
	}
	for _, have := range []string{"", `"3"`, `"x"`} {
		if a := g.do(t, http.MethodGet, path, "", "If-None-Match", have); a.status != http.StatusOK || a.header.Get("ETag") != tag {
			t.Errorf("having %s: status %d, %v", have, a.status, a.header)
		}
	}
	// The state follows from letters: no revision, but another answer.
	g.signals.state = signalsv1.SignalState_SIGNAL_STATE_BEANTWOORD
	a := g.do(t, http.MethodGet, path, "", "If-None-Match", tag)
	if a.status != http.StatusOK || a.header.Get("ETag") == tag || !strings.HasPrefix(a.header.Get("ETag"), `"3-`) {
		t.Errorf("status %d, %v", a.status, a.header)
	}
}

func TestTheTagOfAChangedSignalIsThatOfTheSignal(t *testing.T) {
	t.Parallel()
	g := start(t)
	amended := g.do(t, http.MethodPatch, "/v1/signalen/"+signalID, `{"redenWijziging":"x"}`, "Content-Type", patchType)
	if tag := amended.header.Get("ETag"); amended.status != http.StatusOK || !strings.HasPrefix(tag, `"4-`) {
		t.Errorf("status %d, tag %s", amended.status, tag)
	}
	if tag := g.do(t, http.MethodGet, "/v1/signalen", "").header.Get("ETag"); tag != "" {
		t.Errorf("a list has the tag %s", tag)
	}
	if tag := g.do(t, http.MethodPatch, "/v1/signalen/"+signalID, `{"redenWijziging":"x"}`, "Content-Type", patchType, "If-Match", `"9"`).header.Get("ETag"); tag != "" {
		t.Errorf("a problem has the tag %s", tag)
	}
}

func TestATrialMakesNothing(t *testing.T) {
	t.Parallel()
	a := start(t).do(t, http.MethodPost, "/v1/signalen?proefdraaien=true", "{}")
	if a.status != http.StatusOK || a.header.Get("Location") != "" {
		t.Errorf("status %d, location %q", a.status, a.header.Get("Location"))
	}
}
