package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"schakel.example/gateway/problem"
	"schakel.example/proto/wire"
)

// check reads the request into the message for the service, from its start. The
// error is a [*problem.Problem] for what is wrong with the request, all of it;
// any other is a defect of ours. Of a request that can be tried out it asks judge,
// when there is something wrong with it already, what the service finds; judge may
// be nil.
func (x *exchange) check(request proto.Message, judge func(proto.Message) error) error {
	var found findings
	if err := x.readBody(request, &found); err != nil {
		return err
	}
	for i, path := range x.binding.Path {
		if err := found.add(wire.Variable(request, path, x.values[i])); err != nil {
			return err
		}
	}
	if err := found.add(x.binding.Query(x.r.URL.RawQuery, request)); err != nil {
		return err
	}
	if err := x.readHeaders(request, &found); err != nil {
		return err
	}
	if len(found.faults) == 0 {
		return nil
	}
	var verdict error
	if trial := trialOf(request); trial != nil && judge != nil && found.readable() {
		verdict = judge(trial)
	}
	if err := x.addVerdict(request, problem.Of(verdict, x.locate), &found); err != nil {
		return err
	}
	if x.unobserved {
		found.hush()
	}
	return found.problem()
}

// readBody reads the body. No body, or one of white space alone, is the same as
// {} where only parameters are asked for; where something is to be made or changed
// it is a fault, rather than that all of it lacks.
func (x *exchange) readBody(request proto.Message, found *findings) error {
	if x.body != nil {
		request.ProtoReflect().Mutable(x.body)
	}
	data, err := x.content(x.w, x.r)
	if len(bytes.TrimLeft(data, " \t\r\n")) == 0 {
		data = nil
	}
	switch {
	case err != nil:
		return err
	case x.binding.Body == "" && len(data) > 0:
		found.faults = append(found.faults, problem.Fault{Reason: "inhoud-niet-verwacht", Text: problem.Text{
			NL: "Deze aanvraag heeft geen inhoud.",
			EN: "this request has no content",
		}})
		return nil
	case len(data) == 0 && x.body == nil:
		return nil
	case len(data) > 0 && !sends(x.r, x.mediaType()):
		return x.unsupported()
	}
	return found.add(x.binding.Content(data, request))
}

// readHeaders reads the headers that hold a field. A condition that cannot be held
// is refused: whoever sets one counts on it.
func (x *exchange) readHeaders(request proto.Message, found *findings) error {
	if x.verb != http.MethodGet && x.r.Header.Get(ifMatch) != "" && !slices.Contains(x.headers, ifMatch) {
		found.faults = append(found.faults, problem.Fault{Header: ifMatch, Reason: "voorwaarde-niet-mogelijk", Text: problem.Text{
			NL: "Hier kan geen voorwaarde worden gesteld; laat deze kop weg.",
			EN: "no condition can be set here; leave this header out",
		}})
	}
	for _, name := range x.headers {
		texts := x.r.Header.Values(name)
		if name == ifMatch {
			text, fault := expected(texts)
			if fault != nil {
				found.faults = append(found.faults, *fault)
			}
			texts, x.conditional = nil, text != ""
			if x.conditional {
				texts = []string{text}
			}
		}
		if err := found.add(wire.Header(request, name, texts)); err != nil {
			return err
		}
	}
	return nil
}

// content reads the body's bytes, up to the limit.
func (c *call) content(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > c.MaxBody {
		return nil, problem.New(http.StatusRequestEntityTooLarge)
	}
	var data bytes.Buffer
	if r.ContentLength > 0 {
		data.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := data.ReadFrom(http.MaxBytesReader(w, r.Body, c.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, problem.New(http.StatusRequestEntityTooLarge)
	case err != nil: // the caller broke off, or its chunks are garbled
		return nil, cutOff(err)
	}
	return data.Bytes(), nil
}

// cutOff is the problem of a body that did not come whole.
func cutOff(err error) *problem.Problem {
	p := problem.New(http.StatusBadRequest)
	p.Reason = "inhoud-afgebroken"
	p.Text = problem.Text{NL: "De inhoud is niet volledig aangekomen.", EN: "the content did not arrive whole"}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		p.Text = problem.Text{NL: "De inhoud is korter dan aangekondigd.", EN: "the content is shorter than announced"}
	}
	return p
}

// findings gathers what is wrong with a request.
type findings struct {
	faults    []problem.Fault
	truncated bool
}

// add takes over the faults of an error of package wire; any other error comes
// back.
func (f *findings) add(err error) error {
	if err == nil {
		return nil
	}
	var read *wire.Error
	if !errors.As(err, &read) {
		return err
	}
	for _, fault := range read.Faults {
		f.faults = append(f.faults, problem.Fault{
			Pointer:   fault.Pointer,
			Parameter: fault.Parameter,
			Header:    fault.Header,
			Reason:    fault.Reason,
			Text:      problem.Text{NL: fault.NL, EN: fault.EN},
		})
	}
	f.truncated = f.truncated || read.Truncated
	return nil
}

// validateOnly is the field of a request that can be tried out.
const validateOnly = "validate_only"

// readable says whether there is anything in the body to look at, although there
// are faults in it.
func (f *findings) readable() bool {
	return !slices.ContainsFunc(f.faults, func(fault problem.Fault) bool {
		return fault.Pointer+fault.Parameter+fault.Header == "" && fault.Reason != wire.ReasonTrailing
	})
}

// trialOf is the request that has the service look at everything and store
// nothing; nil when there is no such request.
func trialOf(request proto.Message) proto.Message {
	field := request.ProtoReflect().Descriptor().Fields().ByName(validateOnly)
	if field == nil || field.Kind() != protoreflect.BoolKind {
		return nil
	}
	trial := proto.Clone(request)
	trial.ProtoReflect().Set(field, protoreflect.ValueOfBool(true))
	return trial
}

// addVerdict adds what the service says of the request as far as it was read, or
// else, when it has no faults to tell, what the rules of the proto say. What
// follows from a fault that is listed already is left out.
func (c *call) addVerdict(request proto.Message, verdict *problem.Problem, found *findings) error {
	more := verdict.Faults
	if len(more) == 0 {
		violations, err := c.violations(request)
		if err != nil {
			return err
		}
		more = problem.Violations(violations, c.locate)
	}
	read := found.faults
	type place struct{ pointer, parameter, header, reason string }
	listed := map[place]bool{}
	for _, v := range more {
		at := place{v.Pointer, v.Parameter, v.Header, v.Reason}
		follows := slices.ContainsFunc(read, func(f problem.Fault) bool { return covers(f, v) })
		if !follows && !listed[at] && c.named(request, v) {
			listed[at] = true
			found.faults = append(found.faults, v)
		}
	}
	return nil
}

// violations are what the rules say of the request, and of each message in it: a
// service may check the rules of those itself, and then the request's rules leave
// them out (IGNORE_ALWAYS).
func (c *call) violations(request proto.Message) ([]*errdetails.BadRequest_FieldViolation, error) {
	all, err := c.Rules.Check("", request)
	request.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if err == nil && f.Message() != nil && f.Cardinality() != protoreflect.Repeated {
			var more []*errdetails.BadRequest_FieldViolation
			more, err = c.Rules.Check(string(f.Name()), v.Message().Interface())
			all = append(all, more...)
		}
		return err == nil
	})
	return all, err
}

// named says whether a violation is of something that the caller said. Of what a
// merge patch does not name the rest stands elsewhere.
func (c *call) named(request proto.Message, violation problem.Fault) bool {
	if !c.binding.Patch || violation.Parameter != "" || violation.Header != "" {
		return true
	}
	return slices.ContainsFunc(c.binding.Named(request), func(pointer string) bool {
		return strings.HasPrefix(violation.Pointer+"/", pointer+"/")
	})
}

// covers says whether a violation may follow from a fault: it is at the same
// place, above it or below it.
func covers(fault, violation problem.Fault) bool {
	if fault.Parameter != "" || violation.Parameter != "" || fault.Header != "" || violation.Header != "" {
		return fault.Parameter == violation.Parameter && fault.Header == violation.Header
	}
	if fault.Reason == wire.ReasonTrailing {
		return false // all before it was read
	}
	return strings.HasPrefix(fault.Pointer+"/", violation.Pointer+"/") ||
		strings.HasPrefix(violation.Pointer+"/", fault.Pointer+"/")
}

// problem makes the one answer.
func (f *findings) problem() *problem.Problem {
	p := problem.New(http.StatusBadRequest)
	p.Faults = f.faults
	switch n := len(f.faults); {
	case f.truncated:
		p.Text = problem.Text{
			NL: "Er zijn te veel fouten in de invoer om ze allemaal te noemen.",
			EN: "there are too many faults in the input to list them all",
		}
	case n == 1:
		p.Text = problem.Text{NL: "Er is 1 fout in de invoer.", EN: "there is 1 fault in the input"}
	default:
		p.Text = problem.Text{
			NL: fmt.Sprintf("Er zijn %d fouten in de invoer.", n),
			EN: fmt.Sprintf("there are %d faults in the input", n),
		}
	}
	return p
}
