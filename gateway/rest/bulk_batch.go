package rest

import (
	"log/slog"
	"net/http"

	"google.golang.org/grpc/status"

	"schakel.example/gateway/problem"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
)

// batch is some lines in a row, of which the signals go in one call.
type batch struct {
	first   bool // of the upload
	trial   bool
	lines   []entry
	signals []*signalsv1.Signal
	size    int    // bytes of the signals' JSON, and of the answers that are there already
	before  *batch // that must be done before this one is sent; nil for none

	// faulty are the signals, as far as they could be read, of lines with faults in
	// their JSON.
	faulty []*signalsv1.Signal

	// done is closed when it is known what became of the signals: results has
	// one for each, which is nil when it is not known; then failed says why.
	// Verdicts has what the service says of each that is faulty, nil for nothing.
	done     chan struct{}
	results  []*signalsv1.SubmitResult
	failed   error
	verdicts []*signalsv1.SubmitResult
}

// entry is one line of a batch: a signal, unless it has an answer already or
// faults, which are told with those that the service finds.
type entry struct {
	number  int
	refused []byte
	faults  *findings
}

func (u *upload) newBatch(first bool) *batch {
	return &batch{first: first, trial: u.trial, done: make(chan struct{})}
}

func (b *batch) full() bool { return len(b.lines) >= maxBatch || b.size >= maxBatchBytes }

// gather cuts what is read into lines, and sends them in batches: all that is at
// hand, as soon as a slot is free.
func (u *upload) gather() {
	defer close(u.batches)
	u.batch = u.newBatch(true)
	for u.take() && u.await() {
	}
	switch {
	case u.whole:
		if text, found := u.lines.last(); found != foundPart {
			u.add(text, found)
		}
	case u.why != errStalled && u.why != errStopping && u.why != errEndless:
		return
	}
	if len(u.batch.lines) == 0 && !(u.whole && u.batch.first) {
		return
	}
	select {
	case u.slots <- struct{}{}:
		u.send()
	case <-u.ctx.Done():
		u.whole = false
	}
}

// take takes lines from the block, as many as there are and fit. It says
// whether there may be more to come.
func (u *upload) take() bool {
	for !u.batch.full() {
		text, found := u.lines.next()
		switch found {
		case foundPart:
			if u.block != nil {
				u.free <- u.block[:cap(u.block)]
				u.block = nil
			}
			return true
		case foundEndless:
			u.add(text, found)
			u.halt(errEndless)
			return false
		default:
			u.add(text, found)
		}
	}
	return true
}

// await waits for what comes first: a block if there is room, a slot if there
// is something to send, or the end, of which it says false. A block at hand
// goes first, so that batches are large when much is sent.
func (u *upload) await() bool {
	blocks, slots := u.blocks, u.slots
	if u.batch.full() {
		blocks = nil
	}
	if len(u.batch.lines) == 0 {
		slots = nil
	}
	select {
	case block, ok := <-blocks:
		return u.feed(block, ok)
	default:
	}
	select {
	case block, ok := <-blocks:
		return u.feed(block, ok)
	case slots <- struct{}{}:
		u.send()
		return true
	case <-u.halted:
		return false
	}
}

// feed takes a block, or notes that there is no more, of which it says false.
func (u *upload) feed(block []byte, ok bool) bool {
	if !ok {
		u.whole = u.eof
		return false
	}
	u.block = block
	u.lines.feed(block)
	return true
}

// send sends the batch, for which there is a slot, and begins another.
func (u *upload) send() {
	b := u.batch
	u.batch = u.newBatch(false)
	b.before = u.order.after(b)
	u.start(func() { u.store(b) })
	u.batches <- b // has room for as many as there are slots
}

// add adds a line to the batch. One with faults in its JSON is only looked at.
func (u *upload) add(text []byte, found kind) {
	b := u.batch
	e := entry{number: u.lines.number}
	signal := &signalsv1.Signal{}
	faults, refused := u.parse(text, found, signal)
	switch {
	case refused != nil:
		e.refused = u.appendRefusal(nil, e.number, "", refused)
		b.size += len(e.refused)
	case faults != nil:
		e.faults = faults
		b.faulty = append(b.faulty, signal)
		b.size += len(text) + faultSize*len(faults.faults)
	default:
		b.signals = append(b.signals, signal)
		b.size += len(text)
	}
	b.lines = append(b.lines, e)
}

// parse reads a line as the body of the single call is read: what is wrong with
// it is the same problem, of which the faults are told alone while the service can
// have more of them.
func (u *upload) parse(text []byte, kind kind, signal *signalsv1.Signal) (*findings, *problem.Problem) {
	if kind != foundLine {
		p := problem.New(http.StatusRequestEntityTooLarge)
		p.Text = problem.Text{NL: "Deze regel is te lang: een signaal is hoogstens 128 KiB.", EN: "this line is too long: a signal is at most 128 KiB"}
		return nil, p
	}
	err := u.reader.UnmarshalInput(text, signal)
	if err == nil {
		return nil, nil
	}
	var found findings
	if err = found.add(err); err != nil {
		return nil, u.defect(err)
	}
	if found.readable() {
		return &found, nil
	}
	return nil, u.problemOf(signal, nil, &found)
}

// problemOf is what is wrong with a line that has faults, with what the service
// says of it.
func (u *upload) problemOf(signal *signalsv1.Signal, verdict *signalsv1.SubmitResult, found *findings) *problem.Problem {
	said := problem.Of(status.FromProto(verdict.GetFault()).Err(), u.locateInSignal)
	if err := u.addVerdict(&signalsv1.SubmitSignalRequest{Signal: signal}, said, found); err != nil {
		return u.defect(err)
	}
	return found.problem()
}

func (u *upload) defect(err error) *problem.Problem {
	u.Logger.ErrorContext(u.r.Context(), "line not read", slog.String("request_id", idOf(u.r.Context())), slog.Any("error", err))
	return problem.New(http.StatusInternalServerError)
}
