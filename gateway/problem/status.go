package problem

import (
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// domain marks the errors that Schakel's services made (errdetails.ErrorInfo).
const domain = "schakel"

// Place is where in a request something stands, as the members of a Fault say.
type Place struct{ Pointer, Parameter, Header string }

// Locate says where the caller finds the field at a proto path.
type Locate func(path string) Place

// Of makes a problem of what a gRPC call returned.
func Of(err error, locate Locate) *Problem {
	s := status.Convert(err)
	code := HTTPStatus(s.Code())
	p := &Problem{Status: code, Reason: reason(code), Text: text(code)}
	ours := false
	said := Text{EN: s.Message()}
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			if d.GetDomain() == domain && d.GetReason() != "" {
				ours = true
				p.Reason = d.GetReason()
			}
		case *errdetails.LocalizedMessage:
			said.NL = d.GetMessage()
		case *errdetails.RetryInfo:
			p.RetryAfter = d.GetRetryDelay().AsDuration()
		case *errdetails.ResourceInfo:
			p.Resource = d.GetResourceName()
		case *errdetails.BadRequest:
			p.Faults = append(p.Faults, Violations(d.GetFieldViolations(), locate)...)
		}
	}
	if !ours {
		// Not of a service of ours: of gRPC itself, or of a proxy between.
		return &Problem{Status: code, Reason: reason(code), Text: text(code)}
	}
	if said.NL != "" {
		p.Text = said
	}
	return p
}

// Violations makes faults of violations.
func Violations(all []*errdetails.BadRequest_FieldViolation, locate Locate) []Fault {
	faults := make([]Fault, len(all))
	for i, v := range all {
		f := Fault{Reason: v.GetReason(), Text: Text{NL: v.GetLocalizedMessage().GetMessage(), EN: v.GetDescription()}}
		at := locate(v.GetField())
		f.Pointer, f.Parameter, f.Header = at.Pointer, at.Parameter, at.Header
		faults[i] = f
	}
	return faults
}

// HTTPStatus is the HTTP status of a gRPC code. For the codes that the services
// give it is the table of their fault model.
func HTTPStatus(code codes.Code) int {
	switch code {
	case codes.InvalidArgument, codes.OutOfRange:
		return http.StatusBadRequest // not 422: ADR /core/error-handling/invalid-input
	case codes.Unauthenticated:
		return http.StatusUnauthorized
	case codes.PermissionDenied:
		return http.StatusForbidden
	case codes.NotFound:
		return http.StatusNotFound
	case codes.AlreadyExists, codes.Aborted, codes.FailedPrecondition:
		return http.StatusConflict
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled,
		codes.Unimplemented: // the service is older than we are; it will not be for long
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
