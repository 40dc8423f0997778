package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"schakel.example/gateway/problem"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// The limits of an upload, beside those of Config.
const (
	// maxLine is how many bytes a line may have. What a longer one holds is not
	// read, and beyond maxEndless it is not waited for its end.
	maxLine    = 128 << 10
	maxEndless = 1 << 20
	// maxBatch is how many signals go in one call (BatchSubmitSignalsRequest),
	// and maxBatchBytes after how many bytes of JSON no line is added: services
	// take 1 MiB, and a signal is larger as JSON than in binary form.
	maxBatch      = 1000
	maxBatchBytes = 1<<20 - maxLine
	// faultSize is about how many bytes a fault takes until it is told.
	faultSize = 256
	// inFlight is how many batches may be on their way or be written: one is
	// stored while the answers of the other are written. A third is gathered.
	inFlight = 2
	// linger is how long is read on, for nothing, after an upload was broken
	// off: a connection that is closed on a client that sends on takes with it
	// what the client has not read yet (RFC 9112 §9.6).
	linger = 500 * time.Millisecond
)

// bulk takes signals in, a line of NDJSON each, and answers a line for each, in
// order, as soon as it is known.
type bulk struct {
	*call  // SubmitSignal: a line is what its body is
	client signalsv1.SignalServiceClient
}

// Why an upload ends before its end.
var (
	errGone     = errors.New("the client is gone")
	errStalled  = errors.New("the client sends nothing")
	errEndless  = errors.New("a line has no end")
	errStopping = errors.New("the program stops")
	errFailed   = errors.New("the upload failed")
)

// upload is one request. Four goroutines share the work: one reads blocks, one
// cuts them into lines and gathers batches, one watches for what ends it, and
// that of the request answers; and there is one for each batch on its way.
type upload struct {
	*bulk
	r          *http.Request
	out        *lineWriter
	trial      bool // nothing is stored
	faultsOnly bool // what went well is not answered

	ctx     context.Context // of the calls to the service
	cancel  context.CancelFunc
	done    chan struct{} // closed when all is answered
	running sync.WaitGroup

	// halted is closed when no more is to be read; why is set before, and
	// lingers: whether what still comes ends by itself.
	halted  chan struct{}
	once    sync.Once
	why     error
	lingers bool

	// Of read.
	silence *time.Timer // fires when the client sends nothing for too long
	free    chan []byte // blocks to read into
	blocks  chan []byte // what was read; closed at the end
	eof     bool        // whether that is the end of the body

	// Of gather.
	lines   lines
	reader  wire.Reader
	block   []byte // that lines are cut from
	batch   *batch // the next to send
	order   order
	slots   chan struct{} // holds one for each batch sent and not yet answered
	batches chan *batch   // in the order of their lines; closed after the last
	whole   bool          // whether that is all there was in the body

	// Of answer.
	tried                       tried
	answered                    int // the number of the last line that has its answer
	accepted, repeated, refused int
}

// serve answers one upload.
func (b *bulk) serve(w http.ResponseWriter, r *http.Request, _ []string) {
	u := &upload{bulk: b, r: r, out: b.newLineWriter(w)}
	if err := u.check(); err != nil {
		b.refuse(w, r, err)
		return
	}
	end := u.run()
	if end == nil || !u.out.begun {
		return
	}
	b.Logger.WarnContext(r.Context(), "upload broken off", slog.String("request_id", idOf(r.Context())),
		slog.Int("line", end.line), slog.Any("error", end.cause))
	panic(http.ErrAbortHandler) // so that the part is not taken for the whole
}

// run reads and answers, and says what broke the upload off, if anything did.
func (u *upload) run() *breach {
	u.done, u.halted = make(chan struct{}), make(chan struct{})
	u.free, u.blocks = make(chan []byte, blockCount), make(chan []byte)
	u.lines = lines{max: maxLine, endless: maxEndless}
	u.slots, u.batches = make(chan struct{}, inFlight), make(chan *batch, inFlight)
	u.silence = time.NewTimer(u.Stall)
	defer u.silence.Stop()
	// Not of the request's own end, which also comes when nothing is read any
	// more: watch tells these apart.
	u.ctx, u.cancel = context.WithCancel(outgoing(context.WithoutCancel(u.r.Context()), u.r))
	// Where these are not known, as in some tests, they are not needed.
	_ = u.out.rc.EnableFullDuplex()
	_ = u.out.rc.SetReadDeadline(time.Time{}) // the server's; silence takes its place
	u.start(u.read)
	u.start(u.gather)
	u.start(u.watch)
	end := u.answer()
	close(u.done)
	u.cancel()
	u.running.Wait()
	return end
}

// start runs part of the work beside the rest. A panic ends this upload, and no
// other.
func (u *upload) start(part func()) {
	u.running.Go(func() {
		defer func() {
			if cause := recover(); cause != nil {
				u.Logger.ErrorContext(u.r.Context(), "panic", slog.String("request_id", idOf(u.r.Context())),
					slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
				u.halt(errFailed)
				u.cancel()
			}
		}()
		part()
	})
}

// check reads what the request says of itself.
func (u *upload) check() error {
	if !accepts(u.r, ndjsonType) {
		return notAcceptable()
	}
	if !sends(u.r, ndjsonType, "application/ndjson", "application/jsonl") {
		p := problem.New(http.StatusUnsupportedMediaType)
		p.Text = problem.Text{
			NL: "Stuur de inhoud als application/x-ndjson in UTF-8, ongecomprimeerd, met de header Content-Type: op elke regel een signaal.",
			EN: "send the content as application/x-ndjson in UTF-8, not compressed, with the header Content-Type: a signal on each line",
		}
		return p
	}
	return u.query()
}

// query reads the query. That only faults are asked for is not for the service
// to know: the parameter is read as the other one is, which is like it.
func (u *upload) query() error {
	const faultsOnly, trial = "alleenFouten", "proefdraaien"
	var own, others []string
	for pair := range strings.SplitSeq(u.r.URL.RawQuery, "&") {
		if name, value, _ := strings.Cut(pair, "="); name == faultsOnly {
			own = append(own, trial+"="+value)
		} else {
			others = append(others, pair)
		}
	}
	var found findings
	binding := wire.Binding{Body: "signals"}
	var request, stand signalsv1.BatchSubmitSignalsRequest
	if err := found.add(binding.Query(strings.Join(own, "&"), &stand)); err != nil {
		return err
	}
	for i := range found.faults {
		found.faults[i].Parameter = faultsOnly
	}
	if err := found.add(binding.Query(strings.Join(others, "&"), &request)); err != nil {
		return err
	}
	u.trial, u.faultsOnly = request.GetValidateOnly(), stand.GetValidateOnly()
	if len(found.faults) > 0 {
		return found.problem()
	}
	return nil
}

// halt ends the reading, and says whether it was the first to.
func (u *upload) halt(why error) (first bool) {
	u.once.Do(func() {
		first = true
		u.why = why
		u.lingers = u.out.rc.SetReadDeadline(time.Now().Add(linger)) == nil
		if !u.lingers {
			_ = u.r.Body.Close() // where there is no connection, this is what ends a read
		}
		close(u.halted)
	})
	return first
}

// watch ends the upload when the client is gone or silent, or the program stops.
func (u *upload) watch() {
	stopping := u.Stopping
	for {
		select {
		case <-u.silence.C:
			u.halt(errStalled)
		case <-stopping:
			stopping = nil
			u.halt(errStopping)
		case <-u.r.Context().Done():
			if u.halt(errGone) {
				u.cancel()
			}
			return
		case <-u.done:
			return
		}
	}
}
