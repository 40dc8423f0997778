package edition

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/reference"
)

// ParseIdentity reads an identity in the one form that Text gives it. Its
// checkpoints have neither their notes nor a time. The error is for people, in
// Dutch.
func ParseIdentity(text string) (Identity, error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var values []string
	for i, key := range []string{"staat van de uitvoering", "naam", "peildatum", "voorbeeld", "referentiegegevens", "samensteller"} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], key+" ") {
			return Identity{}, fmt.Errorf("regel %d is niet die met %q", i+1, key)
		}
		values = append(values, lines[i][len(key)+1:])
	}
	date, err := reference.ParseDate(values[2])
	if err != nil {
		return Identity{}, fmt.Errorf("de peildatum %q is geen datum", values[2])
	}
	id := Identity{
		Name: values[1], ReferenceDate: date, Example: values[3] == "true",
		ReferenceVersion: values[4], CompilerVersion: values[5],
	}
	for _, line := range lines[len(values):] {
		c, err := parseLedger(line)
		if err != nil {
			return Identity{}, err
		}
		if n := len(id.Checkpoints); n > 0 && id.Checkpoints[n-1].Origin >= c.Origin {
			return Identity{}, fmt.Errorf("logboek %q staat niet op volgorde, of tweemaal", c.Origin)
		}
		id.Checkpoints = append(id.Checkpoints, c)
	}
	if len(id.Checkpoints) == 0 {
		return Identity{}, errors.New("er staat geen logboek in")
	}
	if id.Text() != text {
		return Identity{}, errors.New("het heeft een andere vorm dan een identiteit")
	}
	return id, nil
}

// parseLedger reads the line of one ledger: its origin, size and root.
func parseLedger(line string) (ledger.Checkpoint, error) {
	fields := strings.Split(line, " ")
	if len(fields) != 4 || fields[0] != "logboek" || fields[1] == "" {
		return ledger.Checkpoint{}, fmt.Errorf("regel %q noemt geen logboek", line)
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || size < 0 {
		return ledger.Checkpoint{}, fmt.Errorf("regel %q noemt geen omvang", line)
	}
	root, err := tlog.ParseHash(fields[3])
	if err != nil {
		return ledger.Checkpoint{}, fmt.Errorf("regel %q noemt geen hash", line)
	}
	return ledger.Checkpoint{Origin: fields[1], Size: size, Root: root}, nil
}
