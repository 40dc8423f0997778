package signals_test

import (
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/fault"
)

// amend is an amendment of the title and the reason.
func amend(id, title string, expected int32) *signalsv1.AmendSignalRequest {
	return &signalsv1.AmendSignalRequest{
		Id: id, ExpectedRevision: expected, Signal: &signalsv1.Signal{Title: title, AmendmentReason: "Verduidelijkt."},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "amendment_reason"}},
	}
}

func TestAnAmendmentTakesOverWhatItNamesAndIsHeldToAllOfIt(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	sent := message()
	sent.Customisation = "Gespreid."
	made, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: sent})
	if err != nil {
		t.Fatal(err)
	}
	id := made.GetSignal().GetId()
	got, err := client.AmendSignal(as(t, uwv), amend(id, "Nieuwe titel", 1))
	if err != nil {
		t.Fatal(err)
	}
	if s := got.GetSignal(); s.GetTitle() != "Nieuwe titel" || s.GetCustomisation() != "Gespreid." || s.GetRevision() != 2 {
		t.Errorf("%v", s)
	}
	for name, tt := range map[string]struct {
		change *signalsv1.Signal
		paths  []string
		want   []string
	}{
		"what is not to be changed, and no reason": {
			&signalsv1.Signal{Organisation: svb, ExternalReference: "S-2"}, []string{"organisation", "external_reference"},
			[]string{"signal.organisation onveranderlijk", "signal.external_reference onveranderlijk", "signal.amendment_reason required"},
		},
		"what is emptied, and leads to a person": {
			&signalsv1.Signal{Description: "Bel 06-00000000.", AmendmentReason: "Voor 999990019."}, []string{"title", "description", "amendment_reason"},
			[]string{
				"signal.title required", "signal.description persoonsgegeven-telefoonnummer",
				"signal.amendment_reason persoonsgegeven-bsn",
			},
		},
		"a field that is not there": {&signalsv1.Signal{}, []string{"titel"}, []string{"update_mask onbekend-veld"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.AmendSignal(as(t, uwv), &signalsv1.AmendSignalRequest{
				Id: id, Signal: tt.change, UpdateMask: &fieldmaskpb.FieldMask{Paths: tt.paths},
			})
			refusedInAnyOrder(t, err, tt.want...)
		})
	}
}

// refusedInAnyOrder checks the fields of an invalid form.
func refusedInAnyOrder(t *testing.T, err error, fields ...string) {
	t.Helper()
	got := map[string]bool{}
	for _, f := range told(err).Fields {
		got[f.Path+" "+f.Reason] = true
	}
	for _, want := range fields {
		if !got[want] {
			t.Errorf("%q is not among %v", want, got)
		}
	}
	if len(got) != len(fields) {
		t.Errorf("told of %v, want %v", got, fields)
	}
}

// The content is made of the revision that is read first; a revision that was made
// since must not be overwritten with it, even if the caller names its number.
func TestAnAmendmentOfARevisionToComeOverwritesNothing(t *testing.T) {
	t.Parallel()
	var meanwhile atomic.Pointer[func()]
	client, _ := serveAt(t, func() time.Time {
		if f := meanwhile.Swap(nil); f != nil {
			(*f)()
		}
		return now
	})
	made, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: message()})
	if err != nil {
		t.Fatal(err)
	}
	id := made.GetSignal().GetId()
	other := func() {
		if _, err := client.AmendSignal(as(t, uwv), amend(id, "Van een ander", 1)); err != nil {
			t.Error(err)
		}
	}
	meanwhile.Store(&other) // between the reading and the writing of:
	_, err = client.AmendSignal(as(t, uwv), &signalsv1.AmendSignalRequest{
		Id: id, ExpectedRevision: 2, Signal: &signalsv1.Signal{Description: "Van mij.", AmendmentReason: "Aangevuld."},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"description", "amendment_reason"}},
	})
	refused(t, err, fault.Conflict, "revisie-ingehaald")
	now, err := client.GetSignal(as(t, uwv), &signalsv1.GetSignalRequest{Id: id})
	if err != nil || now.GetSignal().GetTitle() != "Van een ander" || now.GetSignal().GetRevision() != 2 {
		t.Errorf("%v, %v", now, err)
	}
}

func TestRedactionAsksInWhichRevisionThePlacesWereCounted(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	made, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: message()})
	if err != nil {
		t.Fatal(err)
	}
	editor := as(t, uwv+"#redacteur")
	req := &signalsv1.RedactSignalRequest{Id: made.GetSignal().GetId(), Ground: "Naam.", Places: []*signalsv1.RedactedPlace{{Field: "/titel"}}}
	_, err = client.RedactSignal(editor, req)
	refused(t, err, fault.Invalid, "ongeldige-invoer", "expected_revision required")
	_, err = client.RedactSignal(as(t, uwv), req) // a system does not redact
	refused(t, err, fault.Denied, "rol-ontbreekt")
	req.ExpectedRevision = 1
	req.Places = []*signalsv1.RedactedPlace{{Field: "titel"}, {Field: "/berichten/7219ba98-9615-4849-a0c1-9487a4579fad/tekst"}}
	_, err = client.RedactSignal(editor, req)
	refused(t, err, fault.Invalid, "ongeldige-invoer", "places[0].field string-json-pointer")
	req.Places = req.Places[1:] // this id has the form of an address
	_, err = client.RedactSignal(editor, req)
	refused(t, err, fault.Invalid, "ongeldige-invoer", "places[0].field geen-tekst")
	req.Places = []*signalsv1.RedactedPlace{{Field: "/titel", First: 1, Last: 2}}
	done, err := client.RedactSignal(editor, req)
	if err != nil {
		t.Fatal(err)
	}
	if done.GetSignal().GetTitle() != "[verwijderd]tel" || len(done.GetErased()) != 1 || done.GetErased()[0].GetMessage() != "" || done.GetReceipt() == nil {
		t.Errorf("%v", done)
	}
	_, err = client.GetReceipt(as(t, uwv), &signalsv1.GetReceiptRequest{Id: req.GetId(), Revision: 1})
	refused(t, err, fault.NotFound, "revisie-gewist")
	_, err = client.GetReceipt(as(t, uwv), &signalsv1.GetReceiptRequest{Id: req.GetId(), Revision: 9})
	refused(t, err, fault.NotFound, "onbekend-signaal")
}
