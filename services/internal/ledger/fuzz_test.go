package ledger_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/testing/protocmp"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
)

// What can be read can be written, and is then the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte(golden))
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := ledger.Parse(payload)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("not a fault of the input: %v", err)
			}
			return
		}
		again, err := e.Marshal()
		if fault.Is(err, fault.Invalid) {
			return // larger than what may be written
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err := ledger.Parse(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, f, protocmp.Transform()); diff != "" {
			t.Errorf("(-read +read again):\n%s", diff)
		}
	})
}

// A fixed key, so that what a fuzzer finds stays found. It signs nothing else.
const fuzzKey = "PRIVATE+KEY+schakel.example/logboek+8bf575fc+AZRIfBGPYGjuz4aGjDI248YdmPW1wVVrzldr26R3y6Mn"

func fuzzSigner(f *testing.F) (*ledger.Signer, note.Verifiers) {
	signer, err := ledger.NewSigner(ledgertest.Origin, fuzzKey)
	if err != nil {
		f.Fatal(err)
	}
	keys, err := ledger.Keys(signer.PublicKey())
	if err != nil {
		f.Fatal(err)
	}
	return signer, keys
}

// Whatever is changed in a signed checkpoint, it says what was signed or is
// refused.
func FuzzOpenCheckpoint(f *testing.F) {
	signer, keys := fuzzSigner(f)
	root := ledger.Entry{Payload: []byte(golden)}.Leaf()
	c, err := signer.Sign(7, root, accepted)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.Note)
	f.Add(bytes.Replace(c.Note, []byte("\n7\n"), []byte("\n8\n"), 1))
	f.Add(append([]byte("\n"), c.Note...))
	f.Fuzz(func(t *testing.T, signed []byte) {
		got, err := ledger.OpenCheckpoint(signed, keys)
		switch {
		case err != nil && !fault.Is(err, fault.Invalid):
			t.Errorf("not a fault of the input: %v", err)
		case err == nil && (got.Size != c.Size || got.Root != root || got.Origin != c.Origin):
			t.Errorf("a forged checkpoint: %+v", got)
		}
	})
}

// Whatever is changed in a receipt or its payload, it is refused, unless it says
// the same still.
func FuzzVerifyReceipt(f *testing.F) {
	signer, keys := fuzzSigner(f)
	entries := make([]ledger.Entry, 5)
	for i := range entries {
		id := fmt.Sprintf("0196f000-0000-7000-8000-00000000000%d", i)
		payload := strings.Replace(golden, sample().ID, id, 1)
		entries[i] = ledger.Entry{ID: id, Payload: []byte(payload), Salt: [32]byte{byte(i)}}
	}
	if err := signer.Receipts(accepted, entries); err != nil {
		f.Fatal(err)
	}
	for _, e := range entries[2:4] {
		f.Add(e.Receipt, e.Payload)
	}
	f.Add(entries[0].Receipt, entries[1].Payload)
	f.Fuzz(func(t *testing.T, receipt, payload []byte) {
		r, err := ledger.VerifyReceipt(receipt, payload, keys)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("not a fault of the input: %v", err)
			}
			return
		}
		i := int(r.GetBatchIndex())
		if i >= len(entries) || r.GetEntryId() != entries[i].ID || !bytes.Equal(payload, entries[i].Payload) ||
			!r.GetAcceptedAt().AsTime().Equal(accepted.Truncate(time.Millisecond)) {
			t.Errorf("a forged receipt: %v", r)
		}
	})
}
