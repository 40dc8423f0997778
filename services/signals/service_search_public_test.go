package signals_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/internal/fault"
	"schakel.example/services/signals"
)

// shelf is a store of published signals that counts slowly.
type shelf struct {
	signals.Store
	signals int
	pages   []int // sizes that were asked for

	mu             sync.Mutex
	counting, most int
	release        chan struct{}
}

func (s *shelf) Count(context.Context, access.Grant, signals.Filter, func(signals.Counted) error) error {
	s.count(1)
	<-s.release
	s.count(-1)
	return nil
}

// count is how many are counted for, with so many more.
func (s *shelf) count(more int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counting += more
	s.most = max(s.most, s.counting)
	return s.counting
}

func (s *shelf) List(_ context.Context, _ access.Grant, f signals.Filter) ([]signals.Signal, error) {
	s.pages = append(s.pages, f.Page.Size)
	var all []signals.Signal
	for ; s.signals > 0 && len(all) <= f.Page.Size; s.signals-- {
		all = append(all, signals.Signal{ID: fmt.Sprint(s.signals), ReceivedAt: time.Now()})
	}
	if len(all) > f.Page.Size {
		s.signals++ // the one more is on the next page
	}
	return all, nil
}

var (
	anybody = access.Grant{Role: access.Publiek, Reach: access.Openbaar}
	known   = access.Grant{Caller: "x", Role: access.Toezichthouder, Reach: access.Alle}
)

func TestFewCountsOfThePublicAreMadeAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{release: make(chan struct{})}
		s := signals.New(signals.Config{Store: store, Now: time.Now})
		done := make(chan error, 100)
		count := func(ctx context.Context, grant access.Grant) {
			go func() { _, err := s.Count(ctx, grant, signals.Filter{}); done <- err }()
			synctest.Wait()
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 17 {
			count(t.Context(), anybody)
		}
		count(impatient, anybody)
		count(t.Context(), anybody)
		if err := <-done; store.count(0) != 2 || !exhausted(err) {
			t.Errorf("%d are counted for, and the one too many is told %v", store.count(0), err)
		}
		if err := <-done; !exhausted(err) { // when its second is over
			t.Errorf("the impatient one is told %v", err)
		}
		count(t.Context(), known)
		if store.count(0) != 3 {
			t.Error("somebody with a token waits for the public")
		}
		close(store.release)
		for range 18 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if store.most != 3 {
			t.Errorf("%d were counted for at once", store.most)
		}
	})
}

func exhausted(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind == fault.Exhausted && f.Reason == "te-veel-tellingen"
}

func TestAnExportForThePublicHoldsLittle(t *testing.T) {
	t.Parallel()
	for grant, want := range map[access.Grant]int{anybody: 50, known: 500} {
		store := &shelf{signals: 1234}
		s := signals.New(signals.Config{Store: store, Now: time.Now})
		sent := 0
		err := s.Export(t.Context(), grant, signals.Filter{}, func(signals.Signal) error { sent++; return nil })
		if err != nil || sent != 1234 {
			t.Errorf("%d are sent, %v", sent, err)
		}
		for _, size := range store.pages {
			if size != want {
				t.Fatalf("a page of %d for %+v, want %d", size, grant, want)
			}
		}
	}
}
