package ledger

import (
	"context"
	"fmt"

	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/sqldb"
)

var errNoSuchCheckpoint = fault.New(fault.NotFound, "controlepunt-onbekend", fault.Text{
	NL: "Het logboek heeft geen controlepunt van deze omvang.",
	EN: "the log has no checkpoint of this size",
})

// CheckpointAt gives the checkpoint that was signed at a size; NotFound if none
// was, or it was not kept: a log that was imported begins with one checkpoint.
func (r *Reader) CheckpointAt(ctx context.Context, size int64) (c Checkpoint, err error) {
	err = r.db.Read(ctx, func(tx *sqldb.Tx) error {
		var found bool
		c, found, err = sqldb.One(ctx, tx, scanCheckpoint, "SELECT note, signed_at FROM ledger_checkpoint WHERE size = $1", size)
		if err == nil && !found {
			err = errNoSuchCheckpoint.Because(fmt.Errorf("size %d", size))
		}
		return err
	})
	return c, err
}
