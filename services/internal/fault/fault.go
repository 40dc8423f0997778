package fault

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Text is a message for people: Dutch for the user, English beside it for logs
// and for who asks for it. It must not contain input.
type Text struct{ NL, EN string }

// Field is one fault in one field of the input.
type Field struct {
	// Path is the proto field path relative to the subject of the call, such as
	// "signal.provisions[0].jci".
	Path string
	// Reason is a stable slug, as in Error.
	Reason string
	// Text says what is wrong and, where possible, what would be right.
	Text Text
}

// Error is a fault of the domain or of a part it rests on.
type Error struct {
	Kind Kind
	// Reason is a stable slug in Dutch, such as "bestaat-al".
	Reason string
	Text   Text
	// Fields lists all faults of the input, not just the first.
	Fields []Field
	// Resource is the id of what is in the way, such as that of the signal that
	// holds a reference; empty when nothing is, or when the caller may not know.
	Resource string
	// RetryAfter is how long to wait before a repetition makes sense; zero when
	// unknown. Only a retryable kind carries it.
	RetryAfter time.Duration
	// Err is the technical cause, for the log only; may be nil.
	Err error
}

// Reasons that this package itself gives out.
const (
	ReasonInternal = "interne-fout"
	ReasonCanceled = "afgebroken"
	ReasonTimeout  = "te-lang-geduurd"
)

// New makes a fault without fields or cause.
func New(kind Kind, reason string, text Text) *Error {
	return &Error{Kind: kind, Reason: reason, Text: text}
}

// With returns a copy with the fields added.
func (e *Error) With(fields ...Field) *Error {
	c := *e
	c.Fields = append(slices.Clone(e.Fields), fields...)
	return &c
}

// Because returns a copy with err as its cause.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// About returns a copy that points at the resource that is in the way.
func (e *Error) About(resource string) *Error {
	c := *e
	c.Resource = resource
	return &c
}

// After returns a copy that says how long to wait before trying again.
func (e *Error) After(wait time.Duration) *Error {
	c := *e
	c.RetryAfter = wait
	return &c
}

// Error gives the reason, the English text and the cause, for logs. It must not
// be shown to callers, since the cause may tell of internals.
func (e *Error) Error() string {
	s := e.Reason + ": " + e.Text.EN
	for _, f := range e.Fields {
		s += "; " + f.Path + ": " + f.Text.EN
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is hold for a fault of the same kind and reason, so that one
// fault declared as a variable is recognised after With and Because.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Reason == e.Reason
}

// Of returns the nearest Error in the chain of err. An error of a context that
// was cancelled or ran out of time becomes Unavailable, anything else Internal;
// both keep err as their cause. Of(nil) is nil.
func Of(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return New(Unavailable, ReasonTimeout, Text{
			NL: "De verwerking duurde te lang en is gestopt. Probeer het later opnieuw.",
			EN: "processing took too long and was stopped; try again later",
		}).Because(err)
	case errors.Is(err, context.Canceled):
		return New(Unavailable, ReasonCanceled, Text{
			NL: "De aanvraag is afgebroken voordat zij klaar was.",
			EN: "the request was cancelled before it was done",
		}).Because(err)
	default:
		return New(Internal, ReasonInternal, Text{
			NL: "Er is een fout opgetreden in Schakel. Probeer het later opnieuw of meld het aan de beheerder.",
			EN: "an internal error occurred; try again later or tell the administrator",
		}).Because(err)
	}
}

// Is says whether err counts as a fault of kind k. It is false for nil.
func Is(err error, k Kind) bool { return err != nil && Of(err).Kind == k }
