package rest

import "hash/maphash"

// order keeps lines with one reference in their order: of those the first that can
// be stored is to be the one that is, and of two calls at once either may be the
// first. Within a call the service keeps the order. Of an upload no more batches
// are on their way than one and the next (inFlight), so that is all it looks at.
type order struct {
	seed maphash.Seed
	// last was sent last, with signals of these references, as hashes: two that
	// are alike by chance cost a wait.
	last *batch
	its  map[uint64]struct{}
	own  map[uint64]struct{} // room for those of the next
}

// after says which batch must be done before b is sent, which comes next; nil for
// none.
func (o *order) after(b *batch) (before *batch) {
	if o.last == nil {
		o.seed, o.its, o.own = maphash.MakeSeed(), map[uint64]struct{}{}, map[uint64]struct{}{}
	}
	clear(o.own)
	for _, signal := range b.signals {
		if signal.GetExternalReference() == "" {
			continue
		}
		reference := maphash.String(o.seed, signal.GetExternalReference())
		o.own[reference] = struct{}{}
		if _, shared := o.its[reference]; shared {
			before = o.last
		}
	}
	o.last, o.its, o.own = b, o.own, o.its
	return before
}
