package signals_test

import (
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/fault"
)

func TestAQuestionThatCannotBeAskedIsRefusedWithAllThatIsWrong(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	for name, tt := range map[string]struct {
		req    *signalsv1.CountSignalsRequest
		fields []string
	}{
		"words that stand everywhere": {&signalsv1.CountSignalsRequest{Text: "van de het"}, []string{"text geen-zoekwoord"}},
		"no words":                    {&signalsv1.CountSignalsRequest{Text: " …!"}, []string{"text geen-zoekwoord"}},
		"a rule of no register":       {&signalsv1.CountSignalsRequest{Provision: "Wet WIA"}, []string{"provision kamerstuk-vorm"}},
		"a rule that cannot be read":  {&signalsv1.CountSignalsRequest{Provision: "jci1.3:c:BWBR1"}, []string{"provision jci-bwb"}},
		"both":                        {&signalsv1.CountSignalsRequest{Text: "de", Provision: "CVDR"}, []string{"text geen-zoekwoord", "provision cvdr-vorm"}},
		"what leads to a person":      {&signalsv1.CountSignalsRequest{Text: "uitkering 999990019"}, []string{"text persoonsgegeven-bsn"}},
		"a day that is not there":     {&signalsv1.CountSignalsRequest{ReceivedFrom: "2026-02-30"}, []string{"received_from string-calendar-date"}},
	} {
		_, err := client.CountSignals(as(t, uwv), tt.req)
		t.Run(name, func(t *testing.T) { refused(t, err, fault.Invalid, "ongeldige-invoer", tt.fields...) })
		stream, err := client.ExportSignals(as(t, uwv), &signalsv1.ExportSignalsRequest{
			Text: tt.req.GetText(), Provision: tt.req.GetProvision(), ReceivedFrom: tt.req.GetReceivedFrom(),
		})
		if err == nil {
			_, err = stream.Recv()
		}
		t.Run(name+", exported", func(t *testing.T) { refused(t, err, fault.Invalid, "ongeldige-invoer", tt.fields...) })
	}
}

func TestACursorIsOfOneOrder(t *testing.T) {
	t.Parallel()
	client, _ := serve(t)
	for _, reference := range []string{"S-1", "S-2", "S-3"} {
		m := message()
		m.ExternalReference = reference
		if _, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m}); err != nil {
			t.Fatal(err)
		}
	}
	orders := []signalsv1.SignalOrder{0, 1, 2, 3}
	for _, order := range orders {
		first, err := client.ListSignals(as(t, uwv), &signalsv1.ListSignalsRequest{PageSize: 1, Order: order})
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range orders {
			_, err := client.ListSignals(as(t, uwv), &signalsv1.ListSignalsRequest{PageSize: 1, Order: other, PageToken: first.GetNextPageToken()})
			if max(order, 1) == max(other, 1) {
				if err != nil {
					t.Errorf("a cursor of %v with %v: %v", order, other, err)
				}
				continue
			}
			refused(t, err, fault.Invalid, "ongeldige-cursor", "page_token ongeldige-cursor")
		}
	}
}

func TestADayIsOneOfTheNetherlands(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	client, _ := serveAt(t, func() time.Time { return at })
	for reference, moment := range map[string]string{
		"S-summer-eve": "2026-06-30T21:59:59.999Z", "S-summer": "2026-06-30T22:00:00Z", "S-summer-end": "2026-07-01T21:59:59.999Z",
		"S-winter-eve": "2026-11-19T22:59:59.999Z", "S-winter": "2026-11-19T23:00:00Z",
		"S-clock": "2026-10-25T22:30:00Z", // 25 October is 25 hours long
	} {
		var err error
		if at, err = time.Parse(time.RFC3339, moment); err != nil {
			t.Fatal(err)
		}
		m := message()
		m.ExternalReference = reference
		if _, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m}); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		from, until string
		want        []string
	}{
		{"2026-07-01", "2026-07-01", []string{"S-summer", "S-summer-end"}},
		{"", "2026-06-30", []string{"S-summer-eve"}},
		{"2026-11-20", "", []string{"S-winter"}},
		{"2026-11-19", "2026-11-19", []string{"S-winter-eve"}},
		{"2026-10-25", "2026-10-25", []string{"S-clock"}},
		{"2026-07-02", "2026-07-01", nil},
	} {
		out, err := client.ListSignals(as(t, uwv), &signalsv1.ListSignalsRequest{ReceivedFrom: tt.from, ReceivedUntil: tt.until})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range out.GetSignals() {
			got = append(got, s.GetExternalReference())
		}
		slices.Sort(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("from %s until %s (-want +got):\n%s", tt.from, tt.until, diff)
		}
	}
}

func TestCountsAndExportsTellOfTheList(t *testing.T) {
	t.Parallel()
	at := now
	client, _ := serveAt(t, func() time.Time { return at })
	for _, reference := range []string{"S-1", "S-2", "S-3"} {
		m := message()
		m.ExternalReference = reference
		if reference == "S-2" {
			m.Severity = signalsv1.Severity_SEVERITY_KRITIEK
		}
		if _, err := client.SubmitSignal(as(t, uwv), &signalsv1.SubmitSignalRequest{Signal: m}); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Minute)
	}
	counts, err := client.CountSignals(as(t, uwv), &signalsv1.CountSignalsRequest{Severities: []signalsv1.Severity{3}})
	if err != nil || counts.GetTotal() != 2 || len(counts.GetFacets()) != 11 {
		t.Errorf("%v, %v", counts, err)
	}
	list, err := client.ListSignals(as(t, uwv), &signalsv1.ListSignalsRequest{Order: signalsv1.SignalOrder_SIGNAL_ORDER_ERNSTIGSTE})
	if err != nil {
		t.Fatal(err)
	}
	stream, err := client.ExportSignals(as(t, uwv), &signalsv1.ExportSignalsRequest{Order: signalsv1.SignalOrder_SIGNAL_ORDER_ERNSTIGSTE})
	if err != nil {
		t.Fatal(err)
	}
	var all []*signalsv1.Signal
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m.GetSignal())
	}
	if diff := cmp.Diff(list.GetSignals(), all, protocmp.Transform()); diff != "" || len(all) != 3 || all[0].GetExternalReference() != "S-2" {
		t.Errorf("(-list +export):\n%s", diff)
	}
	if out, err := client.CountSignals(as(t, svb), &signalsv1.CountSignalsRequest{}); err != nil || out.GetTotal() != 0 {
		t.Errorf("another agency counts %v, %v", out, err)
	}
}
