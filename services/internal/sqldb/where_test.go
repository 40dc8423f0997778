package sqldb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/sqldb"
)

func TestConditionsNumberTheirArgumentsOn(t *testing.T) {
	t.Parallel()
	var w sqldb.Where
	if w.String() != "" {
		t.Errorf("no conditions gave %q", w.String())
	}
	w.And("a = ?", 1)
	w.And("(b < ? OR c > ?)", 2, 3)
	sqldb.In(&w, "d", []string{"x", "y"})
	sqldb.In(&w, "e", []int{})
	limit := w.Arg(10)
	if got, want := w.Number("f > ? OR f < ?", 11, 12), "f > $7 OR f < $8"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := w.String()+" LIMIT "+limit, " WHERE a = $1 AND (b < $2 OR c > $3) AND d IN ($4, $5) LIMIT $6"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if diff := cmp.Diff([]any{1, 2, 3, "x", "y", 10, 11, 12}, w.Args()); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestTuplesAreNumberedRowByRow(t *testing.T) {
	t.Parallel()
	if got, want := sqldb.Tuples(3, 2, 2), "($3,$4),($5,$6)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
