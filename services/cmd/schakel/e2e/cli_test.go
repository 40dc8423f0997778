package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"schakel.example/services/internal/testenv"
)

// command is one run of the program that ended.
type command struct {
	args        []string
	code        int
	out, stderr string
}

// schakel runs the program to its end.
func schakel(t *testing.T, args ...string) command {
	t.Helper()
	return schakelReads(t, nil, args...)
}

// schakelReads runs the program with something on its standard input.
func schakelReads(t *testing.T, in io.Reader, args ...string) command {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), testenv.Build(t, program), args...)
	cmd.Dir, cmd.Stdin, cmd.WaitDelay = t.TempDir(), in, 10*time.Second
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := testenv.Execute(cmd)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command{args, cmd.ProcessState.ExitCode(), out.String(), stderr.String()}
}

// ends fails the test unless the command ended with this code, and having said
// these things.
func (c command) ends(t *testing.T, code int, said ...string) command {
	t.Helper()
	if c.code != code {
		t.Fatalf("schakel %s: exit code %d, want %d\n%s%s", strings.Join(c.args, " "), c.code, code, c.out, c.stderr)
	}
	for _, what := range said {
		if !strings.Contains(c.out+c.stderr, what) {
			t.Errorf("schakel %s does not say %q:\n%s%s", strings.Join(c.args, " "), what, c.out, c.stderr)
		}
	}
	return c
}

// json reads what the command told with --output=json.
func (c command) json(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(c.out), into); err != nil {
		t.Fatalf("schakel %s: %v:\n%s", strings.Join(c.args, " "), err, c.out)
	}
}
