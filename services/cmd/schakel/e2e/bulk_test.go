package e2e

import (
	"encoding/json"
	"fmt"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/proto/wire"
)

// bulkLine is what Schakel says of one line of an upload, or at its end.
type bulkLine struct {
	Line      int             `json:"regel"`
	Status    int             `json:"status"`
	Reference string          `json:"kenmerk"`
	ID        string          `json:"id"`
	Repeated  json.RawMessage `json:"herhaald"` // true, or how many at the end
	Receipt   json.RawMessage `json:"ontvangstbewijs"`
	Problem   json.RawMessage `json:"probleem"`

	Done     bool `json:"klaar"`
	Lines    int  `json:"regels"`
	Accepted int  `json:"aangenomen"`
	Refused  int  `json:"geweigerd"`

	receipt *ledgerv1.Receipt
}

// lineOf reads an answer to a line.
func lineOf(text []byte) (r bulkLine, err error) {
	if err = json.Unmarshal(text, &r); err == nil && r.Receipt != nil {
		r.receipt = &ledgerv1.Receipt{}
		err = wire.Unmarshal(r.Receipt, r.receipt)
	}
	if err != nil {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return r, err
}
