package signals_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/signals"
)

func TestBlackeningRemovesJustThePlaces(t *testing.T) {
	signal := func() signals.Signal {
		return signals.Signal{
			ExternalReference: "UWV-999990019", Title: "Brief aan 999990019", Description: "ÆØ 12 en 34 en 56.",
			Extent: &signals.Extent{Source: "dossier 7"}, Customisation: "geen",
			ProposedSolutions: []signals.ProposedSolution{{Description: "een", Cost: "twee"}, {Description: "drie"}},
			References:        []signals.Reference{{Description: "vier", URI: "https://voorbeeld.nl/999990019"}},
		}
	}
	for name, c := range map[string]struct {
		places []signals.Place
		want   func(*signals.Signal)
	}{
		"a part of the title":     {[]signals.Place{{"/titel", 11, 19}}, func(s *signals.Signal) { s.Title = "Brief aan [verwijderd]" }},
		"the whole of it":         {[]signals.Place{{"/titel", 0, 0}}, func(s *signals.Signal) { s.Title = "[verwijderd]" }},
		"the first character":     {[]signals.Place{{"/titel", 1, 1}}, func(s *signals.Signal) { s.Title = "[verwijderd]rief aan 999990019" }},
		"characters, not bytes":   {[]signals.Place{{"/omschrijving", 4, 5}}, func(s *signals.Signal) { s.Description = "ÆØ [verwijderd] en 34 en 56." }},
		"several, in any order":   {[]signals.Place{{"/omschrijving", 16, 17}, {"/omschrijving", 4, 5}}, func(s *signals.Signal) { s.Description = "ÆØ [verwijderd] en 34 en [verwijderd]." }},
		"those that touch as one": {[]signals.Place{{"/omschrijving", 4, 8}, {"/omschrijving", 9, 11}, {"/omschrijving", 5, 6}}, func(s *signals.Signal) { s.Description = "ÆØ [verwijderd] en 56." }},
		"texts further down": {[]signals.Place{{"/omvang/bron", 9, 9}, {"/oplossingsrichtingen/0/kosten", 1, 4}, {"/oplossingsrichtingen/1/omschrijving", 0, 0}},
			func(s *signals.Signal) {
				s.Extent.Source, s.ProposedSolutions[0].Cost, s.ProposedSolutions[1].Description = "dossier [verwijderd]", "[verwijderd]", "[verwijderd]"
			}},
		"a reference and a URI as a whole": {[]signals.Place{{"/kenmerk", 5, 13}, {"/verwijzingen/0/uri", 22, 30}},
			func(s *signals.Signal) {
				s.ExternalReference, s.References[0].URI = "verwijderd-1", "https://verwijderd.invalid/"
			}},
	} {
		t.Run(name, func(t *testing.T) {
			got, want := signal(), signal()
			c.want(&want)
			if faults := got.Blacken(c.places, nil, "verwijderd-1"); len(faults) > 0 {
				t.Fatal(faults)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a place that is not there changes nothing, and all are told", func(t *testing.T) {
		got := signal()
		wrong := []signals.Place{
			{"/organisatie", 0, 0}, {"titel", 1, 2}, {"/titel/", 1, 2}, {"", 0, 0}, {"/oplossingsrichtingen/2/omschrijving", 0, 0},
			{"/oplossingsrichtingen/01/omschrijving", 0, 0}, {"/oplossingsrichtingen/-1/omschrijving", 0, 0}, {"/oplossingsrichtingen/0/actor", 0, 0},
			{"/titel", 0, 3}, {"/titel", 3, 2}, {"/titel", 19, 20},
			{"/berichten/b/tekst", 0, 0}, {"/berichten/a/datum", 0, 0}, {"/berichten//tekst", 0, 0}, {"/berichten/a", 0, 0}, {"/berichten/a/tekst", 1, 7},
		}
		said := []signals.Message{{ID: "a", Text: "Hallo."}}
		faults := got.Blacken(append([]signals.Place{{"/titel", 1, 2}, {"/berichten/a/tekst", 1, 5}}, wrong...), said, "verwijderd-1")
		if len(faults) != len(wrong) {
			t.Errorf("%d faults, want %d: %v", len(faults), len(wrong), faults)
		}
		if diff := cmp.Diff(signal(), got); diff != "" || said[0].Text != "Hallo." {
			t.Error(diff, said)
		}
	})
	t.Run("messages of the case", func(t *testing.T) {
		got := signal()
		said := []signals.Message{{ID: "a", Text: "Hallo."}, {ID: "b", Text: "Dag meneer Jansen."}}
		if faults := got.Blacken([]signals.Place{{"/berichten/b/tekst", 12, 17}}, said, "verwijderd-1"); len(faults) > 0 {
			t.Fatal(faults)
		}
		if diff := cmp.Diff([]signals.Message{{ID: "a", Text: "Hallo."}, {ID: "b", Text: "Dag meneer [verwijderd]."}}, said); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(signal(), got); diff != "" {
			t.Error(diff)
		}
	})
}
