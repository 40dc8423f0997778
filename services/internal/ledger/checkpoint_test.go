package ledger_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/ledger/ledgertest"
)

func TestACheckpointSaysWhatWasSigned(t *testing.T) {
	t.Parallel()
	signer, keys := ledgertest.Signer(t)
	root := tlog.RecordHash([]byte("root"))
	signed, err := signer.Sign(42, root, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := ledger.OpenCheckpoint(signed.Note, keys)
	if err != nil {
		t.Fatal(err)
	}
	if opened.Origin != ledgertest.Origin || opened.Size != 42 || opened.Root != root {
		t.Errorf("%+v", opened)
	}
	text, _, _ := strings.Cut(string(signed.Note), "\n\n")
	if want := ledgertest.Origin + "\n42\n" + root.String(); text != want {
		t.Errorf("text %q, want %q (C2SP tlog-checkpoint)", text, want)
	}
}

// The example of the specification, https://c2sp.org/tlog-checkpoint.
func TestACheckpointOfAnotherLogIsReadByTheSpecification(t *testing.T) {
	t.Parallel()
	skey, vkey, err := ledger.GenerateKey("example.com/behind-the-sofa")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := ledger.Keys(vkey)
	if err != nil {
		t.Fatal(err)
	}
	const base = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"the three lines", base, true},
		{"extension lines are passed over", base + "extension\nanother\n", true},
		{"an empty tree", strings.Replace(base, "20852163", "0", 1), true},
		{"an empty extension line", base + "\nanother\n", false},
		{"no root", "example.com/behind-the-sofa\n20852163\n", false},
		{"a leading zero", strings.Replace(base, "20852163", "020852163", 1), false},
		{"a sign", strings.Replace(base, "20852163", "+20852163", 1), false},
		{"a negative size", strings.Replace(base, "20852163", "-1", 1), false},
		{"a short root", strings.Replace(base, "CsUYapGG", "", 1), false},
		{"a root spelled otherwise", strings.Replace(base, "q2I=", "q2J=", 1), false},
		{"another origin than the key's", "x" + base, false},
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			signed, err := note.Sign(&note.Note{Text: tt.text}, signer)
			if err != nil {
				t.Fatal(err)
			}
			c, err := ledger.OpenCheckpoint(signed, keys)
			if (err == nil) != tt.ok || err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

func TestAKeyThatWasReplacedStillVerifies(t *testing.T) {
	t.Parallel()
	oldKey, oldPublic, err := ledger.GenerateKey(ledgertest.Origin)
	if err != nil {
		t.Fatal(err)
	}
	newKey, newPublic, err := ledger.GenerateKey(ledgertest.Origin)
	if err != nil {
		t.Fatal(err)
	}
	both, err := ledger.Keys(oldPublic, newPublic)
	if err != nil {
		t.Fatal(err)
	}
	onlyNew, err := ledger.Keys(newPublic)
	if err != nil {
		t.Fatal(err)
	}
	for skey, alone := range map[string]bool{oldKey: false, newKey: true} {
		signer, err := ledger.NewSigner(ledgertest.Origin, skey)
		if err != nil {
			t.Fatal(err)
		}
		c, err := signer.Sign(1, tlog.Hash{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.OpenCheckpoint(c.Note, both); err != nil {
			t.Error(err)
		}
		if _, err := ledger.OpenCheckpoint(c.Note, onlyNew); (err == nil) != alone {
			t.Errorf("the new key alone: %v", err)
		}
	}
}

func TestASignerKnowsItsPublicKey(t *testing.T) {
	t.Parallel()
	for range 50 { // base64 of a key may have plus signs
		skey, vkey, err := ledger.GenerateKey(ledgertest.Origin)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := ledger.NewSigner(ledgertest.Origin, skey)
		if err != nil {
			t.Fatal(err)
		}
		if signer.PublicKey() != vkey || signer.Origin() != ledgertest.Origin {
			t.Fatalf("%q of %q, want %q", signer.PublicKey(), signer.Origin(), vkey)
		}
	}
}

func TestAWrongKeyIsRefusedWithoutShowingIt(t *testing.T) {
	t.Parallel()
	skey, vkey, err := ledger.GenerateKey(ledgertest.Origin)
	if err != nil {
		t.Fatal(err)
	}
	for name, wrong := range map[string][2]string{
		"another log's":   {"schakel.example/anders", skey},
		"a public key":    {ledgertest.Origin, vkey},
		"cut off":         {ledgertest.Origin, skey[:len(skey)-4]},
		"nothing":         {ledgertest.Origin, ""},
		"another's hash":  {"schakel.example/anders", strings.Replace(skey, ledgertest.Origin, "schakel.example/anders", 1)},
		"an empty origin": {"", skey},
	} {
		_, err := ledger.NewSigner(wrong[0], wrong[1])
		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if secret := strings.SplitN(skey, "+", 5)[4]; strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error shows the key", name)
		}
	}
	if _, err := ledger.Keys(vkey, skey); err == nil {
		t.Error("a private key taken for a public one")
	}
}
