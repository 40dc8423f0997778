package refimport

import (
	"fmt"
	"slices"
	"strings"
)

// Outcome is what became of a record.
type Outcome string

// The outcomes.
const (
	Added   Outcome = "toegevoegd"
	Changed Outcome = "gewijzigd"
	Ended   Outcome = "beeindigd" // it got a last day, or was closed
	Refused Outcome = "geweigerd"
)

// maxRefusals is how many refusals of all files are told one by one.
const maxRefusals = 1000

// Change is what one record did.
type Change struct {
	Outcome Outcome `json:"uitkomst"`
	File    string  `json:"bestand"`
	// Record counts from 1; Line is that on which it begins.
	Record int    `json:"record"`
	Line   int    `json:"regel"`
	Key    string `json:"sleutel"`
	Name   string `json:"naam,omitzero"`
	// Detail says which fields differ, or why it was refused.
	Detail string `json:"toelichting,omitzero"`
}

// Report tells what files changed.
type Report struct {
	// Counts are how many records had each outcome; Unchanged and Passed are how
	// many said nothing new, and how many were no organisation, regulation or
	// dossier.
	Counts    map[Outcome]int `json:"aantallen"`
	Unchanged int             `json:"ongewijzigd"`
	Passed    int             `json:"overgeslagen"`
	Changes   []Change        `json:"wijzigingen"`
	// Notes are what else is to be known, such as that a file is a part.
	Notes []string `json:"opmerkingen,omitzero"`
}

// place is where a record stands.
type place struct {
	file         string
	record, line int
}

func (r *Report) add(c Change) {
	r.Counts[c.Outcome]++
	if c.Outcome != Refused || r.Counts[Refused] <= maxRefusals {
		r.Changes = append(r.Changes, c)
	}
}

// refuse notes that a record is not right.
func (im *Importer) refuse(at place, key, why string) {
	im.report.add(Change{Refused, at.file, at.record, at.line, short(key), "", oneLine(why)})
}

// pass notes that a record is nothing that is kept here.
func (im *Importer) pass() { im.report.Passed++ }

// remark notes what else is to be known.
func (im *Importer) remark(format string, args ...any) {
	im.report.Notes = append(im.report.Notes, fmt.Sprintf(format, args...))
}

// note reports a record, and says whether it changes anything.
func (im *Importer) note(at place, key, name string, known, ended bool, wrong error, differs string) bool {
	c := Change{Changed, at.file, at.record, at.line, key, name, differs}
	switch {
	case wrong != nil:
		im.refuse(at, key, wrong.Error())
		return false
	case !known:
		c.Outcome, c.Detail = Added, ""
	case ended:
		c.Outcome = Ended
	case differs == "":
		im.report.Unchanged++
		return false
	}
	im.report.add(c)
	return true
}

// diff is a field as it was and as it is now.
type diff struct{ field, was, now string }

// differences tells the fields that differ.
func differences(all ...diff) string {
	var out []string
	for _, d := range all {
		if d.was != d.now {
			out = append(out, fmt.Sprintf("%s: %q wordt %q", d.field, d.was, d.now))
		}
	}
	return strings.Join(out, "; ")
}

// withSource adds to where a row was read a file that changed it, in the place of
// an earlier version of that file.
func withSource(was, file string) string {
	if was == "" {
		return file
	}
	name := strings.Fields(file)
	parts := slices.DeleteFunc(strings.Split(was, "; "), func(part string) bool {
		words := strings.Fields(part)
		return len(words) > 1 && len(name) > 1 && words[0] == name[0] && words[1] == name[1]
	})
	return strings.Join(append(parts, file), "; ")
}

// oneLine joins errors that were joined.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "; ") }

func yes(b bool) string {
	if b {
		return "ja"
	}
	return ""
}

// short bounds what is told of a text that is not right.
func short(s string) string {
	if runes := []rune(s); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return s
}
