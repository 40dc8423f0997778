package form_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/form"
)

func TestAmendTakesOverWhatTheMaskNames(t *testing.T) {
	signal := func() *signalsv1.Signal {
		return &signalsv1.Signal{Title: "oud", Level: "organisatie", Categories: []string{"hardheid"},
			Extent: &signalsv1.Extent{Minimum: 1, Maximum: 9, Source: "telling"}}
	}
	for name, c := range map[string]struct {
		change *signalsv1.Signal
		paths  []string
		want   func(*signalsv1.Signal)
	}{
		"nothing without a mask": {&signalsv1.Signal{Title: "nieuw"}, nil, func(*signalsv1.Signal) {}},
		"a plain field": {&signalsv1.Signal{Title: "nieuw", Level: "x"}, []string{"title"},
			func(s *signalsv1.Signal) { s.Title = "nieuw" }},
		"a list as a whole": {&signalsv1.Signal{Categories: []string{"a", "b"}}, []string{"categories"},
			func(s *signalsv1.Signal) { s.Categories = []string{"a", "b"} }},
		"what is named and not set is emptied": {&signalsv1.Signal{}, []string{"level", "extent"},
			func(s *signalsv1.Signal) { s.Level, s.Extent = "", nil }},
		"a field within": {&signalsv1.Signal{Extent: &signalsv1.Extent{Maximum: 20}}, []string{"extent.maximum", "extent.source"},
			func(s *signalsv1.Signal) { s.Extent.Maximum, s.Extent.Source = 20, "" }},
		"a message and a field within": {&signalsv1.Signal{Extent: &signalsv1.Extent{Maximum: 20}}, []string{"extent", "extent.maximum"},
			func(s *signalsv1.Signal) { s.Extent = &signalsv1.Extent{Maximum: 20} }},
	} {
		t.Run(name, func(t *testing.T) {
			got, want := signal(), signal()
			c.want(want)
			if err := form.Amend(got, c.change, &fieldmaskpb.FieldMask{Paths: c.paths}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a field within what is not there is not made", func(t *testing.T) {
		got := &signalsv1.Signal{}
		if err := form.Amend(got, &signalsv1.Signal{}, &fieldmaskpb.FieldMask{Paths: []string{"extent.maximum"}}); err != nil || got.Extent != nil {
			t.Errorf("extent %v, error %v", got.Extent, err)
		}
	})
	t.Run("an unknown field is a fault", func(t *testing.T) {
		for _, path := range []string{"titel", "categories.0", ""} {
			err := form.Amend(&signalsv1.Signal{}, &signalsv1.Signal{}, &fieldmaskpb.FieldMask{Paths: []string{path}})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", path, err)
			}
		}
	})
}
