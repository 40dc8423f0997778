package rest

import (
	"fmt"
	"hash/maphash"
	"net/http"

	"schakel.example/gateway/problem"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// maxTried is how many references of a trial are remembered, which takes some MiB.
const maxTried = 1 << 16

// tried holds a trial's lines to each other. The service does so with those of one
// call, and stores nothing that those of the next could be held to.
type tried struct {
	seed maphash.Seed
	// first are the lines that could be stored, by their references, as hashes.
	first map[uint64]triedLine
}

type triedLine struct{ line, content uint64 }

// holds holds a line that could be stored to those before it: when one of them has
// its reference, it would be a repetition, which the result says then, or in
// conflict, which is the problem.
func (t *tried) holds(line int, result *signalsv1.SubmitResult) *problem.Problem {
	accepted := result.GetAccepted()
	if accepted.GetRepeatedSubmission() || len(accepted.GetContentHash()) == 0 {
		return nil
	}
	if t.first == nil {
		t.seed, t.first = maphash.MakeSeed(), map[uint64]triedLine{}
	}
	reference, content := maphash.String(t.seed, result.GetExternalReference()), maphash.Bytes(t.seed, accepted.GetContentHash())
	switch first, ok := t.first[reference]; {
	case !ok && len(t.first) < maxTried:
		t.first[reference] = triedLine{uint64(line), content}
	case !ok:
	case first.content == content:
		accepted.RepeatedSubmission = true
	default:
		p := problem.New(http.StatusConflict)
		p.Reason = "kenmerk-bezet"
		p.Text = problem.Text{
			NL: fmt.Sprintf("Op regel %d staat al een signaal met dit kenmerk en andere inhoud.", first.line),
			EN: fmt.Sprintf("line %d has a signal with this reference and other content", first.line),
		}
		return p
	}
	return nil
}
