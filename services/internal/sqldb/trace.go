package sqldb

import "context"

type traceKey struct{}

// WithTrace makes every statement that runs under the context known to trace,
// just before it runs: its text, without its arguments, which may be anybody's
// data. Tests compare with it what two calls do. Trace is called by whichever
// goroutine runs the statement.
func WithTrace(ctx context.Context, trace func(statement string)) context.Context {
	return context.WithValue(ctx, traceKey{}, trace)
}

func traced(ctx context.Context, statement string) {
	if trace, ok := ctx.Value(traceKey{}).(func(string)); ok {
		trace(statement)
	}
}
