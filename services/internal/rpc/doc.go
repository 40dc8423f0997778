// Package rpc is how parts of Schakel call each other: a gRPC server whose
// calls all pass one chain of layers, the client for it, and a channel within
// the process that passes the very same chain.
//
// The chain, from outer to inner:
//
//	(OpenTelemetry)  a stats handler: span and duration of the call
//	request          request id in and out; the log line of the call
//	metrics          calls by outcome, calls in progress
//	errors           fault to status; logs and masks what is internal
//	recovery         a panic in any later layer becomes an internal fault
//	limits           size of messages, number of calls at once, draining
//	authentication   bearer token to claims
//	access           claims and method to the Grant of the call
//	rate             calls per caller, and at once per organisation and address
//	deadline         an end to every call
//	validation       each message against the rules of its proto, and the screen
//
// A method that its contract marks as unobserved passes the same chain, and
// leaves no trace in it: see unobserved.go.
//
// Invariants:
//   - One list of layers serves unary calls and streams, over TCP and in
//     process.
//   - No call reaches a handler without a Grant in its context.
//   - Status messages and details hold texts of faults only; the cause of a
//     fault stays in the log, under a reference that the caller is told.
//   - Tokens do not leave this machine in the clear.
//
// It must not know any service: they come in through Options.Register.
package rpc
