package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// shown is how many refusals are told at once; the file has them all.
const shown = 20

// refusalFile holds refused signals with their reasons, and tells the first of
// them. It is made at the first. It is used by one goroutine at a time.
type refusalFile struct {
	path string
	told io.Writer
	n    int
	file *os.File
}

// refusedSignal is one line of it.
type refusedSignal struct {
	Line    int             `json:"regel"`
	Place   string          `json:"plaats"`
	Problem *problem        `json:"probleem"`
	Signal  json.RawMessage `json:"signaal,omitempty"`
	Text    string          `json:"tekst,omitempty"`
}

func (r *refusalFile) add(place string, i item, why *problem) error {
	r.tell(place, why)
	out := refusedSignal{Line: i.number, Place: place, Problem: why}
	out.Signal, out.Text = i.asJSON()
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	if r.file == nil {
		if r.file, err = os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
			return fmt.Errorf("het bestand voor geweigerde signalen: %w", err)
		}
	}
	_, err = r.file.Write(append(text, '\n'))
	return err
}

// tell says why a signal was refused, a line for each fault.
func (r *refusalFile) tell(place string, why *problem) {
	switch r.n++; {
	case r.n > shown:
		return
	case len(why.Faults) == 0:
		fmt.Fprintf(r.told, "%s: %s\n", place, why.Detail)
	}
	for _, f := range why.Faults {
		at := f.Pointer
		if at != "" {
			at = " " + at
		}
		fmt.Fprintf(r.told, "%s%s: %s\n", f.Place, at, f.Text)
	}
}

func (r *refusalFile) close() error {
	if r.n > shown {
		fmt.Fprintf(r.told, "… en nog %d geweigerde signalen\n", r.n-shown)
	}
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
