// Package fault is the one error model of the services: what went wrong, said
// once, in a form that a store, a use case, a gRPC server and a REST problem
// all understand.
//
// Invariants:
//   - A Kind decides the gRPC code, the HTTP status and whether repeating the
//     same call can help; one table says so (kind.go).
//   - A Reason is a stable, machine-readable slug in Dutch ("bestaat-al"), part
//     of the API: programs branch on it, so it is never reworded.
//   - A Text is written for people, in Dutch and in English, and holds nothing
//     of the input: no personal data is echoed by an error.
//   - Err is the technical cause. It is for the log alone and never crosses the
//     wire.
//   - An Error is a value that is not changed after it was made: With,
//     Because, About and After return copies, so a fault may be a package constant.
//
// It must not know transports: the translation to a gRPC status with its
// details lives in package rpc, the one to problem+json in the gateway.
package fault
