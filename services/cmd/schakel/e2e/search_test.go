package e2e

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/services/internal/access"
)

// TestSignalsAreFoundByWhoMayReadThem finds signals by their words and by what they
// name, in every kind of house, as who submitted them, as the department that they
// are put to, and as anyone, once an edition covers them.
func TestSignalsAreFoundByWhoMayReadThem(t *testing.T) {
	t.Parallel()
	for kind, build := range kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			s := &story{h, newClients(h.ways()["REST"])}
			ids := s.submit(t, uwv, 4)
			supplier, department, anyone := s.as(access.Redacteur, uwv), s.as(access.Beantwoorder, szw), t.Context()
			s.finds(t, supplier, "who submitted", 4)
			s.finds(t, anyone, "anyone, before an edition", 0)
			s.finds(t, department, "the department, before a letter", 0)
			s.send(t, uwv, s.bundle(t, uwv, ids[:3]))
			s.finds(t, department, "the department", 3)
			s.settled(t, map[string]int32{"signals": 4})
			s.compile(t, today(), false)
			s.finds(t, anyone, "anyone", 4)
			s.finds(t, department, "the department, after an edition", 4)
			s.restart()
			s.finds(t, anyone, "anyone, after a restart", 4)
			if _, err := s.signals.ListSignalRevisions(anyone, &signalsv1.ListSignalRevisionsRequest{Id: ids[0]}); err == nil {
				t.Error("anyone sees what became of a signal")
			}
		})
	}
}

// finds waits until a caller finds so many signals, in each way to look for them.
func (s *story) finds(t *testing.T, ctx context.Context, who string, want int) {
	t.Helper()
	const question, rule = "voorschotten met schulden", "BWBR0019057"
	await(t, who+" finds them", func() error {
		list, err := s.signals.ListSignals(ctx, &signalsv1.ListSignalsRequest{Text: question, Provision: rule, Categories: []string{"hardheid"}})
		if err != nil || len(list.GetSignals()) != want {
			return fmt.Errorf("%d by a word and a rule, %v", len(list.GetSignals()), err)
		}
		counts, err := s.signals.CountSignals(ctx, &signalsv1.CountSignalsRequest{Text: question})
		if err != nil || int(counts.GetTotal()) != want {
			return fmt.Errorf("a count of %d, %v", counts.GetTotal(), err)
		}
		n, err := exported(signalsv1.NewSignalServiceClient(s.ways()["gRPC"]).ExportSignals(ctx, &signalsv1.ExportSignalsRequest{Text: question}))
		if err != nil || n != want {
			return fmt.Errorf("%d exported, %v", n, err)
		}
		return nil
	})
}

// exported counts the signals of an export.
func exported(stream interface {
	Recv() (*signalsv1.ExportSignalsResponse, error)
}, err error) (n int, _ error) {
	for ; err == nil; n++ {
		if _, err = stream.Recv(); errors.Is(err, io.EOF) {
			return n, nil
		}
	}
	return n, err
}
