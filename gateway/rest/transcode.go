package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"schakel.example/gateway/problem"
	contactsv1 "schakel.example/proto/gen/go/schakel/contacts/v1"
	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/wire"
)

// exchange is one request on its way through the generated handlers of
// grpc-gateway, and what was found out about it. Those handlers flatten a fault
// into a line of English and end at the first; so body, query and headers are
// kept from them, and the call itself is where the request is read, and where
// all that is wrong comes together.
type exchange struct {
	*call
	w      http.ResponseWriter
	r      *http.Request // as it came in
	values []string      // of the path's variables

	// conditional says that the caller named the revision that must be there.
	conditional bool
	// trial says that nothing is stored.
	trial bool
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
		runtime.WithForwardResponseOption(conclude),
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
	case &signalsv1.TriageService_ServiceDesc:
		return signalsv1.RegisterTriageServiceHandlerClient(ctx, mux, signalsv1.NewTriageServiceClient(conn))
	case &signalsv1.ProtectedSignalService_ServiceDesc:
		return signalsv1.RegisterProtectedSignalServiceHandlerClient(ctx, mux, signalsv1.NewProtectedSignalServiceClient(conn))
	case &referencev1.ReferenceService_ServiceDesc:
		return referencev1.RegisterReferenceServiceHandlerClient(ctx, mux, referencev1.NewReferenceServiceClient(conn))
	case &lettersv1.ProposalService_ServiceDesc:
		return lettersv1.RegisterProposalServiceHandlerClient(ctx, mux, lettersv1.NewProposalServiceClient(conn))
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

// serve answers one request, by the generated handler of its route. That gets
// to see the path alone: of headers, too, it would log those that it does not
// understand.
func (c *call) serve(w http.ResponseWriter, r *http.Request, values []string) {
	if !acceptsJSON(r) {
		c.fail(w, r, problem.New(http.StatusNotAcceptable))
		return
	}
	x := &exchange{call: c, w: w, r: r, values: values}
	inner := &http.Request{
		Method: c.verb, // of HEAD, which is GET, net/http leaves the body out
		URL:    &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath},
		Header: http.Header{},
		Body:   http.NoBody,
	}
	c.mux.ServeHTTP(&answer{ResponseWriter: w, exchange: x}, inner.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
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
	if status == http.StatusNotModified {
		a.Header().Del("Content-Type")
		a.Header().Del("Content-Length")
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write begins a good answer. Its error says nothing of the caller's connection,
// as grpc-gateway logs it.
func (a *answer) Write(data []byte) (int, error) {
	if !a.begun && a.status != 0 {
		a.WriteHeader(a.status)
	}
	if a.status == http.StatusNotModified {
		return len(data), nil // there is none
	}
	n, err := a.ResponseWriter.Write(data)
	if err != nil {
		err = errors.New("rest: the caller went away")
	}
	return n, err
}

// codec is the Dutch JSON as a marshaler of grpc-gateway, for answers alone.
type codec struct{}

// ContentType implements runtime.Marshaler.
func (codec) ContentType(any) string { return jsonType }

// Marshal implements runtime.Marshaler.
func (codec) Marshal(v any) ([]byte, error) {
	m, ok := v.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("rest: an answer of type %T is no message", v)
	}
	return wire.MarshalAnswer(m)
}

// Unmarshal implements runtime.Marshaler; it is not used.
func (codec) Unmarshal([]byte, any) error { return errors.New("rest: requests are read otherwise") }

// NewDecoder implements runtime.Marshaler. To a generated handler each body is
// empty.
func (codec) NewDecoder(io.Reader) runtime.Decoder {
	return runtime.DecoderFunc(func(any) error { return io.EOF })
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
	err := x.check(in, func(trial proto.Message) error {
		ctx, cancel := context.WithTimeout(outgoing(ctx, x.r), x.Timeout)
		defer cancel()
		return c.ClientConnInterface.Invoke(ctx, method, trial, out.ProtoReflect().New().Interface())
	})
	if err != nil {
		return err
	}
	x.trial = isTrue(in.ProtoReflect(), validateOnly)
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
		s.failCall(w, x.r, ofService.error, x.unmet(problem.Of(ofService.error, x.locate)))
	case x.response != nil: // the answer could not be written
		w.Header().Del("Location")
		x.status = 0
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
	if found := x.check(x.input.New().Interface(), nil); found != nil {
		return found
	}
	return err
}

// handleRouting answers for a path that the mux does not know; the route table
// goes before it and knows the same paths.
func (s *server) handleRouting(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, status int) {
	if x := exchangeOf(r.Context()); x != nil {
		r = x.r
	}
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

// conclude gives a good answer its status and what else its headers say of it.
func conclude(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	x := exchangeOf(ctx)
	if x == nil || x.response == nil {
		return nil
	}
	response := x.response.ProtoReflect()
	switch {
	case !x.creates:
		tag := x.tag(response)
		if x.reference {
			tag = x.hashTag(response)
		}
		x.tell(w.Header(), tag)
		x.share(w.Header())
	case !x.trial && !isTrue(response, "repeated_submission"):
		x.status = http.StatusCreated
		if id := x.memberID(response); x.locates && id != "" {
			w.Header().Set("Location", x.r.URL.EscapedPath()+"/"+url.PathEscape(id))
		}
	}
	return nil
}

// tell tells the entity tag, if any; whoever has that content already gets no
// other (RFC 9110 §13.1.2).
func (x *exchange) tell(h http.Header, tag string) {
	if tag == "" {
		return
	}
	h.Set("ETag", tag)
	if x.verb == http.MethodGet && matches(x.r.Header.Values("If-None-Match"), tag) {
		x.status = http.StatusNotModified
	}
}
