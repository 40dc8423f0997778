package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

func TestQueryReadsParameters(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query string
		want        *signalsv1.ListSignalsRequest
		faults      []string
	}{
		{"nothing", "", &signalsv1.ListSignalsRequest{}, nil},
		{"every kind", "paginaGrootte=5&organisatie=a+b&status=ontvangen&status=gebundeld", &signalsv1.ListSignalsRequest{
			PageSize: 5, Organisation: "a b",
			States: []signalsv1.SignalState{signalsv1.SignalState_SIGNAL_STATE_ONTVANGEN, signalsv1.SignalState_SIGNAL_STATE_GEBUNDELD},
		}, nil},
		{"all faults at once, by name", "paginaGrootte=vijf&organisation=a&page_size=1&pageSize=1&statuss=x&status=nieuw&kenmerk=a&kenmerk=b&cursor=%00",
			&signalsv1.ListSignalsRequest{}, []string{
				"?paginaGrootte verkeerd-type", "?organisation engelse-naam", "?page_size engelse-naam", "?pageSize engelse-naam",
				"?statuss onbekende-parameter", "?status onbekende-waarde", "?kenmerk dubbele-parameter", "?cursor ongeldige-tekst",
			}},
		{"words that are no number", "paginaGrootte=", &signalsv1.ListSignalsRequest{}, []string{"?paginaGrootte verkeerd-type"}},
		{"a number with space around it", "paginaGrootte=+5", &signalsv1.ListSignalsRequest{}, []string{"?paginaGrootte buiten-bereik"}},
		{"a fraction", "paginaGrootte=1.5", &signalsv1.ListSignalsRequest{}, []string{"?paginaGrootte geen-geheel-getal"}},
		{"nothing between ampersands, and a semicolon that is just text", "&&organisatie=a;b&", &signalsv1.ListSignalsRequest{Organisation: "a;b"}, nil},
		{"percent signs that encode nothing", "organisatie=100%&%zz=1", &signalsv1.ListSignalsRequest{}, []string{"?organisatie ongeldige-codering", "?%zz ongeldige-codering"}},
		{"a name that is not UTF-8", "%ff=1", &signalsv1.ListSignalsRequest{}, []string{"?\ufffd onbekende-parameter"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := &signalsv1.ListSignalsRequest{}
			err := wire.Binding{}.Query(tt.query, got)
			if diff := cmp.Diff(tt.faults, faultsOf(t, err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			equal(t, tt.want, got)
		})
	}
}

func TestQueryHasOnlyWhatPathAndBodyDoNot(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		binding wire.Binding
		faults  []string
	}{
		{"a field of the path", wire.Binding{Path: []string{"external_reference"}}, []string{"?id onbekende-parameter", "?kenmerk onbekende-parameter"}},
		{"a field of the body", wire.Binding{Body: "external_reference"}, []string{"?id onbekende-parameter", "?kenmerk onbekende-parameter"}},
		{"all in the body", wire.Binding{Body: "*"}, []string{"?id onbekende-parameter", "?kenmerk onbekende-parameter"}},
		{"neither", wire.Binding{}, []string{"?id onbekende-parameter"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.binding.Query("id=a&kenmerk=b", &signalsv1.ListSignalsRequest{})
			if diff := cmp.Diff(tt.faults, faultsOf(t, err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParametersAreBounded(t *testing.T) {
	t.Parallel()
	var query strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&query, "&p%d=", i)
	}
	var faults *wire.Error
	if err := (wire.Binding{}).Query(query.String(), &signalsv1.ListSignalsRequest{}); !errors.As(err, &faults) || len(faults.Faults) != 100 || !faults.Truncated {
		t.Errorf("faults: %+v", faults)
	}
}

func TestVariableReadsAPartOfThePath(t *testing.T) {
	t.Parallel()
	number := &lettersv1.AnswerItemRequest{}
	if err := wire.Variable(number, "number", "3"); err != nil || number.GetNumber() != 3 {
		t.Errorf("number %d, error %v", number.GetNumber(), err)
	}
	err := wire.Variable(number, "number", "drie")
	if diff := cmp.Diff([]string{"?nummer verkeerd-type"}, faultsOf(t, err)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	within := newAll(t)
	if err := wire.Variable(within, "inner.right.late_text", "a"); err != nil {
		t.Error(err)
	}
	equal(t, textAll(t, `inner {right {late_text: "a"}}`), within)
	for _, path := range []string{"", "bestaatNiet", "inner", "numbers", "labels.a", "late_text.x", "numbers.x", "stamped_at.seconds", "free"} {
		err := wire.Variable(within, path, "1")
		var faults *wire.Error
		if err == nil || errors.As(err, &faults) {
			t.Errorf("path %q: error %v", path, err)
		}
	}
}

func TestABindingIsChecked(t *testing.T) {
	t.Parallel()
	request, all := &signalsv1.SubmitSignalRequest{}, newAll(t)
	tests := []struct {
		name    string
		message proto.Message
		binding wire.Binding
		want    string
	}{
		{"a good body", request, wire.Binding{Body: "signal"}, ""},
		{"all in the body", all, wire.Binding{Body: "*", Path: []string{"late_text", "inner.number"}}, ""},
		{"a body that does not exist", request, wire.Binding{Body: "signaal"}, "no message signaal"},
		{"a body that is no message", &signalsv1.ListSignalsRequest{}, wire.Binding{Body: "category"}, "no message category"},
		{"a list as body", all, wire.Binding{Body: "inners"}, "no message inners"},
		{"a message in the query", request, wire.Binding{}, "queries are flat"},
		{"a variable that does not exist", request, wire.Binding{Body: "*", Path: []string{"id"}}, "no field id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.binding.Check(tt.message.ProtoReflect().Descriptor())
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestLocateFindsWhatTheCallerSent(t *testing.T) {
	t.Parallel()
	submit, answer, all := &signalsv1.SubmitSignalRequest{}, &lettersv1.AnswerItemRequest{}, newAll(t)
	tests := []struct {
		name               string
		message            proto.Message
		binding            wire.Binding
		path               string
		pointer, parameter string
	}{
		{"within the body", submit, wire.Binding{Body: "signal"}, "signal.provisions[0].jci", "/regelingen/0/jci", ""},
		{"the body itself", submit, wire.Binding{Body: "signal"}, "signal", "", ""},
		{"all in the body", submit, wire.Binding{Body: "*"}, "signal.title", "/signaal/titel", ""},
		{"a parameter of the path", answer, wire.Binding{Body: "response", Path: []string{"letter", "number"}}, "number", "", "nummer"},
		{"a parameter of the path beside all in the body", answer, wire.Binding{Body: "*", Path: []string{"number"}}, "number", "", "nummer"},
		{"a parameter of the path, from within a message", all, wire.Binding{Path: []string{"inner.late_text"}}, "inner.late_text", "", "tekst"},
		{"a parameter of the query", &signalsv1.ListSignalsRequest{}, wire.Binding{}, "page_size", "", "paginaGrootte"},
		{"an element of a parameter of the query", &signalsv1.ListSignalsRequest{}, wire.Binding{}, "states[3]", "", "status"},
		{"the whole message", submit, wire.Binding{Body: "signal"}, "", "", ""},
		{"a field that does not exist", submit, wire.Binding{Body: "signal"}, "signaal.titel", "", ""},
		{"a oneof, which has no name outside", submit, wire.Binding{Body: "signal"}, "signal.provisions[2].register", "/regelingen/2", ""},
		{"a map key", all, wire.Binding{Body: "*"}, `drawers["a.b/c]"].late_text`, "/laden/a.b~1c]/tekst", ""},
		{"something behind a scalar", submit, wire.Binding{Body: "signal"}, "signal.title.x", "/titel", ""},
		{"a broken subscript", submit, wire.Binding{Body: "signal"}, "signal.provisions[", "/regelingen", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pointer, parameter := tt.binding.Locate(tt.message.ProtoReflect().Descriptor(), tt.path)
			if pointer != tt.pointer || parameter != tt.parameter {
				t.Errorf("got %q, %q, want %q, %q", pointer, parameter, tt.pointer, tt.parameter)
			}
		})
	}
}

// FuzzQuery gives arbitrary queries and paths: no panic.
func FuzzQuery(f *testing.F) {
	f.Add("paginaGrootte=5&status=ontvangen&status=x&page_size=1", "signal.provisions[0].jci")
	f.Add("%ff=%00&=&&a=b;c", `signal.x["\u0000`)
	binding := wire.Binding{Body: "signal"}
	f.Fuzz(func(t *testing.T, query, path string) {
		for _, m := range []proto.Message{&signalsv1.ListSignalsRequest{}, newAll(t)} {
			_ = faultsOf(t, wire.Binding{}.Query(query, m))
		}
		m := &signalsv1.SubmitSignalRequest{}
		pointer, parameter := binding.Locate(m.ProtoReflect().Descriptor(), path)
		if pointer != "" && parameter != "" {
			t.Errorf("both a pointer %q and a parameter %q", pointer, parameter)
		}
	})
}
