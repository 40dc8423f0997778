package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
)

func TestASealIsNeitherACheckpointNorTheOtherWayRound(t *testing.T) {
	t.Parallel()
	signer, keys := ledgertest.Signer(t)
	const id = "01900000-0000-8000-8000-000000000001"
	signed, err := signer.SealEdition(id, [32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	got, err := ledger.OpenEditionSeal(signed, keys)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ledger.EditionSeal{Edition: id, Sums: [32]byte{7}, SignedBy: []string{signer.Origin()}}, got); diff != "" {
		t.Errorf("the seal (-want +got):\n%s", diff)
	}
	if _, err := ledger.OpenCheckpoint(signed, keys); err == nil {
		t.Error("a seal passes for a checkpoint")
	}
	c, err := signer.Sign(12, [32]byte{7}, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.OpenEditionSeal(c.Note, keys); err == nil {
		t.Error("a checkpoint passes for a seal")
	}
	_, others := ledgertest.Signer(t)
	if _, err := ledger.OpenEditionSeal(signed, others); err == nil {
		t.Error("a seal of an unknown key is taken for right")
	}
}
