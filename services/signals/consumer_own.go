package signals

import (
	"context"
	"fmt"

	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
)

// OwnSubject is what entries of the own ledger are kept in order by. It is the
// Subject of a queue.Applier.
func OwnSubject(m queue.Message) string {
	event, err := ledger.Parse(m.Payload)
	if m.Erased || err != nil {
		return ""
	}
	return event.Subject
}

// ProposeBatch is how many entries Propose takes in one transaction: few, since
// the intake waits for the database meanwhile.
const ProposeBatch = 100

// Propose folds one entry of the own ledger into what signals are alike in, and
// proposes a bottleneck when that makes enough fixes alike. It is the Apply of a
// queue.Applier of its own: it must not begin anew but in empty tables.
func (s *Service) Propose(ctx context.Context, tx *sqldb.Tx, m queue.Message) error {
	if m.Erased {
		return nil
	}
	event, err := ledger.Parse(m.Payload)
	if err != nil {
		return fmt.Errorf("entry %d of the own ledger: %w", m.Index, err)
	}
	return s.propose(ctx, tx, event)
}
