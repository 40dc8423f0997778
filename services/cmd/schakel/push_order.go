package main

import (
	"bytes"
	"hash/maphash"

	"github.com/go-json-experiment/json/jsontext"
)

// order keeps signals with one reference in the order of the file: of bundles that
// go at once either may come first. It is used by one goroutine.
type order struct {
	seed  maphash.Seed
	onWay []*sending
}

// sending is a bundle on its way.
type sending struct {
	references map[uint64]bool // as hashes: two that are alike by chance cost a wait
	before     []*sending      // that must be done first
	done       chan struct{}   // closed at its end; failed is set before
	failed     bool
}

// next says what a bundle that comes next must wait for.
func (o *order) next(bundle []item) *sending {
	if o.onWay == nil {
		o.seed = maphash.MakeSeed()
	}
	s := &sending{references: map[uint64]bool{}, done: make(chan struct{})}
	for _, i := range bundle {
		if reference := referenceOf(i.signal); reference != "" {
			s.references[maphash.String(o.seed, reference)] = true
		}
	}
	var still []*sending
	for _, other := range o.onWay {
		select {
		case <-other.done:
			continue
		default:
		}
		still = append(still, other)
		if other.shares(s) {
			s.before = append(s.before, other)
		}
	}
	o.onWay = append(still, s)
	return s
}

func (s *sending) shares(other *sending) bool {
	for reference := range other.references {
		if s.references[reference] {
			return true
		}
	}
	return false
}

// inTurn submits a bundle once those that it must wait for are done. When one of
// them failed, which tells why by itself, its signals are still to come.
func (s *sending) inTurn(submit func() error) error {
	defer close(s.done)
	for _, other := range s.before {
		<-other.done
		s.failed = s.failed || other.failed
	}
	s.before = nil
	if s.failed {
		return nil
	}
	err := submit()
	s.failed = err != nil
	return err
}

// maxTried is how many references of a dry run are remembered, which takes some
// tens of MiB.
const maxTried = 1 << 20

// tried holds the signals of a dry run to each other over bundles, as Schakel, which
// stores none of them, does within one. Signals with one reference come in the order
// of the file.
type tried struct {
	seed  maphash.Seed
	first map[uint64]triedSignal // by reference, as hash
}

type triedSignal struct {
	number  int // of its line or row
	content uint64
}

// holds gives the number of the signal before this one with its reference, 0 when
// there is none, and says whether that has other content.
func (t *tried) holds(i item, r result) (first int, other bool) {
	if r.Repeated || r.Content == "" {
		return 0, false
	}
	if t.first == nil {
		t.seed, t.first = maphash.MakeSeed(), map[uint64]triedSignal{}
	}
	reference, content := maphash.String(t.seed, referenceOf(i.signal)), maphash.String(t.seed, r.Content)
	held, ok := t.first[reference]
	if !ok && len(t.first) < maxTried {
		t.first[reference] = triedSignal{i.number, content}
	}
	return held.number, ok && held.content != content
}

// referenceOf is the reference in a signal as JSON; empty when it has none.
func referenceOf(signal []byte) string {
	d := jsontext.NewDecoder(bytes.NewReader(signal), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if d.PeekKind() != jsontext.KindBeginObject {
		return ""
	}
	_, _ = d.ReadToken()
	for d.StackDepth() == 1 && d.PeekKind() == jsontext.KindString {
		name, err := d.ReadToken()
		if err != nil {
			return ""
		}
		if name.String() != "kenmerk" {
			if d.SkipValue() != nil {
				return ""
			}
			continue
		}
		value, err := d.ReadToken()
		if err != nil || value.Kind() != jsontext.KindString {
			return ""
		}
		return value.String()
	}
	return ""
}
