package ledger_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
)

var accepted = time.Date(2026, 11, 21, 9, 30, 0, 123_456_789, time.UTC)

func TestEveryReceiptOfABatchVerifies(t *testing.T) {
	t.Parallel()
	signer, keys := ledgertest.Signer(t)
	for _, size := range []int{1, 2, 3, 4, 7, 64, 100} {
		t.Run(fmt.Sprintf("of %d", size), func(t *testing.T) {
			t.Parallel()
			entries := ledgertest.Entries(t, size)
			if err := signer.Receipts(accepted, entries); err != nil {
				t.Fatal(err)
			}
			notes := map[string]bool{}
			for i, e := range entries {
				r, err := ledger.VerifyReceipt(e.Receipt, e.Payload, keys)
				if err != nil {
					t.Fatalf("receipt %d: %v (%v)", i, err, fault.Of(err).Err)
				}
				notes[r.GetNote()] = true
				leaf := e.Leaf()
				if r.GetOrigin() != ledgertest.Origin || r.GetEntryId() != e.ID || !bytes.Equal(r.GetLeafHash(), leaf[:]) ||
					!r.GetAcceptedAt().AsTime().Equal(accepted.Truncate(time.Millisecond)) || r.GetMergeDelaySeconds() != 5 {
					t.Errorf("receipt %d: %v", i, r)
				}
			}
			if len(notes) != 1 {
				t.Errorf("%d signatures for one batch", len(notes))
			}
		})
	}
}

func TestReceiptsOfEqualInputAreEqual(t *testing.T) {
	t.Parallel()
	signer, _ := ledgertest.Signer(t)
	one := ledgertest.Entries(t, 5)
	two := append([]ledger.Entry(nil), one...)
	for _, entries := range [][]ledger.Entry{one, two, nil} {
		if err := signer.Receipts(accepted, entries); err != nil {
			t.Fatal(err)
		}
	}
	for i := range one {
		if !bytes.Equal(one[i].Receipt, two[i].Receipt) {
			t.Errorf("receipt %d differs", i)
		}
	}
}

func TestAReceiptIsBrokenByAnyChange(t *testing.T) {
	t.Parallel()
	signer, keys := ledgertest.Signer(t)
	entries := ledgertest.Entries(t, 6)
	if err := signer.Receipts(accepted, entries); err != nil {
		t.Fatal(err)
	}
	e := entries[4]
	flip := func(b []byte) { b[0] ^= 1 }
	tests := map[string]func(r *ledgerv1.Receipt){
		"origin":              func(r *ledgerv1.Receipt) { r.Origin = "schakel.example/anders" },
		"entry id":            func(r *ledgerv1.Receipt) { r.EntryId = entries[3].ID },
		"leaf hash":           func(r *ledgerv1.Receipt) { flip(r.LeafHash) },
		"leaf hash cut":       func(r *ledgerv1.Receipt) { r.LeafHash = r.GetLeafHash()[1:] },
		"salt":                func(r *ledgerv1.Receipt) { flip(r.Salt) },
		"salt gone":           func(r *ledgerv1.Receipt) { r.Salt = nil },
		"time":                func(r *ledgerv1.Receipt) { r.AcceptedAt = timestamppb.New(accepted.Add(time.Second)) },
		"time below the ms":   func(r *ledgerv1.Receipt) { r.AcceptedAt.Nanos++ },
		"time gone":           func(r *ledgerv1.Receipt) { r.AcceptedAt = nil },
		"merge delay":         func(r *ledgerv1.Receipt) { r.MergeDelaySeconds++ },
		"batch index":         func(r *ledgerv1.Receipt) { r.BatchIndex-- },
		"batch index below 0": func(r *ledgerv1.Receipt) { r.BatchIndex = -1 },
		"batch size":          func(r *ledgerv1.Receipt) { r.BatchSize++ },
		"batch size 0":        func(r *ledgerv1.Receipt) { r.BatchSize = 0 },
		"path":                func(r *ledgerv1.Receipt) { flip(r.Path[1]) },
		"path cut":            func(r *ledgerv1.Receipt) { r.Path = r.GetPath()[1:] },
		"path of odd sizes":   func(r *ledgerv1.Receipt) { r.Path[0] = r.GetPath()[0][1:] },
		"note's text":         func(r *ledgerv1.Receipt) { r.Note = strings.Replace(r.GetNote(), "\n6\n", "\n7\n", 1) },
		"note's signature":    func(r *ledgerv1.Receipt) { r.Note = r.GetNote()[:len(r.GetNote())-9] + "AAAAAAAA\n" },
		"note gone":           func(r *ledgerv1.Receipt) { r.Note = "" },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := new(ledgerv1.Receipt)
			if err := proto.Unmarshal(e.Receipt, r); err != nil {
				t.Fatal(err)
			}
			spoil(r)
			changed, err := proto.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ledger.VerifyReceipt(changed, e.Payload, keys); !fault.Is(err, fault.Invalid) {
				t.Errorf("verified: %v", err)
			}
		})
	}
	_, stranger := ledgertest.Signer(t)
	if _, err := ledger.VerifyReceipt(e.Receipt, entries[3].Payload, keys); !fault.Is(err, fault.Invalid) {
		t.Errorf("another's payload: %v", err)
	}
	if _, err := ledger.VerifyReceipt(e.Receipt, e.Payload, stranger); !fault.Is(err, fault.Invalid) {
		t.Errorf("a stranger's key: %v", err)
	}
	if _, err := ledger.VerifyReceipt([]byte("\xff"), e.Payload, keys); !fault.Is(err, fault.Invalid) {
		t.Errorf("no receipt: %v", err)
	}
}

func TestNeitherReceiptNorCheckpointPassesForTheOther(t *testing.T) {
	t.Parallel()
	signer, keys := ledgertest.Signer(t)
	entries := ledgertest.Entries(t, 1)
	if err := signer.Receipts(accepted, entries); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.VerifyReceipt(entries[0].Receipt, entries[0].Payload, keys)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ledger.OpenCheckpoint([]byte(r.GetNote()), keys); err == nil {
		t.Errorf("a receipt passes for the checkpoint %+v", c)
	}
	c, err := signer.Sign(1, entries[0].Leaf(), accepted)
	if err != nil {
		t.Fatal(err)
	}
	r.Note = string(c.Note)
	forged, err := proto.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.VerifyReceipt(forged, entries[0].Payload, keys); err == nil {
		t.Error("a checkpoint passes for a receipt")
	}
	// Nor can a log be named like a receipt's first line: a name has no spaces.
	if skey, _, err := ledger.GenerateKey("schakel receipt v1"); err == nil {
		if _, err := ledger.NewSigner("schakel receipt v1", skey); err == nil {
			t.Error("a log is named like a receipt")
		}
	}
}
