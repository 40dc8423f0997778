package signals

import (
	"context"
	"log/slog"
	"time"

	"schakel.example/services/internal/sqldb"
)

const (
	// markAtOnce is how many entries are marked in one transaction: an edition may
	// cover a million, and the intake waits for none of them long.
	markAtOnce = 1_000
	// markEvery is how often it is asked whether an edition came.
	markEvery = time.Second
)

// Publish marks the signals that editions cover, until ctx ends. What fails is
// logged and tried again.
func (s *Service) Publish(ctx context.Context, log *slog.Logger) error {
	for ctx.Err() == nil {
		more, err := s.PublishSome(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			log.WarnContext(ctx, "marking what is published failed; it is tried again", "error", err)
		case more:
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(markEvery):
		}
	}
	return nil
}

// PublishSome marks some signals that editions cover, and says whether more are
// left.
func (s *Service) PublishSome(ctx context.Context) (more bool, err error) {
	err = s.DB.Read(ctx, func(tx *sqldb.Tx) error {
		more, err = s.Store.Unmarked(ctx, tx)
		return err
	})
	if err != nil || !more {
		return false, err
	}
	err = s.DB.Write(ctx, func(tx *sqldb.Tx) error {
		more, err = s.Store.Mark(ctx, tx, markAtOnce)
		return err
	})
	return more, err
}
