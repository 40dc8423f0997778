package screen_test

import (
	"testing"

	"schakel.example/services/internal/screen"
)

func TestAFindingIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	all := screen.Violations(screen.Text("Het BSN is 999990019."))
	if len(all) != 1 {
		t.Fatalf("found %v", all)
	}
	const (
		dutch   = "bevat op positie 12 tot en met 20 wat een burgerservicenummer lijkt te zijn; laat gegevens weg die naar een persoon leiden"
		english = "holds what looks like a citizen service number at positions 12 to 20; leave out what leads to a person"
	)
	if got := all[0].GetLocalizedMessage().GetMessage(); got != dutch {
		t.Errorf("in Dutch: %s", got)
	}
	if got := all[0].GetDescription(); got != english {
		t.Errorf("in English: %s", got)
	}
}
