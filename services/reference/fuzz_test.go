package reference

import "testing"

// fuzzProvision holds for every notation: an error is a Problem, and what is
// accepted survives being written and read again, as a whole and by its keys.
func fuzzProvision(f *testing.F, kind ProvisionKind, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	d := load(f)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProvision(kind, text)
		if err != nil {
			reason(t, err)
			return
		}
		again, err := ParseProvision(kind, p.String())
		if err != nil || again != p {
			t.Errorf("%q became %+v, then %+v (%v)", text, p, again, err)
		}
		for _, key := range []string{p.Key(), p.ArticleKey()} {
			k, err := ParseProvisionKey(key)
			if err != nil || k.Kind() != kind || k.Key() != key || k.ArticleKey() != p.ArticleKey() {
				t.Errorf("%q has key %q, which reads as %+v (%v)", text, key, k, err)
			}
		}
		if d.ProvisionLabel(p) == "" {
			t.Errorf("%q has no label", text)
		}
		switch err := d.CheckProvision(p, day(t, "2026-11-20")); reason(t, err) {
		case "", "regeling-onbekend", "jci-nummer":
		default:
			t.Errorf("%q: %v", text, err)
		}
	})
}

func FuzzJCI(f *testing.F) {
	fuzzProvision(f, ProvisionJCI, "jci1.3:c:BWBR0019057&artikel=76&lid=1&o=a", "https://wetten.overheid.nl/jci1.3.1:v:BWBR0005537&hoofdstuk=4&titeldeel=4.1&artikel=4:17&z=2026-01-01&g=2026-01-01")
}

func FuzzCELEX(f *testing.F) {
	fuzzProvision(f, ProvisionCELEX, "32004R0883", "02004R0883-20190731", "12012E045", "52021PC0206", "32004R0883R(01)")
}

func FuzzKamerstuk(f *testing.F) {
	fuzzProvision(f, ProvisionKamerstuk, "36617-3", "kst-36600-XV-12", "36617", "34567-R2076-3")
}

func FuzzCVDR(f *testing.F) {
	fuzzProvision(f, ProvisionCVDR, "CVDR123456", "https://lokaleregelgeving.overheid.nl/CVDR123456/1")
}

func FuzzDate(f *testing.F) {
	f.Add("2024-02-29")
	f.Add("2026-02-30")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			reason(t, err)
			return
		}
		if d.String() != s {
			t.Errorf("%q became %s", s, d)
		}
	})
}

// FuzzDeadline checks what must hold of any term: it does not end early, not on
// a day off when the law moves it, and holds two working days.
func FuzzDeadline(f *testing.F) {
	f.Add(16000, 3, uint8(0), uint8(0), false)
	f.Add(20650, 6, uint8(1), uint8(1), false)
	f.Add(20650, 14, uint8(0), uint8(0), true)
	d := load(f)
	units := []Unit{Days, Weeks, Months, Years}
	bases := []Basis{BasisStatutory, BasisAgreed, BasisNone}
	f.Fuzz(func(t *testing.T, epochDay, length int, unit, basis uint8, backward bool) {
		if epochDay < 15000 || epochDay > 40000 {
			return // far outside the calendar
		}
		p := Period{Length: length, Unit: units[unit%4], Basis: bases[basis%3], Backward: backward}
		event := NewDate(1970, 1, 1).AddDays(epochDay)
		got, err := d.Deadline(event, p)
		if err != nil {
			reason(t, err)
			return
		}
		if len(got.Explanation) < 2 {
			t.Errorf("%v %+v: explanation %v", event, p, got.Explanation)
		}
		plain := p.end(event)
		if backward && got.End.After(plain) || !backward && got.End.Before(plain) {
			t.Errorf("%v %+v: ends early, on %v", event, p, got.End)
		}
		if p.Basis == BasisNone || p.long() {
			if got.End != plain || got.Provisional {
				t.Errorf("%v %+v: was moved to %v", event, p, got.End)
			}
			return
		}
		if !backward && !d.IsWorkingDay(got.End) {
			t.Errorf("%v %+v: ends on %v", event, p, got.End)
		}
	})
}
