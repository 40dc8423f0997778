// Command schakel is all of Schakel in one program: it serves signals, letters,
// contacts and their gateway, together or each on its own, and it is what users
// push signals, compile editions and verify them with.
//
// It is the only place that knows every part: serve.go and the files beside it
// put them together, everything else is a command of a user. Its commands speak
// Dutch. It must not hold rules of the domain.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(execute(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}
