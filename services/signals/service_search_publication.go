package signals

import (
	"bytes"
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

// StillOpen says whether a signal is open in a revision that an edition covers, and
// says the same ever since: what was triaged, withdrawn or merged does, and what was
// amended does not. It is given the payloads of that revision and all later ones,
// nil for those that were erased, after which nobody knows.
func StillOpen(payloads [][]byte) (bool, error) {
	var covered []byte
	for i, payload := range payloads {
		if payload == nil {
			return false, nil
		}
		signal, err := Decode(payload)
		if err != nil {
			return false, err
		}
		said, err := digest(submitted(signal))
		switch {
		case err != nil:
			return false, err
		case i == 0 && signal.Confidentiality != Open, i > 0 && !bytes.Equal(said, covered):
			return false, nil
		}
		covered = said
	}
	return len(payloads) > 0, nil
}
