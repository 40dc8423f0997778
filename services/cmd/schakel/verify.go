package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/proto"

	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/letters/edition"
)

// verifyCmd is `schakel verify`: what anyone can check with the public keys
// alone.
type verifyCmd struct {
	Edition verifyEditionCmd `cmd:"" help:"Controleer de bestanden van een editie."`
	Receipt verifyReceiptCmd `cmd:"" help:"Controleer een ontvangstbewijs, zoals /v1/signalen/{id}/ontvangstbewijs het geeft."`
}

// keys are the public keys to trust.
type keys struct {
	Key []string `required:"" placeholder:"SLEUTEL" help:"Publieke sleutel van een logboek, of een bestand of map (*.pub) daarmee; meer dan één mag."`
}

// open reads the keys.
func (k keys) open() (note.Verifiers, error) {
	var all []string
	for _, key := range k.Key {
		paths := []string{key}
		info, err := os.Stat(key)
		switch {
		case err != nil: // the key itself
			all = append(all, key)
			continue
		case info.IsDir():
			if paths, err = filepath.Glob(filepath.Join(key, "*.pub")); err != nil {
				return nil, err
			}
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("een publieke sleutel: %w", err)
			}
			all = append(all, strings.Fields(string(text))...)
		}
	}
	verifiers, err := ledger.Keys(all...)
	if err != nil {
		return nil, fmt.Errorf("een publieke sleutel: %w", err)
	}
	return verifiers, nil
}

var errNotRight = errors.New("er klopt iets niet")

// verifyEditionCmd is `schakel verify edition`.
type verifyEditionCmd struct {
	Dir      string `arg:"" name:"map" type:"existingdir" help:"Map met de editie."`
	ID       string `name:"id" help:"Kenmerk dat de editie moet hebben; zonder is het de naam van de map als dat een kenmerk is, en anders wat is ondertekend."`
	Unsigned bool   `help:"Aanvaard een editie zonder ondertekening, zoals edition compile --out die maakt."`
	keys
	output
}

// Run checks every file, the signature, the identity and every checkpoint.
func (c *verifyEditionCmd) Run(s streams) error {
	verifiers, err := c.open()
	if err != nil {
		return err
	}
	id := c.ID
	if base := filepath.Base(c.Dir); id == "" && len(base) == len("00000000-0000-8000-8000-000000000000") {
		id = base
	}
	type told struct {
		What string `json:"wat"`
		OK   bool   `json:"klopt"`
		Why  string `json:"waarom,omitempty"`
	}
	var all []told
	var rows [][2]string
	wrong := 0
	for _, f := range edition.Verify(os.DirFS(c.Dir), edition.Expected{ID: id, Keys: verifiers, Unsigned: c.Unsigned}) {
		t, row := told{What: f.What, OK: f.Err == nil}, [2]string{"klopt", f.What}
		switch {
		case f.Err != nil:
			wrong++
			t.Why = f.Err.Error()
			row = [2]string{"FOUT", f.What + ": " + t.Why}
		case f.Erased:
			t.Why = "er is na publicatie iets uit gewist"
			row = [2]string{"gewist", f.What + ": " + t.Why}
		}
		all, rows = append(all, t), append(rows, row)
	}
	if err := c.tell(s, all, rows...); err != nil {
		return err
	}
	if wrong > 0 {
		return fmt.Errorf("%w: %d van %d controles", errNotRight, wrong, len(all))
	}
	return nil
}

// verifyReceiptCmd is `schakel verify receipt`.
type verifyReceiptCmd struct {
	File string `arg:"" name:"bestand" type:"existingfile" help:"JSON-bestand met ontvangstbewijs en inhoud."`
	keys
	output
}

// Run checks the receipt against its entry and the key of its log.
func (c *verifyReceiptCmd) Run(s streams) error {
	verifiers, err := c.open()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	m := &signalsv1.GetReceiptResponse{}
	if err := wire.Unmarshal(text, m); err != nil {
		return fmt.Errorf("%s bevat geen ontvangstbewijs: %w", c.File, err)
	}
	if len(m.GetPayload()) == 0 {
		return fmt.Errorf("in %s staat niet waarvan het ontvangstbewijs is (inhoud); haal beide samen op, bij /v1/signalen/{id}/ontvangstbewijs", c.File)
	}
	receipt, err := proto.Marshal(m.GetReceipt())
	if err != nil {
		return err
	}
	r, err := ledger.VerifyReceipt(receipt, m.GetPayload(), verifiers)
	if err != nil {
		return err
	}
	var event struct {
		Subject string `json:"subject"`
	}
	if err := json.Unmarshal(m.GetPayload(), &event); err != nil {
		return err
	}
	accepted := r.GetAcceptedAt().AsTime().Format("2006-01-02T15:04:05.000Z07:00")
	return c.tell(s, map[string]string{"signaal": event.Subject, "logboek": r.GetOrigin(), "ontvangenOp": accepted},
		[2]string{"klopt", "dit ontvangstbewijs is echt"}, [2]string{"signaal", event.Subject},
		[2]string{"logboek", r.GetOrigin()}, [2]string{"ontvangen op", accepted})
}
