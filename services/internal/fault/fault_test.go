package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"schakel.example/services/internal/fault"
)

func TestEachKindHasItsCodeStatusAndRetry(t *testing.T) {
	t.Parallel()
	type meaning struct {
		Name   string
		Code   codes.Code
		Status int
		Retry  bool
	}
	want := map[fault.Kind]meaning{
		fault.Internal:        {"internal", codes.Internal, http.StatusInternalServerError, false},
		fault.Invalid:         {"invalid", codes.InvalidArgument, http.StatusBadRequest, false},
		fault.Unauthenticated: {"unauthenticated", codes.Unauthenticated, http.StatusUnauthorized, false},
		fault.Denied:          {"denied", codes.PermissionDenied, http.StatusForbidden, false},
		fault.NotFound:        {"not found", codes.NotFound, http.StatusNotFound, false},
		fault.Conflict:        {"conflict", codes.AlreadyExists, http.StatusConflict, false},
		fault.Precondition:    {"precondition", codes.FailedPrecondition, http.StatusConflict, false},
		fault.Exhausted:       {"exhausted", codes.ResourceExhausted, http.StatusTooManyRequests, true},
		fault.Unavailable:     {"unavailable", codes.Unavailable, http.StatusServiceUnavailable, true},
		// A kind that does not exist counts as a defect of ours.
		fault.Kind(200): {"internal", codes.Internal, http.StatusInternalServerError, false},
	}
	got := map[fault.Kind]meaning{}
	for k := range want {
		got[k] = meaning{k.String(), k.Code(), k.HTTPStatus(), k.Retryable()}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestOfFindsTheFaultOrClassifiesTheError(t *testing.T) {
	t.Parallel()
	missing := fault.New(fault.NotFound, "onbekend-signaal", fault.Text{NL: "Onbekend.", EN: "unknown"})
	tests := []struct {
		name   string
		err    error
		kind   fault.Kind
		reason string
	}{
		{"a fault is itself", missing, fault.NotFound, "onbekend-signaal"},
		{"a wrapped fault is found", fmt.Errorf("reading: %w", missing), fault.NotFound, "onbekend-signaal"},
		{"the nearest fault wins over its cause", fault.New(fault.Denied, "buiten-bereik", fault.Text{}).Because(missing), fault.Denied, "buiten-bereik"},
		{"a fault wins over a context error within it", missing.Because(context.Canceled), fault.NotFound, "onbekend-signaal"},
		{"a deadline is unavailable", fmt.Errorf("query: %w", context.DeadlineExceeded), fault.Unavailable, fault.ReasonTimeout},
		{"a cancelled call is unavailable", fmt.Errorf("query: %w", context.Canceled), fault.Unavailable, fault.ReasonCanceled},
		{"anything else is internal", errors.New("boom"), fault.Internal, fault.ReasonInternal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := fault.Of(tt.err)
			if got.Kind != tt.kind || got.Reason != tt.reason {
				t.Errorf("Of = %v %q, want %v %q", got.Kind, got.Reason, tt.kind, tt.reason)
			}
			if !errors.Is(tt.err, got) && !errors.Is(got, tt.err) {
				t.Error("the error is lost from the chain")
			}
			if !fault.Is(tt.err, tt.kind) {
				t.Errorf("Is(%v) = false", tt.kind)
			}
		})
	}
}

func TestNoErrorIsNoFault(t *testing.T) {
	t.Parallel()
	if fault.Of(nil) != nil || fault.Is(nil, fault.Internal) {
		t.Error("nil is taken for a fault")
	}
}

func TestWithAndBecauseLeaveTheOriginalAlone(t *testing.T) {
	t.Parallel()
	base := fault.New(fault.Invalid, "ongeldig", fault.Text{NL: "Ongeldig.", EN: "invalid"})
	one := base.With(fault.Field{Path: "a"})
	// Two copies from one parent must not share the array behind their fields.
	left, right := one.With(fault.Field{Path: "b"}), one.With(fault.Field{Path: "c"})
	cause := errors.New("cause")
	because := one.Because(cause)

	if len(base.Fields) != 0 || base.Err != nil || one.Err != nil {
		t.Errorf("the original changed: %+v, %+v", base, one)
	}
	if left.Fields[1].Path != "b" || right.Fields[1].Path != "c" {
		t.Errorf("copies share fields: %v, %v", left.Fields, right.Fields)
	}
	if !errors.Is(because, cause) || !errors.Is(because, base) {
		t.Error("the copy lost its cause or its identity")
	}
	if errors.Is(because, fault.New(fault.Invalid, "anders", fault.Text{})) {
		t.Error("a fault with another reason counts as the same")
	}
}

func TestTheLogLineNamesReasonFieldsAndCause(t *testing.T) {
	t.Parallel()
	err := fault.New(fault.Invalid, "ongeldig", fault.Text{NL: "Ongeldig.", EN: "invalid"}).
		With(fault.Field{Path: "signal.title", Text: fault.Text{EN: "too long"}}).
		Because(errors.New("cause"))
	if got, want := err.Error(), "ongeldig: invalid; signal.title: too long: cause"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}
