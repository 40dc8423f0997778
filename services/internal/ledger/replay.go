package ledger

import (
	"context"
	"fmt"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

var (
	errWaiting = fault.New(fault.Precondition, "logboek-wacht", fault.Text{
		NL: "Er wachten nog regels op hun plaats in het logboek. Probeer het opnieuw als zij die hebben.",
		EN: "entries wait for their place in the log; try again when they have it",
	})
	errFolded = fault.New(fault.Precondition, "tabellen-niet-leeg", fault.Text{
		NL: "De tabellen zijn niet leeg. Een logboek kan alleen in lege tabellen worden teruggelezen.",
		EN: "the tables are not empty; a log can be replayed into empty tables only",
	})
)

// Replay hands every entry of the log in a database to fold, in order and a page
// at a time, in one transaction: after a fault nothing was folded. With it a
// service builds its tables again, such as after Import. It returns how many
// entries there were. The fault is Precondition: "logboek-wacht" while entries
// wait for the sequencer, "tabellen-niet-leeg" when fold met a Conflict with
// what is there. Any other error of fold is passed on.
func Replay(ctx context.Context, db *sqldb.DB, fold func(ctx context.Context, tx *sqldb.Tx, page []Sequenced) error) (n int, err error) {
	err = db.Write(ctx, func(tx *sqldb.Tx) error {
		n = 0
		_, waiting, err := sqldb.One(ctx, tx, scanInt, "SELECT seq FROM ledger_pending LIMIT 1")
		if err != nil {
			return err
		}
		if waiting {
			return errWaiting
		}
		for {
			page, err := readEntries(ctx, tx, int64(n), exportPage)
			if err != nil || len(page) == 0 {
				return err
			}
			if err := fold(ctx, tx, page); err != nil {
				return fmt.Errorf("folding entries %d to %d: %w", n, n+len(page)-1, err)
			}
			n += len(page)
		}
	})
	switch {
	case fault.Is(err, fault.Conflict):
		return 0, errFolded.Because(err)
	case err != nil:
		return 0, err
	}
	return n, nil
}
