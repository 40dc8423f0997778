package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	ledgerv1 "schakel.example/proto/gen/go/schakel/ledger/v1"
	"schakel.example/services/internal/fault"
)

// detail finds the detail of a type in a status.
func detail[T any](t *testing.T, err error) T {
	t.Helper()
	var none T
	for _, d := range status.Convert(err).Details() {
		if d, ok := d.(T); ok {
			return d
		}
	}
	t.Errorf("%v has no %T", status.Convert(err).Proto(), none)
	return none
}

func errorInfo(t *testing.T, err error) *errdetails.ErrorInfo {
	t.Helper()
	return detail[*errdetails.ErrorInfo](t, err)
}

func kinds() []fault.Kind {
	return []fault.Kind{
		fault.Invalid, fault.Unauthenticated, fault.Denied, fault.NotFound, fault.Conflict,
		fault.Precondition, fault.Exhausted, fault.Unavailable, fault.Internal,
	}
}

func TestAFaultSurvivesTheWayThere(t *testing.T) {
	t.Parallel()
	b := start(t, settings{})
	b.each(t, func(t *testing.T, conn grpc.ClientConnInterface) {
		for _, kind := range kinds() {
			sent := fault.New(kind, "een-reden", fault.Text{NL: "Tekst.", EN: "text"}).
				With(fault.Field{Path: "signal.title", Reason: "te-lang", Text: fault.Text{NL: "te lang", EN: "too long"}}).
				About("resource-1").
				Because(errors.New("secret inside"))
			if kind.Retryable() {
				sent = sent.After(3 * time.Second)
			}
			b.fake.proof = func(context.Context, *ledgerv1.GetInclusionProofRequest) (*ledgerv1.GetInclusionProofResponse, error) {
				return nil, fmt.Errorf("wrapped: %w", sent)
			}
			_, err := proof(within(t), conn)
			if strings.Contains(status.Convert(err).Proto().String(), "secret") {
				t.Errorf("%v: the cause shows: %v", kind, status.Convert(err).Proto())
			}
			got := fault.Of(FromStatus(err))
			if kind == fault.Internal {
				if got.Kind != kind || got.Reason != "interne-fout" || len(got.Fields) != 0 || got.Resource != "" {
					t.Errorf("internal: %+v", got)
				}
				continue
			}
			if diff := cmp.Diff(sent, got, cmpopts.IgnoreFields(fault.Error{}, "Err")); diff != "" {
				t.Errorf("%v (-sent +got):\n%s", kind, diff)
			}
			if st := status.Convert(err); !errors.Is(got, sent) || st.Code() != kind.Code() || st.Message() != "text" {
				t.Errorf("%v: %v", kind, err)
			}
		}
	})
}

func TestAStatusTellsDutchBesideEnglish(t *testing.T) {
	t.Parallel()
	err := ToStatus(fault.New(fault.Exhausted, "te-druk", fault.Text{NL: "Te druk.", EN: "too busy"})).Err()
	if got := status.Convert(err).Message(); got != "too busy" {
		t.Errorf("message = %q", got)
	}
	local := detail[*errdetails.LocalizedMessage](t, err)
	if local.GetLocale() != "nl" || local.GetMessage() != "Te druk." {
		t.Errorf("localized = %v", local)
	}
	if info := errorInfo(t, err); info.GetDomain() != Domain || info.GetReason() != "te-druk" {
		t.Errorf("info = %v", info)
	}
	if retry := detail[*errdetails.RetryInfo](t, err); retry.GetRetryDelay().AsDuration() != time.Second {
		t.Errorf("retry = %v", retry)
	}
}

func TestOnlyARetryableFaultSaysWhenToRetry(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds() {
		retry := false
		for _, d := range ToStatus(fault.New(kind, "r", fault.Text{})).Details() {
			_, is := d.(*errdetails.RetryInfo)
			retry = retry || is
		}
		if retry != kind.Retryable() {
			t.Errorf("%v: RetryInfo = %v", kind, retry)
		}
	}
}

func TestAnInternalFaultIsMaskedAlsoWithoutReference(t *testing.T) {
	t.Parallel()
	st := ToStatus(fault.New(fault.Internal, "geheim", fault.Text{NL: "geheim", EN: "secret"}).About("secret"))
	if text := st.Proto().String(); strings.Contains(text, "secret") || strings.Contains(text, "geheim") {
		t.Errorf("status = %s", text)
	}
}

func TestManyFieldsAreCutAndCounted(t *testing.T) {
	t.Parallel()
	f := fault.New(fault.Invalid, "ongeldig", fault.Text{NL: "Ongeldig.", EN: "invalid"})
	for i := range 150 {
		f = f.With(fault.Field{Path: fmt.Sprintf("f[%d]", i)})
	}
	violations := detail[*errdetails.BadRequest](t, ToStatus(f).Err()).GetFieldViolations()
	if len(violations) != 101 || violations[100].GetDescription() != "and 50 more faults" {
		t.Errorf("%d violations, the last %v", len(violations), violations[len(violations)-1])
	}
}

func TestTextThatIsNoUTF8DoesNotBreakTheStatus(t *testing.T) {
	t.Parallel()
	st := ToStatus(fault.New(fault.Invalid, "r", fault.Text{NL: "\xff", EN: "\xff"}))
	if st.Code() != codes.InvalidArgument || st.Message() != "invalid" {
		t.Errorf("status = %v", st)
	}
}

func TestForeignErrorsKeepTheirKindButNotTheirText(t *testing.T) {
	t.Parallel()
	for code, want := range map[codes.Code]fault.Kind{
		codes.Canceled: fault.Unavailable, codes.Unknown: fault.Internal, codes.InvalidArgument: fault.Invalid,
		codes.DeadlineExceeded: fault.Unavailable, codes.NotFound: fault.NotFound, codes.AlreadyExists: fault.Conflict,
		codes.PermissionDenied: fault.Denied, codes.ResourceExhausted: fault.Exhausted, codes.FailedPrecondition: fault.Precondition,
		codes.Aborted: fault.Conflict, codes.OutOfRange: fault.Invalid, codes.Unimplemented: fault.Unavailable,
		codes.Internal: fault.Internal, codes.Unavailable: fault.Unavailable, codes.DataLoss: fault.Internal,
		codes.Unauthenticated: fault.Unauthenticated, codes.Code(99): fault.Internal,
	} {
		st := status.New(code, "secret")
		marked, err := st.WithDetails(&errdetails.ErrorInfo{Reason: "SECRET", Domain: "other.example"}, &errdetails.LocalizedMessage{Message: "secret"})
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range []*status.Status{st, marked} {
			err := FromStatus(st.Err())
			f := fault.Of(err)
			if f.Kind != want || !errors.Is(err, f) {
				t.Errorf("%v: kind %v, want %v", code, f.Kind, want)
			}
			if strings.Contains(strings.ToLower(f.Text.NL+f.Text.EN+f.Reason), "secret") {
				t.Errorf("%v: the text is taken over: %+v", code, f)
			}
		}
	}
	if FromStatus(nil) != nil {
		t.Error("nil is a fault")
	}
	if f := fault.Of(FromStatus(context.Canceled)); f.Reason != fault.ReasonCanceled {
		t.Errorf("a context error became %v", f)
	}
}
