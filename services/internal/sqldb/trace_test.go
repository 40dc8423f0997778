package sqldb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"schakel.example/services/internal/sqldb"
	"schakel.example/services/internal/testenv"
)

func TestATraceHasEachStatementWithoutWhatItWasAskedFor(t *testing.T) {
	testenv.EachDB(t, func(t *testing.T, db *sqldb.DB) {
		table(t, db)
		var got []string
		ctx := sqldb.WithTrace(t.Context(), func(statement string) { got = append(got, statement) })
		must(t, db.Write(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM thing WHERE id = $1", "secret")
			return err
		}))
		must(t, db.Read(ctx, func(tx *sqldb.Tx) error {
			_, _, err := sqldb.One(ctx, tx, text, "SELECT id FROM thing WHERE id = $1", "secret")
			return err
		}))
		want := []string{"DELETE FROM thing WHERE id = $1", "SELECT id FROM thing WHERE id = $1"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
