package reference

import (
	"slices"
	"strings"
	"testing"
)

const (
	sandbox = "urn:nld:oin:00000099000000001000"
	uwv     = "https://identifier.overheid.nl/tooi/id/zbo/zb000117"
)

func TestThereAreTwoSandboxesToTryOutWith(t *testing.T) {
	d := load(t)
	all := d.Organisations(KindSandbox)
	if len(all) != 2 || all[0].TOOI == all[1].TOOI {
		t.Fatalf("sandboxes are %v", all)
	}
	for _, o := range all {
		if !o.Sandbox() || o.OIN != o.Code() || !strings.HasSuffix(o.TOOI, o.OIN) || o.NameEN == "" || o.Abbreviation == "" {
			t.Errorf("%+v", o)
		}
	}
	if o, ok := d.Organisation(sandbox); !ok || o.Abbreviation != "PROEF" {
		t.Errorf("%s is %+v", sandbox, o)
	}
}

func TestASandboxIsKnownByItsURIAlone(t *testing.T) {
	for uri, want := range map[string]bool{
		sandbox:                            true,
		"urn:nld:oin:00000099123456789012": true, // of data of another version
		uwv:                                false,
		"urn:nld:oin:00000001003214345000": false,
		"00000099000000001000":             false,
		"":                                 false,
		"https://x.example/urn:nld:oin:00000099000000001000": false,
	} {
		if IsSandbox(uri) != want {
			t.Errorf("%q: sandbox is %v", uri, !want)
		}
	}
	for _, o := range load(t).Organisations() {
		if o.Sandbox() != (o.Kind == KindSandbox) {
			t.Errorf("%s is of the kind %s", o.TOOI, o.Kind)
		}
	}
}

func TestOnlyWhatIsOfASandboxNamesSandboxes(t *testing.T) {
	d := load(t)
	for _, tc := range []struct {
		name  string
		check func(*Checklist)
		want  []string
	}{
		{"a form is of a sandbox", func(c *Checklist) { c.Owner("a", sandbox) }, nil},
		{"what is of a sandbox names another", func(c *Checklist) {
			c.Owner("a", sandbox)
			c.Organisations("b", []string{"urn:nld:oin:00000099000000002000", uwv})
		}, nil},
		{"what is of an organisation names no sandbox", func(c *Checklist) {
			c.Owner("a", uwv)
			c.Organisations("b", []string{uwv, sandbox})
		}, []string{"b[1] proefomgeving"}},
		{"what has no owner names no sandbox", func(c *Checklist) { c.Organisation("a", sandbox) }, []string{"a proefomgeving"}},
		{"a sandbox is no ministry", func(c *Checklist) {
			c.Owner("a", sandbox)
			c.Organisation("b", sandbox, KindMinistry)
		}, []string{"b verkeerde-soort-organisatie"}},
		{"a test OIN that is not here is unknown", func(c *Checklist) { c.Owner("a", "urn:nld:oin:00000099000000003000") },
			[]string{"a onbekende-organisatie"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := d.Checklist(day(t, "2026-11-20"))
			tc.check(c)
			var got []string
			for _, f := range c.Faults() {
				got = append(got, f.Path+" "+f.Reason)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("faults are %q, want %q", got, tc.want)
			}
		})
	}
}
