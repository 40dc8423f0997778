package ledgertest

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// transferring are the cases about moving a whole log.
var transferring = map[string]func(*rig){
	"an import equals what was exported, and goes on": func(r *rig) {
		l, _ := r.grown(1200)
		r.erase(7)
		Transfer(r.T, l, r.signer, r.keys, r.open(r))
	},
	"an empty log moves, too": func(r *rig) {
		l := r.log()
		r.sequence(l, 0)
		Transfer(r.T, l, r.signer, r.keys, r.open(r))
	},
	"what waits for the sequencer is not exported": func(r *rig) {
		l, _ := r.grown(3)
		r.append(Entries(r, 2))
		if lines := strings.Count(r.export(l), "\n"); lines != 1+3 {
			r.Errorf("%d lines", lines)
		}
	},
	"a log with entries takes no import": func(r *rig) {
		l, _ := r.grown(3)
		export := r.export(l)
		_, err := ledger.Import(r.Context(), r.db, strings.NewReader(export), r.keys)
		if !fault.Is(err, fault.Precondition) {
			r.Error(err)
		}
		if got := r.export(l); got != export {
			r.Error("the log was changed")
		}
	},
	"an import ends the term of a leader": func(r *rig) {
		l, _ := r.grown(3)
		export := r.export(l)
		other := newRig(r.T, r.open)
		leader := other.log()
		other.sequence(leader, 0)
		_, err := ledger.Import(r.Context(), other.db, strings.NewReader(export), r.keys)
		r.must(err)
		other.append(Entries(r, 1))
		if n, err := leader.Sequence(r.Context()); err == nil || n != 0 {
			r.Errorf("the leader from before sequenced %d: %v", n, err)
		}
		other.sequence(leader, 1)
		other.all()
	},
	"a wrong export is refused and leaves nothing": func(r *rig) {
		l, _ := r.grown(4)
		lines := strings.SplitAfter(r.export(l), "\n")
		other := newRig(r.T, r.open)
		_, stranger := Signer(r)
		for name, wrong := range map[string][]string{
			"empty":                     nil,
			"another format":            append([]string{`{"formaat":"anders"}` + "\n"}, lines[1:]...),
			"no JSON":                   append([]string{"boom\n"}, lines[1:]...),
			"a line too few":            lines[:4],
			"a line too many":           append(lines[:5:5], lines[4]),
			"a line double":             {lines[0], lines[1], lines[1], lines[2], lines[3]},
			"lines exchanged":           {lines[0], lines[2], lines[1], lines[3], lines[4]},
			"a checkpoint of less":      append([]string{r.head(l, 3)}, lines[1:]...),
			"a payload changed":         change(r, lines, "inhoud", "eyJpZCI6IngifQ=="),
			"salt changed":              change(r, lines, "zout", strings.Repeat("A", 43)+"="),
			"salt of another size":      change(r, lines, "zout", "AAAA"),
			"a leaf changed":            change(r, lines, "bladhash", strings.Repeat("A", 43)+"="),
			"a leaf of another size":    change(r, lines, "bladhash", "AAAA"),
			"an id changed":             change(r, lines, "id", "anders"),
			"a subject changed":         change(r, lines, "onderwerp", "anders"),
			"erased by the exporter":    change(r, change(r, lines, "inhoud", nil), "bladhash", strings.Repeat("A", 43)+"="),
			"erased but for the salt":   change(r, lines, "inhoud", nil),
			"an unreadable second line": {lines[0], "{", lines[2], lines[3], lines[4]},
			"a line without end":        {lines[0], `{"id":"` + strings.Repeat("a", 2<<20)},
		} {
			_, err := ledger.Import(r.Context(), other.db, strings.NewReader(strings.Join(wrong, "")), r.keys)
			if !fault.Is(err, fault.Invalid) {
				r.Errorf("%s: %v", name, err)
			}
		}
		whole := strings.Join(lines, "")
		if _, err := ledger.Import(r.Context(), other.db, strings.NewReader(whole), stranger); !fault.Is(err, fault.Invalid) {
			r.Errorf("a stranger's key: %v", err)
		}
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		if _, err := ledger.Import(ctx, other.db, strings.NewReader(whole), r.keys); err == nil {
			r.Error("a cancelled import succeeded")
		}
		// After all that the log is still empty: the right one fits.
		_, err := ledger.Import(r.Context(), other.db, strings.NewReader(whole), r.keys)
		r.must(err)
	},
}

// Transfer exports a log, imports it into an empty database of any engine, and
// checks that the two are equal and that the new one goes on.
func Transfer(t *testing.T, from *ledger.Log, signer *ledger.Signer, keys note.Verifiers, db *sqldb.DB) {
	t.Helper()
	ctx := t.Context()
	r := &rig{T: t, db: db, signer: signer, keys: keys}
	r.must(ledger.Migrate(ctx, db))
	export := r.export(from)
	c, err := ledger.Import(ctx, db, strings.NewReader(export), keys)
	r.must(err)
	to := r.log()
	before, err := from.Checkpoint(ctx)
	r.must(err)
	after, err := to.Checkpoint(ctx)
	r.must(err)
	if diff := cmp.Diff(before, after); diff != "" || c.Root != after.Root {
		t.Errorf("checkpoint (-exported +imported):\n%s", diff)
	}
	if again := r.export(to); again != export {
		t.Error("an export of the import is not what was imported")
	}
	r.grow(to, 300)
	if _, err := to.Consistency(ctx, max(1, before.Size), before.Size+300); err != nil {
		t.Errorf("the import is not consistent with what it became: %v", err)
	}
	r.all()
}

// export is the export of a log.
func (r *rig) export(l *ledger.Log) string {
	r.Helper()
	var b bytes.Buffer
	_, err := l.Export(r.Context(), &b)
	r.must(err)
	return b.String()
}

// head is the first line of an export of fewer entries than there are.
func (r *rig) head(l *ledger.Log, size int64) string {
	r.Helper()
	c, err := r.signer.Sign(size, newModel(r.all()).root(r, size), Event("", "").Time)
	r.must(err)
	head, err := json.Marshal(map[string]any{"formaat": "schakel-logboek/1", "ondertekening": string(c.Note)})
	r.must(err)
	return string(head) + "\n"
}

// change sets a field of the third line, or removes it.
func change(r *rig, lines []string, field string, value any) []string {
	r.Helper()
	var line map[string]any
	r.must(json.Unmarshal([]byte(lines[2]), &line))
	if line[field] = value; value == nil {
		delete(line, field)
	}
	changed, err := json.Marshal(line)
	r.must(err)
	return []string{lines[0], lines[1], string(changed) + "\n", lines[3], lines[4]}
}
