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
		{"a merge patch", newTest(t, "Masked"), wire.Binding{Body: "part", Path: []string{"all.number"}, Patch: true}, ""},
		{"a merge patch of a map", newTest(t, "Masked"), wire.Binding{Body: "all", Path: []string{"part.number"}, Patch: true}, "a map"},
		{"a merge patch of everything", newTest(t, "Masked"), wire.Binding{Body: "*", Patch: true}, "needs a field"},
		{"a merge patch without a field mask", request, wire.Binding{Body: "signal", Patch: true}, "needs a field"},
		{"a field mask that nothing fills", newTest(t, "Masked"), wire.Binding{Body: "part", Path: []string{"all.number"}}, "only a merge patch"},
		{"a field mask in the path", newTest(t, "Masked"), wire.Binding{Body: "part", Path: []string{"mask"}, Patch: true}, "not a single value"},
		{"fields in headers", newTest(t, "Headed"), wire.Binding{}, ""},
		{"fields in headers beside all in the body", newTest(t, "Headed"), wire.Binding{Body: "*"}, ""},
		{"a list in a header", newTest(t, "BadlyHeaded"), wire.Binding{}, "a single value"},
		{"a type in the body without a form", newTest(t, "Wide"), wire.Binding{Body: "*"}, "big"},
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
		name    string
		message proto.Message
		binding wire.Binding
		path    string
		want    wire.Place
	}{
		{"within the body", submit, wire.Binding{Body: "signal"}, "signal.provisions[0].jci", wire.Place{Pointer: "/regelingen/0/jci"}},
		{"the body itself", submit, wire.Binding{Body: "signal"}, "signal", wire.Place{}},
		{"all in the body", submit, wire.Binding{Body: "*"}, "signal.title", wire.Place{Pointer: "/signaal/titel"}},
		{"a parameter of the path", answer, wire.Binding{Body: "response", Path: []string{"letter", "number"}}, "number", wire.Place{Parameter: "nummer"}},
		{"a parameter of the path beside all in the body", answer, wire.Binding{Body: "*", Path: []string{"number"}}, "number", wire.Place{Parameter: "nummer"}},
		{"a parameter of the path, from within a message", all, wire.Binding{Path: []string{"inner.late_text"}}, "inner.late_text", wire.Place{Parameter: "tekst"}},
		{"a parameter of the query", &signalsv1.ListSignalsRequest{}, wire.Binding{}, "page_size", wire.Place{Parameter: "paginaGrootte"}},
		{"an element of a parameter of the query", &signalsv1.ListSignalsRequest{}, wire.Binding{}, "states[3]", wire.Place{Parameter: "status"}},
		{"the whole message", submit, wire.Binding{Body: "signal"}, "", wire.Place{}},
		{"a field that does not exist", submit, wire.Binding{Body: "signal"}, "signaal.titel", wire.Place{}},
		{"a oneof, which has no name outside", submit, wire.Binding{Body: "signal"}, "signal.provisions[2].register", wire.Place{Pointer: "/regelingen/2"}},
		{"a map key", all, wire.Binding{Body: "*"}, `drawers["a.b/c]"].late_text`, wire.Place{Pointer: "/laden/a.b~1c]/tekst"}},
		{"something behind a scalar", submit, wire.Binding{Body: "signal"}, "signal.title.x", wire.Place{Pointer: "/titel"}},
		{"what a header holds", &signalsv1.AmendSignalRequest{}, wire.Binding{Body: "signal", Path: []string{"id"}, Patch: true}, "expected_revision", wire.Place{Header: "If-Match"}},
		{"what a header holds beside all in the body", &signalsv1.WithdrawSignalRequest{}, wire.Binding{Body: "*", Path: []string{"id"}}, "expected_revision", wire.Place{Header: "If-Match"}},
		{"a field mask", &signalsv1.AmendSignalRequest{}, wire.Binding{Body: "signal", Path: []string{"id"}, Patch: true}, "update_mask.paths[0]", wire.Place{}},
		{"a broken subscript", submit, wire.Binding{Body: "signal"}, "signal.provisions[", wire.Place{Pointer: "/regelingen"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := tt.binding.Locate(tt.message.ProtoReflect().Descriptor(), tt.path)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
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
		at := binding.Locate(m.ProtoReflect().Descriptor(), path)
		if at.Pointer != "" && at.Parameter != "" {
			t.Errorf("both a pointer %q and a parameter %q", at.Pointer, at.Parameter)
		}
	})
}
