package ledger

import "context"

// publish passes on what was sequenced, as long as we lead. It reads from the
// log, so that a repetition, a restart and the ordinary case are one path. It
// stands apart from the sequencer, which never waits for it.
func (l *Log) publish(ctx context.Context) {
	trouble := newBackOff()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.grown:
		}
		for more := true; more && ctx.Err() == nil && l.epoch.Load() != 0; {
			var err error
			if more, err = l.publishSome(ctx); err == nil && !more {
				more, err = l.wipe(ctx)
			}
			if err == nil {
				failing = false
				trouble.Reset()
				continue
			}
			if !failing && ctx.Err() == nil {
				l.cfg.Logger.WarnContext(ctx, "publishing failed; it is tried again, and readers can do without", "error", err)
			}
			more, failing = true, true
			pause(ctx, trouble.NextBackOff())
		}
	}
}

// publishSome publishes the next entries, and says whether there were any.
func (l *Log) publishSome(ctx context.Context) (bool, error) {
	from := l.published.Load()
	entries, err := l.Entries(ctx, from, l.cfg.Batch)
	if err != nil || len(entries) == 0 {
		return false, err
	}
	if err := l.cfg.Publisher.Publish(ctx, entries); err != nil {
		return false, err
	}
	// Unless a new lease put it back meanwhile; then this is repeated.
	l.published.CompareAndSwap(from, from+int64(len(entries)))
	return true, nil
}
