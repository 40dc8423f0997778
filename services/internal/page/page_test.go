package page_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/page"
)

var items = []page.Position{
	{At: time.UnixMilli(1_700_000_000_002).UTC(), ID: "018f3f5e-0000-7000-8000-000000000003"},
	{At: time.UnixMilli(1_700_000_000_001).UTC(), ID: "018f3f5e-0000-7000-8000-000000000002"},
	{At: time.UnixMilli(1_700_000_000_000).UTC(), ID: "018f3f5e-0000-7000-8000-000000000001"},
}

func TestACursorLeadsToThePlaceAfterThePageBefore(t *testing.T) {
	t.Parallel()
	first, err := page.Parse(2, "")
	if err != nil || !first.After.IsZero() || first.Size != 2 {
		t.Fatalf("Parse = %+v, %v", first, err)
	}
	got, next := page.Cut(first, items, func(p page.Position) page.Position { return p })
	if diff := cmp.Diff(items[:2], got); diff != "" || next == "" {
		t.Fatalf("first page, next %q (-want +got):\n%s", next, diff)
	}
	second, err := page.Parse(0, next)
	if err != nil || second.Size != page.Default {
		t.Fatalf("Parse = %+v, %v", second, err)
	}
	if diff := cmp.Diff(items[1], second.After); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	if got, next := page.Cut(second, items[2:], func(p page.Position) page.Position { return p }); len(got) != 1 || next != "" {
		t.Errorf("last page = %v, next %q", got, next)
	}
}

func TestACursorOfSomethingElseIsRefused(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"x", "AAAA", "AAABi8-mgAIBjz9eAABwAIAAAAAAAAAD\n", "====", "%%%", string(make([]byte, 600))} {
		if _, err := page.Parse(10, token); !fault.Is(err, fault.Invalid) {
			t.Errorf("Parse(%q) = %v, want invalid", token, err)
		}
	}
}

func TestACursorOfAnotherKindIsRefused(t *testing.T) {
	t.Parallel()
	place := func(p page.Position) page.Position { p.Rank = 4; return p }
	for _, kind := range []page.Kind{0, 1, 2, 255} {
		_, token := page.Cut(page.Page{Size: 1, Kind: kind}, items, place)
		for _, other := range []page.Kind{0, 1, 2, 255} {
			got, err := other.Parse(7, token)
			if kind != other {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("a cursor of kind %d in a list of kind %d: %+v, %v", kind, other, got, err)
				}
				continue
			}
			want := page.Page{Size: 7, Kind: kind, After: items[0]}
			if kind != 0 {
				want.After.Rank = 4
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("kind %d, %v (-want +got):\n%s", kind, err, diff)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AAABi8-mgAIBjz9eAABwAIAAAAAAAAAD")
	f.Add("")
	f.Add("AwQAAAGLz6aAAgGPP14AAHAAgAAAAAAAAAM")
	f.Fuzz(func(t *testing.T, token string) {
		p, err := page.Parse(1, token)
		if err != nil {
			p, err = page.Kind(3).Parse(1, token)
		}
		if err != nil || token == "" {
			return
		}
		_, next := page.Cut(p, []page.Position{p.After, p.After}, func(p page.Position) page.Position { return p })
		if next != token {
			t.Errorf("%q became %q", token, next)
		}
	})
}
