package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// TestALedgerIsImportedWholeOrNotAtAll forges an export: clumsily, and with all
// that a forger without the key can make right again.
func TestALedgerIsImportedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	from := newHouse(t, filepath.Join(t.TempDir(), "data"))
	from.demo(t).ends(t, 0)
	whole := string(must(os.ReadFile(from.exported(t)["contacts"]))(t))
	lines := slices.Collect(strings.Lines(whole))
	for name, forged := range map[string][]string{
		"an entry is left out":             slices.Delete(slices.Clone(lines), 3, 4),
		"an entry is left out, renumbered": numbered(t, slices.Delete(slices.Clone(lines), 3, 4)),
		"the last is left out":             lines[:len(lines)-1],
		"one is there twice":               append(slices.Clone(lines), lines[len(lines)-1]),
		"two change places":                swapped(lines, 2, 3),
		"two change places, renumbered":    numbered(t, swapped(lines, 2, 3)),
		"there is no checkpoint":           lines[1:],
		"the checkpoint is of another":     replaceIn(lines, 0, "schakel.example/contacten", "schakel.example/contacteN"),
		"a salt is changed":                edited(t, lines, 4, func(e entry) { e["zout"] = e["bladhash"] }),
		"a subject is another's":           edited(t, lines, 4, func(e entry) { e["onderwerp"] = nowhere }),
		"a payload is changed":             edited(t, lines, 8, func(e entry) { e.say("tweede-kamer", "eerste-kamer") }),
		"a payload is changed, and its hash": edited(t, lines, 8, func(e entry) {
			e.say("kamer", "Kamer")
			e.rehash()
		}),
		"an entry is erased that was not": edited(t, lines, 4, func(e entry) {
			delete(e, "inhoud")
			delete(e, "zout")
			e["bladhash"] = base64.StdEncoding.EncodeToString(make([]byte, 32))
		}),
		"the file is broken off": append(slices.Clone(lines[:5]), lines[5][:20]),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := newHouse(t, filepath.Join(t.TempDir(), "data"))
			args := append([]string{"--key=" + from.keys()}, to.databases()...)
			file := write(t, "logboek.ndjson", []byte(strings.Join(forged, "")))
			schakel(t, append([]string{"ledger", "import", "contacts", file}, args...)...).ends(t, 1)
			// Nothing stayed behind: the right one still goes in, and no other after it.
			file = write(t, "heel.ndjson", []byte(whole))
			schakel(t, append([]string{"ledger", "import", "contacts", file}, args...)...).ends(t, 0)
			schakel(t, append([]string{"ledger", "import", "contacts", file}, args...)...).ends(t, 1)
		})
	}
	t.Run("another's keys", func(t *testing.T) {
		to := newHouse(t, filepath.Join(t.TempDir(), "data"))
		file := write(t, "heel.ndjson", []byte(whole))
		schakel(t, append([]string{"ledger", "import", "contacts", file, "--key=" + otherKeys(t)}, to.databases()...)...).ends(t, 1)
	})
}

// entry is a line of an export after the first.
type entry map[string]any

// bytes reads a member that is in base64.
func (e entry) bytes(name string) []byte {
	text, _ := e[name].(string)
	data, _ := base64.StdEncoding.DecodeString(text)
	return data
}

// say changes the payload, which must hold what is changed.
func (e entry) say(old, new string) {
	payload := e.bytes("inhoud")
	if !bytes.Contains(payload, []byte(old)) {
		panic("the payload has no " + old)
	}
	e["inhoud"] = base64.StdEncoding.EncodeToString(bytes.Replace(payload, []byte(old), []byte(new), 1))
}

// rehash makes the leaf hash that of salt and payload.
func (e entry) rehash() {
	leaf := tlog.RecordHash(slices.Concat(e.bytes("zout"), e.bytes("inhoud")))
	e["bladhash"] = base64.StdEncoding.EncodeToString(leaf[:])
}

// edited changes one entry.
func edited(t *testing.T, lines []string, n int, edit func(entry)) []string {
	t.Helper()
	lines = slices.Clone(lines)
	var e entry
	if err := json.Unmarshal([]byte(lines[n]), &e); err != nil {
		t.Fatal(err)
	}
	edit(e)
	lines[n] = string(must(json.Marshal(e))(t)) + "\n"
	return lines
}

// numbered gives every entry its place anew.
func numbered(t *testing.T, lines []string) []string {
	t.Helper()
	for n := 1; n < len(lines); n++ {
		lines = edited(t, lines, n, func(e entry) { e["plaats"] = n - 1 })
	}
	return lines
}

func swapped(lines []string, a, b int) []string {
	lines = slices.Clone(lines)
	lines[a], lines[b] = lines[b], lines[a]
	return lines
}

// replaceIn replaces something once, in one of the lines.
func replaceIn(lines []string, n int, old, new string) []string {
	lines = slices.Clone(lines)
	lines[n] = strings.Replace(lines[n], old, new, 1)
	return lines
}
