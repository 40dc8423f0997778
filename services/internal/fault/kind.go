package fault

import (
	"net/http"

	"google.golang.org/grpc/codes"
)

// Kind is the class of a fault. There are nine and there shall be no more: what
// tells two faults of one kind apart is their Reason.
type Kind uint8

const (
	// Internal is a defect of ours, or anything not classified. It is the zero
	// value, so that a fault whose kind was forgotten is never mild.
	Internal Kind = iota
	// Invalid is input that is wrong whatever the state of the system.
	Invalid
	// Unauthenticated is a caller who did not show who it is.
	Unauthenticated
	// Denied is a known caller who may not do this.
	Denied
	// NotFound is a thing that does not exist, or of which this caller may not
	// learn that it exists.
	NotFound
	// Conflict is input that clashes with what is stored already: the same key
	// with other content, or a revision that was overtaken.
	Conflict
	// Precondition is a correct request that the present state does not allow,
	// such as answering a letter that was not sent.
	Precondition
	// Exhausted is a caller over its limit, or a server at its limit.
	Exhausted
	// Unavailable is a part that cannot be reached or did not answer in time.
	// The work may or may not have been done: repeat it only if it is
	// idempotent.
	Unavailable
)

// row is what a kind means to the outside.
type row struct {
	name      string
	code      codes.Code
	status    int
	retryable bool
}

// table is indexed by Kind and never written to.
//
// Precondition is 409 and not 412: 412 belongs to a conditional request header
// (RFC 9110 §15.5.13), and the state that stands in the way is no header. The
// gateway itself answers 412 when an If-Match does not hold.
var table = [...]row{
	Internal:        {"internal", codes.Internal, http.StatusInternalServerError, false},
	Invalid:         {"invalid", codes.InvalidArgument, http.StatusBadRequest, false},
	Unauthenticated: {"unauthenticated", codes.Unauthenticated, http.StatusUnauthorized, false},
	Denied:          {"denied", codes.PermissionDenied, http.StatusForbidden, false},
	NotFound:        {"not found", codes.NotFound, http.StatusNotFound, false},
	Conflict:        {"conflict", codes.AlreadyExists, http.StatusConflict, false},
	Precondition:    {"precondition", codes.FailedPrecondition, http.StatusConflict, false},
	Exhausted:       {"exhausted", codes.ResourceExhausted, http.StatusTooManyRequests, true},
	Unavailable:     {"unavailable", codes.Unavailable, http.StatusServiceUnavailable, true},
}

// row returns the line of the table; an unknown kind counts as Internal.
func (k Kind) row() row {
	if int(k) >= len(table) {
		return table[Internal]
	}
	return table[k]
}

// String names the kind in English, for logs.
func (k Kind) String() string { return k.row().name }

// Code is the gRPC status code of the kind.
func (k Kind) Code() codes.Code { return k.row().code }

// HTTPStatus is the HTTP status of the kind.
func (k Kind) HTTPStatus() int { return k.row().status }

// Retryable says whether the very same call may succeed later. It says nothing
// about whether repeating is safe: that is for the caller, who knows whether
// the call is idempotent.
func (k Kind) Retryable() bool { return k.row().retryable }
