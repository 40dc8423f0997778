package ledger

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

// exportFormat names the format of an export and its version.
const exportFormat = "schakel-logboek/1"

// exportHead is the first line of an export. Its note says how many lines
// follow, and the root of the tree that they make.
type exportHead struct {
	Format   string `json:"formaat"`
	Note     string `json:"ondertekening"`
	SignedAt int64  `json:"ondertekendOp"` // milliseconds since 1970, UTC
}

// exportLine is one entry of an export, as JSON on a line of its own, bytes in
// base64. Inhoud and zout are missing after erasure.
type exportLine struct {
	Index    int64  `json:"plaats"`
	ID       string `json:"id"`
	Subject  string `json:"onderwerp"`
	Revision int64  `json:"revisie"`
	Payload  []byte `json:"inhoud,omitempty"`
	Salt     []byte `json:"zout,omitempty"`
	Leaf     []byte `json:"bladhash"`
	Receipt  []byte `json:"ontvangstbewijs,omitempty"`
}

// exportPage is how many entries are in memory at a time.
const exportPage = 500

// Export writes the whole log as NDJSON: its newest checkpoint, and the entries
// that it covers, in order. It returns that checkpoint. Entries that wait for
// the sequencer are not in it: to move a log, stop its service and sequence what
// waits first.
func (r *Reader) Export(ctx context.Context, w io.Writer) (Checkpoint, error) {
	c, err := r.Checkpoint(ctx)
	if err != nil {
		return Checkpoint{}, err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	lines := json.NewEncoder(out)
	err = lines.Encode(exportHead{exportFormat, string(c.Note), sqldb.Millis(c.SignedAt)})
	// A sequenced entry changes no more, but for its erasure: pages of several
	// transactions make one whole.
	for from := int64(0); from < c.Size && err == nil; from += exportPage {
		var entries []Sequenced
		if entries, err = r.between(ctx, from, min(from+exportPage, c.Size)); err != nil {
			break
		}
		err = writeEntries(lines, entries)
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("exporting the log: %w", err)
	}
	return c, nil
}

func writeEntries(lines *json.Encoder, entries []Sequenced) error {
	for _, e := range entries {
		line := exportLine{
			Index: e.Index, ID: e.ID, Subject: e.Subject, Revision: e.Revision,
			Payload: e.Payload, Leaf: e.LeafHash[:], Receipt: e.Receipt,
		}
		if !e.Erased {
			line.Salt = e.Salt[:]
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// errExport says what is wrong with a line of an export.
func errExport(line int64, err error) error {
	return fault.New(fault.Invalid, "uitvoer-ongeldig", fault.Text{
		NL: fmt.Sprintf("Regel %d van het bestand is geen geldige uitvoer van een logboek. Er is niets ingelezen.", line),
		EN: fmt.Sprintf("line %d of the file is no valid export of a log; nothing was imported", line),
	}).Because(err)
}
