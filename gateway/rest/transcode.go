package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"schakel.example/gateway/problem"
	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// exchange is one request on its way through the generated handlers of
// grpc-gateway, and what was found out about it. Those handlers flatten a fault
// of the body into a line of English and end at the first; so here the body's
// faults are set aside, the query is kept from them, and the call itself is
// where all that is wrong comes together.
type exchange struct {
	*call
	w      http.ResponseWriter
	r      *http.Request // as it came in
	values []string      // of the path's variables
	raw    *body

	found findings
	// failed is what ended the reading of the body; nil while nothing did.
	failed error
	// response is the service's answer, once there is one.
	response proto.Message
	// status is what a good answer gets; 0 is 200.
	status int
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// newMux makes the mux of the generated handlers.
func (s *server) newMux() *runtime.ServeMux {
	return runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, codec{}),
		runtime.WithErrorHandler(s.handleError),
		runtime.WithRoutingErrorHandler(s.handleRouting),
		runtime.WithForwardResponseOption(created),
		// The services get what outgoing says, and nothing of theirs is passed
		// back but the message.
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllCharacters),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithWriteContentLength(),
	)
}

// bind registers the generated handlers of an RPC service.
func bind(mux *runtime.ServeMux, desc *grpc.ServiceDesc, conn grpc.ClientConnInterface) error {
	ctx := context.Background() // it is used for nothing
	switch desc {
	case &signalsv1.SignalService_ServiceDesc:
		return signalsv1.RegisterSignalServiceHandlerClient(ctx, mux, signalsv1.NewSignalServiceClient(conn))
	case &lettersv1.BottleneckService_ServiceDesc:
		return lettersv1.RegisterBottleneckServiceHandlerClient(ctx, mux, lettersv1.NewBottleneckServiceClient(conn))
	case &lettersv1.LetterService_ServiceDesc:
		return lettersv1.RegisterLetterServiceHandlerClient(ctx, mux, lettersv1.NewLetterServiceClient(conn))
	case &lettersv1.EditionService_ServiceDesc:
		return lettersv1.RegisterEditionServiceHandlerClient(ctx, mux, lettersv1.NewEditionServiceClient(conn))
	case &contactsv1.ContactService_ServiceDesc:
		return contactsv1.RegisterContactServiceHandlerClient(ctx, mux, contactsv1.NewContactServiceClient(conn))
	}
	return fmt.Errorf("rest: no handlers are generated for %s", desc.ServiceName)
}

// serve answers one request, by the generated handler of its route.
func (c *call) serve(w http.ResponseWriter, r *http.Request, values []string) {
	if !acceptsJSON(r) {
		c.fail(w, r, problem.New(http.StatusNotAcceptable))
		return
	}
	x := &exchange{call: c, w: w, r: r, values: values}
	x.raw = &body{exchange: x}
	inner := r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	inner.Body = x.raw
	if inner.Method == http.MethodHead {
		inner.Method = http.MethodGet // net/http leaves the body out
	}
	inner.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath} // the query is read below
	c.mux.ServeHTTP(&answer{ResponseWriter: w, exchange: x}, inner)
}

// answer gives a good answer its status as late as its first byte: an answer
// that cannot be written is none.
type answer struct {
	http.ResponseWriter
	*exchange
	begun bool
}

// WriteHeader begins the answer with a status, which a problem has.
func (a *answer) WriteHeader(status int) {
	a.begun = true
	a.ResponseWriter.WriteHeader(status)
}

// Write begins a good answer.
func (a *answer) Write(data []byte) (int, error) {
	if !a.begun && a.status != 0 {
		a.WriteHeader(a.status)
	}
	return a.ResponseWriter.Write(data)
}

// body is the request's body as the generated handlers see it.
type body struct {
	*exchange
	data []byte
	read bool // whether data is all of it
}

// load reads the whole body, once. An error is kept in the exchange.
func (b *body) load() {
	if !b.read {
		b.read = true
		b.data, b.failed = b.content(b.w, b.r)
	}
}

// Read implements io.Reader: whoever reads on gets nothing, as the body was
// loaded whole.
func (b *body) Read([]byte) (int, error) {
	b.load()
	return 0, io.EOF
}

// Close implements io.Closer.
func (b *body) Close() error { return b.r.Body.Close() }

// codec is the Dutch JSON as a marshaler of grpc-gateway.
type codec struct{}

// ContentType implements runtime.Marshaler.
func (codec) ContentType(any) string { return "application/json" }

// Marshal implements runtime.Marshaler.
func (codec) Marshal(v any) ([]byte, error) {
	m, ok := v.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("rest: an answer of type %T is no message", v)
	}
	return wire.MarshalAnswer(m)
}

// Unmarshal implements runtime.Marshaler.
func (codec) Unmarshal(data []byte, v any) error {
	m, err := messageIn(v)
	if err != nil {
		return err
	}
	return wire.UnmarshalInput(data, m)
}

// NewDecoder implements runtime.Marshaler. Its decoder keeps the faults of a
// request's body in the exchange, and lets the handler go on.
func (c codec) NewDecoder(r io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(v any) error {
		b, ok := r.(*body)
		if !ok {
			return errors.New("rest: not the body of a request")
		}
		if b.load(); b.failed != nil || len(b.data) == 0 {
			return io.EOF // the handler takes it for an empty body
		}
		if !sendsJSON(b.r) {
			b.failed = problem.New(http.StatusUnsupportedMediaType)
			return io.EOF
		}
		b.failed = b.found.add(c.Unmarshal(b.data, v))
		return nil
	})
}

// NewEncoder implements runtime.Marshaler; only streams would use it.
func (c codec) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		data, err := c.Marshal(v)
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	})
}

// messageIn is the message in what a generated handler wants filled: a message,
// or where a pointer to a new one goes.
func messageIn(v any) (proto.Message, error) {
	if m, ok := v.(proto.Message); ok {
		return m, nil
	}
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.Elem().Kind() == reflect.Pointer {
		p.Elem().Set(reflect.New(p.Elem().Type().Elem()))
		if m, ok := p.Elem().Interface().(proto.Message); ok {
			return m, nil
		}
	}
	return nil, fmt.Errorf("rest: a body of type %T is no message", v)
}

// checked is a connection that makes a call only for a request with nothing
// wrong.
type checked struct{ grpc.ClientConnInterface }

// Invoke implements grpc.ClientConnInterface.
func (c checked) Invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	x := exchangeOf(ctx)
	in, isMessage := request.(proto.Message)
	out, isMessageToo := response.(proto.Message)
	if x == nil || !isMessage || !isMessageToo {
		return errors.New("rest: a call without a request")
	}
	if err := x.check(in); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(outgoing(ctx, x.r), x.Timeout)
	defer cancel()
	if err := c.ClientConnInterface.Invoke(ctx, method, in, out, options...); err != nil {
		return &serviceError{err}
	}
	x.response = out
	return nil
}

// serviceError is what a call came to, rather than what the request lacks.
type serviceError struct{ error }

// Unwrap gives the error of the call.
func (e *serviceError) Unwrap() error { return e.error }

// handleError answers what did not become an answer.
func (s *server) handleError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(r.Context())
	var ofService *serviceError
	switch {
	case x == nil:
		s.failCall(w, r, err, problem.New(http.StatusInternalServerError))
	case errors.As(err, &ofService):
		s.failCall(w, x.r, ofService.error, problem.Of(ofService.error, x.locate))
	case x.response != nil: // the answer could not be written
		w.Header().Del("Location")
		s.failCall(w, x.r, err, problem.New(http.StatusInternalServerError))
	default:
		s.refuse(w, x.r, x.why(err))
	}
}

// why says what is wrong with a request that the generated handler or the check
// refused. The handler ends at a variable of the path that it cannot read; what
// else is wrong is found here.
func (x *exchange) why(err error) error {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p
	}
	if found := x.check(x.input.New().Interface()); found != nil {
		return found
	}
	return err
}

// handleRouting answers for a path that the mux does not know; the route table
// goes before it and knows the same paths.
func (s *server) handleRouting(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, status int) {
	s.fail(w, r, problem.New(status))
}

// refuse answers a request that was not passed on.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem.Problem
	if !errors.As(err, &p) {
		p = problem.New(http.StatusInternalServerError)
	}
	s.failCall(w, r, err, p)
}

// created answers 201 and says where, when the call made something new.
func created(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	x := exchangeOf(ctx)
	if x == nil || x.response == nil || !x.creates || repeated(x.response.ProtoReflect()) {
		return nil
	}
	x.status = http.StatusCreated
	if id := x.memberID(x.response.ProtoReflect()); x.locates && id != "" {
		w.Header().Set("Location", x.r.URL.EscapedPath()+"/"+url.PathEscape(id))
	}
	return nil
}
