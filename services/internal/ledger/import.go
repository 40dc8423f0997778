package ledger

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

// maxLine bounds a line of an export: payload and receipt in base64, and the
// rest.
const maxLine = 1 << 20

// Import reads an export into the empty log of a database in which Migrate has
// been run, of either engine. It recomputes every leaf and the tree, and holds
// the result against the checkpoint in the export, which must be signed with
// one of the keys. All of it is one transaction: after a fault the log is empty
// still. The fault is Invalid for a wrong export, Precondition
// ("logboek-niet-leeg") for a log with entries. It returns the checkpoint.
func Import(ctx context.Context, db *sqldb.DB, in io.Reader, keys note.Verifiers) (Checkpoint, error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	i := importer{lines: lines}
	c, err := i.head(keys)
	if err != nil {
		return Checkpoint{}, err
	}
	begun := false
	err = db.Write(ctx, func(tx *sqldb.Tx) error {
		if begun { // the lines that an aborted try has read are gone
			return errImportAborted
		}
		begun = true
		return i.load(ctx, tx, c)
	})
	if err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

var (
	errNotEmpty = fault.New(fault.Precondition, "logboek-niet-leeg", fault.Text{
		NL: "Het logboek bevat al regels. Lees de uitvoer in een lege database in.",
		EN: "the log has entries already; import into an empty database",
	})
	errImportAborted = fault.New(fault.Unavailable, "inlezen-afgebroken", fault.Text{
		NL: "De database brak het inlezen af. Er is niets ingelezen; begin opnieuw.",
		EN: "the database aborted the import; nothing was imported, begin again",
	})
)

// importer reads an export once, from front to back.
type importer struct {
	lines *bufio.Scanner
	line  int64 // the number of the line read last, from 1
}

// next reads the next line into v, and is false at the end.
func (i *importer) next(v any) (bool, error) {
	i.line++
	if !i.lines.Scan() {
		if err := i.lines.Err(); errors.Is(err, bufio.ErrTooLong) {
			return false, errExport(i.line, err)
		} else if err != nil {
			return false, fmt.Errorf("reading an export: %w", err)
		}
		return false, nil
	}
	if err := json.Unmarshal(i.lines.Bytes(), v); err != nil {
		return false, errExport(i.line, err)
	}
	return true, nil
}

// head reads the first line, and verifies its checkpoint.
func (i *importer) head(keys note.Verifiers) (Checkpoint, error) {
	var h exportHead
	if _, err := i.next(&h); err != nil {
		return Checkpoint{}, err
	}
	if h.Format != exportFormat {
		return Checkpoint{}, errExport(1, fmt.Errorf("its format is not %q", exportFormat))
	}
	c, err := OpenCheckpoint([]byte(h.Note), keys)
	c.SignedAt = sqldb.Time(h.SignedAt)
	return c, err
}

// load reads the entries into the tables.
func (i *importer) load(ctx context.Context, tx *sqldb.Tx, c Checkpoint) error {
	if err := seize(ctx, tx, c.Size); err != nil {
		return err
	}
	var t tree
	for t.size < c.Size {
		page, err := i.page(int(min(exportPage, c.Size-t.size)), t.size)
		if err != nil {
			return err
		}
		if err := savePage(ctx, tx, page); err != nil {
			return err
		}
		leaves := make([]tlog.Hash, len(page))
		for k, e := range page {
			leaves[k] = e.LeafHash
		}
		var changed []tile
		t, changed = t.grow(leaves)
		if err := saveTiles(ctx, tx, changed); err != nil {
			return err
		}
	}
	root, err := t.root()
	if err != nil {
		return err
	}
	more, err := i.next(new(json.RawMessage))
	if err != nil {
		return err
	}
	if more {
		return errExport(i.line, errors.New("more lines than the checkpoint says"))
	}
	if root != c.Root {
		return errExport(1, fmt.Errorf("the entries have root %v, the checkpoint %v", root, c.Root))
	}
	return saveCheckpoint(ctx, tx, c)
}

// seize makes sure that the log is empty and stays so, and takes the lease away
// from whoever leads it.
func seize(ctx context.Context, tx *sqldb.Tx, size int64) error {
	if _, err := tx.Exec(ctx, "UPDATE ledger_state SET size = $1, published = $1, epoch = epoch + 1, leader = ''", size); err != nil {
		return err
	}
	_, entries, err := sqldb.One(ctx, tx, scanInt, "SELECT seq FROM ledger_entry LIMIT 1")
	if err != nil {
		return err
	}
	if entries {
		return errNotEmpty
	}
	// A leader may have signed that the log is empty.
	if _, err := tx.Exec(ctx, "DELETE FROM ledger_checkpoint"); err != nil {
		return err
	}
	if tx.Engine() == sqldb.Postgres {
		_, _, err = sqldb.One(ctx, tx, scanInt, "SELECT setval('ledger_entry_seq', $1)", max(1, size))
	}
	return err
}

// page reads n entries from an index on.
func (i *importer) page(n int, from int64) ([]Sequenced, error) {
	page := make([]Sequenced, n)
	for k := range page {
		var line exportLine
		more, err := i.next(&line)
		if err == nil && !more {
			err = errExport(i.line, errors.New("fewer lines than the checkpoint says"))
		}
		if err != nil {
			return nil, err
		}
		if page[k], err = line.entry(); err == nil && line.Index != from+int64(k) {
			err = fmt.Errorf("index %d", line.Index)
		}
		if err != nil {
			return nil, errExport(i.line, err)
		}
	}
	return page, nil
}

// entry checks a line, its leaf hash above all.
func (line exportLine) entry() (Sequenced, error) {
	s := Sequenced{Index: line.Index, Erased: line.Payload == nil, Entry: Entry{
		Seq: line.Index + 1, ID: line.ID, Subject: line.Subject, Revision: line.Revision,
		Payload: line.Payload, Receipt: line.Receipt,
	}}
	if len(line.Leaf) != tlog.HashSize {
		return s, errors.New("its leaf hash is not 32 bytes")
	}
	s.LeafHash = tlog.Hash(line.Leaf)
	if s.Erased {
		if line.Salt != nil {
			return s, errors.New("an erased entry with salt")
		}
		return s, nil
	}
	if len(line.Salt) != len(s.Salt) {
		return s, errors.New("its salt is not 32 bytes")
	}
	s.Salt = [32]byte(line.Salt)
	if s.Leaf() != s.LeafHash {
		return s, errors.New("its leaf hash is not that of salt and payload")
	}
	if id, subject, err := identify(s.Payload); err != nil || id != s.ID || subject != s.Subject {
		return s, errors.New("its payload is an event with another id or subject")
	}
	return s, nil
}

// savePage writes entries and their places.
func savePage(ctx context.Context, tx *sqldb.Tx, page []Sequenced) error {
	rows, order := make([][]any, len(page)), make([][]any, len(page))
	for k, e := range page {
		var salt any
		if !e.Erased {
			salt = e.Salt[:]
		}
		rows[k] = []any{e.Seq, e.ID, e.Subject, e.Revision, orNull(e.Payload), salt, e.LeafHash[:], orNull(e.Receipt)}
		order[k] = []any{e.Index, e.Seq}
	}
	if err := insertEntries(ctx, tx, rows); err != nil {
		return err
	}
	_, err := sqldb.Insert(ctx, tx, sqldb.Rows{Table: "ledger_order", Columns: []string{"idx", "seq"}, Values: order})
	return err
}
