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

func TestTheSealOfAnErasureIsNoOther(t *testing.T) {
	t.Parallel()
	signer, keys := ledgertest.Signer(t)
	want := ledger.ErasureSeal{Edition: "01900000-0000-8000-8000-000000000001", Files: map[string][32]byte{"b.csv": {1}, "a b.csv": {2}}}
	signed, err := signer.SealErasure(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ledger.OpenErasureSeal(signed, keys)
	if err != nil {
		t.Fatal(err)
	}
	want.SignedBy = []string{signer.Origin()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the seal (-want +got):\n%s", diff)
	}
	if _, err := ledger.OpenEditionSeal(signed, keys); err == nil {
		t.Error("it passes for the seal of an edition")
	}
	sealed, err := signer.SealEdition(want.Edition, [32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.OpenErasureSeal(sealed, keys); err == nil {
		t.Error("the seal of an edition passes for it")
	}
	_, others := ledgertest.Signer(t)
	if _, err := ledger.OpenErasureSeal(signed, others); err == nil {
		t.Error("a seal of an unknown key is taken for right")
	}
}
