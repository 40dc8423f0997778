package rest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"schakel.example/gateway/problem"
	"schakel.example/proto/wire"
)

const (
	// ahead is how many messages of a stream are kept ready.
	ahead = 64
	// writeAfter is how long a line may wait for others to be written with.
	writeAfter = 100 * time.Millisecond
)

// export is the answer to one call of an RPC that answers with a stream: a line
// of NDJSON for each message. The generated handler would wrap each message in
// an object, flush each, and end a stream that failed as if it were whole.
type export struct {
	*call
	out    *lineWriter
	ctx    context.Context // of the call to the service
	cancel context.CancelFunc
	head   bool // whether only the headers are asked for
	// messages is closed when the stream ends; failed then says why, or is nil
	// when that was all.
	messages chan proto.Message
	failed   error
}

// serveStream answers one request of an RPC that answers with a stream.
func (c *call) serveStream(w http.ResponseWriter, r *http.Request, values []string) {
	if !accepts(r, ndjsonType) {
		c.fail(w, r, notAcceptable())
		return
	}
	x := &exchange{call: c, w: w, r: r, values: values}
	request := c.input.New().Interface()
	if err := x.check(request, nil); err != nil {
		c.refuse(w, r, err)
		return
	}
	e := &export{call: c, out: c.newLineWriter(w), head: r.Method == http.MethodHead, messages: make(chan proto.Message, ahead)}
	e.ctx, e.cancel = context.WithCancel(outgoing(r.Context(), r))
	go e.receive(request)
	err := e.serve()
	e.cancel()
	for range e.messages { // until nobody uses the request any more
	}
	switch {
	case err == nil:
	case !e.out.begun:
		c.failCall(w, r, err, problem.Of(err, c.locate))
	default:
		c.Logger.WarnContext(r.Context(), "export broken off", slog.String("request_id", idOf(r.Context())),
			slog.String("route", r.Pattern), slog.Any("error", err))
		panic(http.ErrAbortHandler) // so that the part is not taken for the whole
	}
}

// receive reads the stream.
func (e *export) receive(request proto.Message) {
	defer close(e.messages)
	stream, err := e.open(request)
	for err == nil {
		message := e.output.New().Interface()
		if err = stream.RecvMsg(message); err != nil {
			break
		}
		select {
		case e.messages <- message:
		case <-e.ctx.Done():
			err = e.ctx.Err()
		}
	}
	if !errors.Is(err, io.EOF) {
		e.failed = err
	}
}

// open begins the call.
func (e *export) open(request proto.Message) (grpc.ClientStream, error) {
	stream, err := e.conn.NewStream(e.ctx, &grpc.StreamDesc{ServerStreams: true}, e.method)
	if err != nil {
		return nil, err
	}
	// A call that failed already says so by io.EOF; RecvMsg tells how.
	if err := stream.SendMsg(request); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return stream, stream.CloseSend()
}

// serve writes the lines. Until the first are written, what fails can still be
// a problem.
func (e *export) serve() error {
	silence, unwritten := time.NewTimer(e.Timeout), time.NewTimer(writeAfter)
	defer silence.Stop()
	defer unwritten.Stop()
	for {
		silence.Reset(e.Timeout)
		select {
		case message, more := <-e.messages:
			if !more && e.failed != nil {
				return e.failed
			}
			if !more || e.head {
				return e.out.end()
			}
			if len(e.out.buf) == 0 {
				unwritten.Reset(writeAfter)
			}
			if err := e.line(message); err != nil {
				return err
			}
		case <-unwritten.C:
			if err := e.out.drain(); err != nil {
				return err
			}
		case <-silence.C:
			return status.Error(codes.DeadlineExceeded, "the stream fell silent")
		}
	}
}

// line adds a line.
func (e *export) line(message proto.Message) error {
	if e.call.answer != nil {
		message = message.ProtoReflect().Get(e.call.answer).Message().Interface()
	}
	line, err := wire.Append(e.out.buf, message)
	if err != nil {
		return err
	}
	e.out.buf = append(line, '\n')
	if e.out.full() {
		return e.out.push()
	}
	return nil
}
