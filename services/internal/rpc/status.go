package rpc

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"schakel.example/services/internal/fault"
)

const (
	// Domain is the ErrorInfo domain of our faults.
	Domain = "schakel"
	// MetaReference is the ErrorInfo metadata key of the reference under which
	// the cause of an internal fault stands in the log.
	MetaReference = "referentie"

	// maxFields bounds the details, which travel in a header.
	maxFields = 100
	// retryDelay is said when a fault does not know how long to wait.
	retryDelay = time.Second
)

// ToStatus tells a fault as gRPC does: its code, the English text as message,
// and as details ErrorInfo (reason), LocalizedMessage (Dutch), BadRequest
// (fields), ResourceInfo (what is in the way) and, when repeating may help,
// RetryInfo. Cause and text of an internal fault are left out.
func ToStatus(f *fault.Error) *status.Status {
	if f.Kind == fault.Internal {
		f = masked("")
	}
	return toStatus(f, nil)
}

// masked is what a caller is told of an internal fault.
func masked(reference string) *fault.Error {
	f := fault.Of(errors.New(""))
	f.Err = nil
	if reference != "" {
		f.Text.NL += " Vermeld daarbij: " + reference + "."
		f.Text.EN += " (reference " + reference + ")"
	}
	return f
}

func toStatus(f *fault.Error, meta map[string]string) *status.Status {
	details := []protoadapt.MessageV1{
		&errdetails.ErrorInfo{Reason: f.Reason, Domain: Domain, Metadata: meta},
		&errdetails.LocalizedMessage{Locale: "nl", Message: f.Text.NL},
	}
	if len(f.Fields) > 0 {
		details = append(details, badRequest(f.Fields))
	}
	if f.Resource != "" {
		details = append(details, &errdetails.ResourceInfo{ResourceName: f.Resource})
	}
	if f.Kind.Retryable() {
		delay := f.RetryAfter
		if delay <= 0 {
			delay = retryDelay
		}
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	}
	st, err := status.New(f.Kind.Code(), f.Text.EN).WithDetails(details...)
	if err != nil { // text that is not UTF-8: say less rather than nothing
		return status.New(f.Kind.Code(), f.Kind.String())
	}
	return st
}

func badRequest(fields []fault.Field) *errdetails.BadRequest {
	b := &errdetails.BadRequest{}
	for i, f := range fields {
		if i == maxFields {
			rest := len(fields) - maxFields
			f = fault.Field{Reason: "nog-meer-fouten", Text: fault.Text{
				NL: fmt.Sprintf("en nog %d fouten", rest), EN: fmt.Sprintf("and %d more faults", rest),
			}}
		}
		b.FieldViolations = append(b.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: f.Path, Reason: f.Reason, Description: f.Text.EN,
			LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: f.Text.NL},
		})
		if i == maxFields {
			break
		}
	}
	return b
}

// FromStatus makes the error of a call that we made into a fault again, with
// the error as its cause; nil stays nil. A status that is not of our making
// keeps its kind only, for its text may tell of internals. What is not a
// status is judged as fault.Of does.
func FromStatus(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); !ok {
		return fault.Of(err)
	}
	st := innermost(err)
	f := elsewhere(st.Code()).Because(err)
	ours := false
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			ours = d.GetDomain() == Domain
			f.Reason = d.GetReason()
		case *errdetails.LocalizedMessage:
			f.Text = fault.Text{NL: d.GetMessage(), EN: st.Message()}
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				f.Fields = append(f.Fields, fault.Field{Path: v.GetField(), Reason: v.GetReason(), Text: fault.Text{
					NL: v.GetLocalizedMessage().GetMessage(), EN: v.GetDescription(),
				}})
			}
		case *errdetails.ResourceInfo:
			f.Resource = d.GetResourceName()
		case *errdetails.RetryInfo:
			f.RetryAfter = d.GetRetryDelay().AsDuration()
		}
	}
	if !ours {
		return elsewhere(st.Code()).Because(err)
	}
	return f
}

// elsewhere is the fault that a status code stands for, when that is all there
// is.
func elsewhere(code codes.Code) *fault.Error {
	kind, known := map[codes.Code]fault.Kind{
		codes.InvalidArgument:    fault.Invalid,
		codes.OutOfRange:         fault.Invalid,
		codes.Unauthenticated:    fault.Unauthenticated,
		codes.PermissionDenied:   fault.Denied,
		codes.NotFound:           fault.NotFound,
		codes.AlreadyExists:      fault.Conflict,
		codes.Aborted:            fault.Conflict,
		codes.FailedPrecondition: fault.Precondition,
		codes.ResourceExhausted:  fault.Exhausted,
		codes.Unavailable:        fault.Unavailable,
		codes.DeadlineExceeded:   fault.Unavailable,
		codes.Canceled:           fault.Unavailable,
		// The other side is older than we are; it will not be for long.
		codes.Unimplemented: fault.Unavailable,
	}[code]
	if !known {
		return masked("")
	}
	return fault.New(kind, "fout-elders", fault.Text{
		NL: "Een ander onderdeel kon de aanvraag niet verwerken.",
		EN: "another part could not handle the request: " + kind.String(),
	})
}
