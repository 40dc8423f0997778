package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// bundles are bundles of signals with these references.
func bundles(references ...string) (all [][]item) {
	for _, some := range references {
		var bundle []item
		for _, reference := range strings.Fields(some) {
			bundle = append(bundle, item{signal: fmt.Appendf(nil, `{"titel":"x","kenmerk":%q}`, reference)})
		}
		all = append(all, bundle)
	}
	return all
}

func TestBundlesThatShareAReferenceGoInTheirOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bundles []string
		started string // before any is done
		fails   bool   // the first
		sent    int    // in the end
	}{
		"others":                            {[]string{"a b", "c d", "e"}, "[0 1 2]", false, 3},
		"the same":                          {[]string{"a b", "c a", "e"}, "[0 2]", false, 3},
		"one of the first in the third":     {[]string{"a", "b", "a"}, "[0 1]", false, 3},
		"none":                              {[]string{"", "", ""}, "[0 1 2]", false, 3},
		"the same, and the first is undone": {[]string{"a b", "c a", "a"}, "[0]", true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var o order
				var failed error
				if c.fails {
					failed = errors.New("x")
				}
				sent, goOn := make(chan int, 9), make(chan struct{})
				for i, bundle := range bundles(c.bundles...) {
					turn := o.next(bundle)
					go func() {
						_ = turn.inTurn(func() error { sent <- i; <-goOn; return failed })
					}()
				}
				synctest.Wait()
				started := make([]bool, len(c.bundles))
				for range len(sent) {
					started[<-sent] = true
				}
				var got []int
				for i, is := range started {
					if is {
						got = append(got, i)
					}
				}
				close(goOn)
				synctest.Wait()
				if fmt.Sprint(got) != c.started || len(got)+len(sent) != c.sent {
					t.Errorf("at once %v, and %d after that", got, len(sent))
				}
			})
		})
	}
}

func TestAReferenceIsFoundInWhateverIsASignal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"kenmerk":"a"}`: "a",
		` {"omvang":{"kenmerk":"x","l":[{"kenmerk":"y"}]},"kenmerk" : "\u0061b"}`: "ab",
		`{"kenmerk":5}`:         "",
		`{"titel":"kenmerk"}`:   "",
		`{"titel":"x","kenm`:    "",
		`["kenmerk","a"]`:       "",
		`"kenmerk"`:             "",
		``:                      "",
		"{\"kenmerk\":\"\xff\"": "\uFFFD",
	} {
		if got := referenceOf([]byte(text)); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// TestPushKeepsTheOrderOfAReference pushes one reference over and over, in bundles
// that go at once.
func TestPushKeepsTheOrderOfAReference(t *testing.T) {
	t.Parallel()
	d := &desk{}
	server := httptest.NewServer(http.HandlerFunc(d.ServeHTTP))
	t.Cleanup(server.Close)
	var text strings.Builder
	for n := range 5 * bundleSignals {
		fmt.Fprintf(&text, `{"n":%d,"kenmerk":"a%d"}`+"\n", n, n%bundleSignals)
	}
	refused := filepath.Join(t.TempDir(), "x")
	in, err := (&pushCmd{File: "-"}).open(streams{in: strings.NewReader(text.String())}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &push{remote: newRemote(server.URL, "x"), source: in, refusals: &refusalFile{path: refused}}
	if err := p.run(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	for n, lines := range d.got {
		if want := fmt.Sprintf(`{"n":%d,"kenmerk":"a0"}`, n*bundleSignals); lines[0] != want {
			t.Errorf("request %d begins with %s, want %s", n, lines[0], want)
		}
	}
}

func TestADryRunHoldsSignalsToEachOtherOverBundles(t *testing.T) {
	t.Parallel()
	answers := []string{
		`{"regel":1,"status":200,"inhoudHash":"x"}`, `{"regel":1,"status":200,"inhoudHash":"y"}`,
		`{"regel":1,"status":200,"inhoudHash":"x"}`, `{"regel":1,"status":200,"inhoudHash":"x"}`,
	}
	var told bytes.Buffer
	p := &push{source: &ndjson{}, refusals: &refusalFile{path: filepath.Join(t.TempDir(), "x"), told: &told}}
	for i, reference := range []string{"a", "a", "a", "b"} {
		bundle := bundles(reference)[0]
		bundle[0].number = i + 1
		if done, err := p.read(bundle, strings.NewReader(answers[i]), func() {}); done != 1 || err != nil {
			t.Fatal(done, err)
		}
	}
	if want := (pushed{accepted: 2, repeated: 1, refused: 1}); p.count != want {
		t.Errorf("%+v, want %+v", p.count, want)
	}
	if want := "regel 2: Er is al een signaal met dit kenmerk en andere inhoud: regel 1.\n"; told.String() != want {
		t.Errorf("told %q", told.String())
	}
	_ = p.refusals.close()
}
