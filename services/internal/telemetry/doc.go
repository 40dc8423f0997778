// Package telemetry sets up logs (slog), traces and metrics (OpenTelemetry).
//
// Invariants:
//   - Every log line written with a context carries its request id and trace.
//   - Traces and metrics leave the process only when an endpoint is configured;
//     otherwise the providers do nothing.
//   - Shutdown sends what was gathered.
//   - Resource attributes say which program runs, and nothing of machine, user
//     or command line, which may hold names and secrets.
//
// It must not install global providers: they are passed along. Whoever records
// something must not put text of a request, or who made it, in an attribute.
package telemetry
