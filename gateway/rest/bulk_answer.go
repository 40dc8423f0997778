package rest

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/grpc/status"

	"schakel.example/gateway/problem"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// breach says where and why an upload was broken off.
type breach struct {
	line  int // the first that is not answered
	cause error
}

// answer answers the lines, in order, until all are answered or no more can be.
func (u *upload) answer() *breach {
	for {
		b, err := u.nextBatch()
		switch {
		case err != nil:
			return u.breakOff(breach{line: u.answered + 1, cause: err})
		case b == nil:
			return u.end()
		}
		if end := u.answerBatch(b); end != nil {
			return u.breakOff(*end)
		}
		<-u.slots
	}
}

// nextBatch gives the next batch when it is known what became of it, or nil
// after the last. What was answered is seen off before it waits.
func (u *upload) nextBatch() (*batch, error) {
	var b *batch
	select {
	case b = <-u.batches:
	default:
		if err := u.out.drain(); err != nil {
			return nil, err
		}
		b = <-u.batches
	}
	if b == nil {
		return nil, nil
	}
	select {
	case <-b.done:
	default:
		if err := u.out.drain(); err != nil {
			return nil, err
		}
		<-b.done
	}
	return b, nil
}

// answerBatch answers the lines of a batch. When nothing was answered before,
// and the service took none of them, it answers nothing: then there can be a
// problem for the whole, such as that there is no valid token.
func (u *upload) answerBatch(b *batch) *breach {
	results, faulty := b.results, 0
	if !u.out.begun && b.failed != nil && (len(results) == 0 || results[0] == nil) {
		return &breach{line: 1, cause: b.failed}
	}
	for _, e := range b.lines {
		var err error
		switch {
		case e.refused != nil:
			u.refused++
			u.out.buf = append(u.out.buf, e.refused...)
		case e.faults != nil:
			u.refused++
			u.appendFaults(e, b, faulty)
			faulty++
		case results[0] == nil:
			return &breach{line: e.number, cause: b.failed}
		default:
			err = u.appendResult(e.number, results[0])
			results = results[1:]
		}
		u.out.begin()
		u.answered = e.number
		if err == nil && u.out.full() {
			err = u.out.push()
		}
		if err != nil {
			return &breach{line: e.number, cause: err}
		}
	}
	return nil
}

// end ends the answer: only a whole one has the last line, which counts.
func (u *upload) end() *breach {
	if !u.whole {
		u.halt(errFailed) // if nothing says why, that is a defect
		return u.breakOff(breach{line: u.lines.number + 1, cause: u.why})
	}
	u.out.buf = fmt.Appendf(u.out.buf, `{"klaar":true,"regels":%d,"aangenomen":%d,"herhaald":%d,"geweigerd":%d}`+"\n",
		u.accepted+u.repeated+u.refused, u.accepted, u.repeated, u.refused)
	if err := u.out.end(); err != nil {
		return u.breakOff(breach{line: u.lines.number + 1, cause: err})
	}
	return nil
}

// breakOff ends the upload where it is. What went wrong is the answer to the
// first line that has none, or to the whole when no line has one.
func (u *upload) breakOff(end breach) *breach {
	if u.ctx.Err() != nil { // the calls failed because the client is gone
		end.cause = u.why
	}
	u.halt(errFailed)
	u.cancel()
	p := problem.Of(end.cause, unlocated)
	switch {
	case errors.Is(end.cause, errStopping):
		p = problem.New(http.StatusServiceUnavailable)
	case errors.Is(end.cause, u.why) && u.why != errFailed:
		p = cutOff(end.cause)
	}
	if !u.out.begun {
		u.out.extend()
		u.out.w.Header().Set("Connection", "close") // the rest of the body is not waited for
		u.failCall(u.out.w, u.r, end.cause, p)
		_ = u.out.rc.Flush()
		return &end
	}
	if !errors.Is(end.cause, errEndless) { // which was the answer to that line
		u.out.buf = u.appendRefusal(u.out.buf, end.line, "", p)
	}
	_ = u.out.push() // it is broken off all the same
	return &end
}

// appendResult adds the answer to a line that the service saw.
func (u *upload) appendResult(line int, result *signalsv1.SubmitResult) error {
	if fault := result.GetFault(); fault != nil {
		u.refused++
		p := problem.Of(status.FromProto(fault).Err(), u.locateInSignal)
		u.out.buf = u.appendRefusal(u.out.buf, line, result.GetExternalReference(), p)
		return nil
	}
	if u.trial {
		if p := u.tried.holds(line, result); p != nil {
			u.refused++
			u.out.buf = u.appendRefusal(u.out.buf, line, result.GetExternalReference(), p)
			return nil
		}
	}
	code := http.StatusCreated
	switch {
	case result.GetAccepted().GetRepeatedSubmission():
		u.repeated++
		code = http.StatusOK
	case u.trial:
		u.accepted++
		code = http.StatusOK
	default:
		u.accepted++
	}
	if u.faultsOnly {
		return nil
	}
	dst := appendHead(u.out.buf, line, code, result.GetExternalReference())
	start := len(dst)
	dst, err := wire.Append(dst, result.GetAccepted())
	if err != nil {
		return err
	}
	dst[start] = ',' // the members go on in the same object
	if len(dst) == start+len("{}") {
		dst = append(dst[:start], '}')
	}
	u.out.buf = append(dst, '\n')
	return nil
}

// appendFaults adds the answer to a line with faults, which is the nth of those in
// its batch. Its reference is repeated when the service has looked at it.
func (u *upload) appendFaults(e entry, b *batch, nth int) {
	var verdict *signalsv1.SubmitResult
	if nth < len(b.verdicts) {
		verdict = b.verdicts[nth]
	}
	p := u.problemOf(b.faulty[nth], verdict, e.faults)
	u.out.buf = u.appendRefusal(u.out.buf, e.number, verdict.GetExternalReference(), p)
}

// appendRefusal adds the answer to a line that is not accepted. Its reference
// is not repeated when that is what is wrong: it may be personal data.
func (u *upload) appendRefusal(dst []byte, line int, reference string, p *problem.Problem) []byte {
	if slices.ContainsFunc(p.Faults, func(f problem.Fault) bool { return f.Pointer == "/kenmerk" }) {
		reference = ""
	}
	dst = appendHead(dst, line, p.Status, reference)
	dst = append(dst, `,"probleem":`...)
	dst = u.problem.Append(dst, u.r, idOf(u.r.Context()), p)
	return append(dst, "}\n"...)
}

// appendHead adds the beginning of an answer.
func appendHead(dst []byte, line, status int, reference string) []byte {
	dst = strconv.AppendInt(append(dst, `{"regel":`...), int64(line), 10)
	dst = strconv.AppendInt(append(dst, `,"status":`...), int64(status), 10)
	if reference != "" {
		dst, _ = jsontext.AppendQuote(append(dst, `,"kenmerk":`...), reference) // it is UTF-8: it comes out of a proto
	}
	return dst
}

// locateInSignal finds what the caller sent for a field, whether its path starts
// at the signal, at the request of the single call, or at that of many.
func (u *upload) locateInSignal(path string) problem.Place {
	first, rest, _ := strings.Cut(path, ".")
	if first != "signal" && !strings.HasPrefix(first, "signals[") {
		rest = path
	}
	return problem.Place{Pointer: wire.Pointer((*signalsv1.Signal)(nil).ProtoReflect().Descriptor(), rest)}
}
