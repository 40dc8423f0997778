package reference

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// The prefixes of the OIN-Stelsel; what follows may be anything of 12 places.
	knownOIN = regexp.MustCompile(`^000000(0[1-46-9]|10|99)[0-9A-Z]{12}$`)
)

// A data file that changes while Version stays would give two editions one
// identity.
func TestEachVersionStandsForOneStateOfTheData(t *testing.T) {
	want, err := os.ReadFile("testdata/versions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	err = fs.WalkDir(files, "data", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, path)
		sum := sha256.Sum256(b)
		h.Write([]byte(path + "\n"))
		h.Write(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	line := Version + "\t" + hex.EncodeToString(h.Sum(nil))
	if !slices.Contains(strings.Split(string(want), "\n"), line) {
		t.Errorf("the data changed: raise Version and add this line to testdata/versions.tsv (before a release, replace its last):\n%s", line)
	}
}

func TestEveryRowIsWhole(t *testing.T) {
	d := load(t)
	whole := func(name string, values ...string) {
		t.Helper()
		for i, v := range values {
			if v == "" || v != strings.TrimSpace(v) {
				t.Errorf("%s: value %d is empty or has space around it: %q", name, i, v)
			}
		}
	}
	for _, o := range d.Organisations() {
		whole(o.TOOI, o.Name, string(o.Kind), o.Source)
	}
	for _, r := range d.Regulations() {
		whole(r.BWB, r.Title, r.Short, r.Kind, r.Source)
	}
	for _, v := range d.Vocabularies() {
		for _, term := range d.Terms(v) {
			whole(v+"/"+term.Slug, term.Label.NL, term.Label.EN, term.Definition.NL, term.Definition.EN, term.Source)
		}
	}
	for _, r := range d.Roles() {
		whole(r.Slug, r.Label.NL, r.Label.EN, r.Description.NL, r.Description.EN, r.Source)
	}
	for _, dec := range d.decrees {
		whole(dec.name, dec.source)
	}
}

func TestEveryOrganisationIsWellFormed(t *testing.T) {
	d := load(t)
	oins := map[string]string{}
	for _, o := range d.Organisations() {
		if !tooiForm.MatchString(o.TOOI) && o.TOOI != "urn:nld:oin:"+o.OIN {
			t.Errorf("%s: not a TOOI URI", o.TOOI)
		}
		if o.OIN != "" && !knownOIN.MatchString(o.OIN) {
			t.Errorf("%s: OIN %q has not 20 positions or no known prefix", o.TOOI, o.OIN)
		}
		if other := oins[o.OIN]; o.OIN != "" && other != "" {
			t.Errorf("%s: has the OIN of %s", o.TOOI, other)
		}
		oins[o.OIN] = o.TOOI
		if m, ok := d.Organisation(o.Ministry); o.Ministry != "" && (!ok || m.Kind != KindMinistry) {
			t.Errorf("%s: ministry %q is not one", o.TOOI, o.Ministry)
		}
		if o.Kind == KindMinistry && o.Ministry != "" {
			t.Errorf("%s: a ministry under a ministry", o.TOOI)
		}
		if !o.ValidFrom.IsZero() && !o.ValidUntil.IsZero() && o.ValidUntil.Before(o.ValidFrom) {
			t.Errorf("%s: ends before it begins", o.TOOI)
		}
		if s, ok := d.Organisation(o.Successor); o.Successor != "" && (!ok || s.Kind != o.Kind || o.ValidUntil.IsZero()) {
			t.Errorf("%s: successor %q is not here, of another kind, or came without an end", o.TOOI, o.Successor)
		}
		if o.ZBOKind != "" && o.Kind != KindZBO {
			t.Errorf("%s: kind of zbo on a %s", o.TOOI, o.Kind)
		}
	}
}

func TestEveryMinistryThatEndedHasASuccessorToday(t *testing.T) {
	d := load(t)
	today := day(t, "2026-11-21")
	for _, o := range d.Organisations(KindMinistry) {
		if now, ok := d.OrganisationOn(o.TOOI, today); !ok || !now.ValidUntil.IsZero() {
			t.Errorf("%s (%s): line of successors ends in %q", o.TOOI, o.Name, now.Name)
		}
	}
}

func TestEverySlugIsAnUniqueKebabWord(t *testing.T) {
	d := load(t)
	for _, v := range d.Vocabularies() {
		seen := map[string]bool{}
		for _, term := range d.Terms(v) {
			if !slugForm.MatchString(term.Slug) || !slugForm.MatchString(v) || seen[term.Slug] {
				t.Errorf("%s/%s: not kebab-case, or twice", v, term.Slug)
			}
			seen[term.Slug] = true
			if _, ok := d.Term(v, term.Broader); term.Broader != "" && !ok {
				t.Errorf("%s/%s: broader term %q is not here", v, term.Slug, term.Broader)
			}
		}
	}
}

func TestDecreesCoverTheirYearsWithoutOverlap(t *testing.T) {
	d := load(t)
	for i, dec := range d.decrees {
		if dec.from.IsZero() || dec.until.Before(dec.from) {
			t.Errorf("%s: covers nothing", dec.name)
		}
		if i > 0 && dec.from != d.decrees[i-1].until.AddDays(1) {
			t.Errorf("%s: does not join the decree before it", dec.name)
		}
		for _, date := range dec.days {
			if !validOn(dec.from, dec.until, date) {
				t.Errorf("%s: %s lies outside its years", dec.name, date)
			}
		}
	}
}

func TestTheDataHoldWhatTheDesignNames(t *testing.T) {
	d := load(t)
	sizes := map[string]int{
		Categories: 14, PublicValues: 8, Principles: 17, Levels: 3, TargetGroups: 19,
		Instruments: 10, Assessments: 6, ContactForms: 6, PolicyStages: 9,
	}
	if len(d.Vocabularies()) != len(sizes) {
		t.Errorf("vocabularies are %v", d.Vocabularies())
	}
	for v, want := range sizes {
		if got := len(d.Terms(v)); got != want {
			t.Errorf("%s has %d terms, want %d", v, got, want)
		}
	}
	for _, slug := range []string{
		"aanleveraar", "redacteur", "bestuurder", "beantwoorder", "contactpersoon", "bewindspersoon",
		"samensteller", "toezichthouder", "beheerder", "service", "bewijshouder", "publiek",
	} {
		if _, ok := d.Role(slug); !ok {
			t.Errorf("role %s is not here", slug)
		}
	}
	if len(d.Roles()) != 12 {
		t.Errorf("%d roles, want 12", len(d.Roles()))
	}
	if _, ok := d.Role("koning"); ok {
		t.Error("found a role that is not there")
	}
	if d.Terms("regimes") != nil {
		t.Error("regimes are configuration, not a vocabulary")
	}
}

func TestWhatIsReturnedIsACopy(t *testing.T) {
	d := load(t)
	d.Organisations()[0].Name = "x"
	d.Terms(Levels)[0].Slug = "x"
	d.Roles()[0].Slug = "x"
	d.Regulations()[0].Short = "x"
	if d.Organisations()[0].Name == "x" || d.Terms(Levels)[0].Slug == "x" || d.Roles()[0].Slug == "x" || d.Regulations()[0].Short == "x" {
		t.Error("a caller can change the data")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		load(b)
	}
}
