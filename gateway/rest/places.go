package rest

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"schakel.example/gateway/problem"
)

// Callers without a token are all the same to the services, and share what these
// keep free for the public. So that one of them cannot take all of it, by asking
// for much and reading nothing, calls of one network may only take so many places
// at once. It is known while its calls are under way, and by nothing else: it goes
// to no service, log, trace or measure.
//
// Calls that nobody may watch take no place. A refusal would tell whoever has the
// same address that somebody near them is making a report.

// use is what a call takes a place for.
type use int

const (
	useCall   use = iota // any call of a service
	useExport            // one that is as long as the client makes it
	useCount             // one that is costly
	useFile              // one of an edition: a page is made of some
	useNone              // no call of a service
)

// mostOf is how many places there are for the calls of one network. A call of
// another use takes one of useCall, too.
var mostOf = [...]int{useCall: 16, useExport: 2, useCount: 2, useFile: 6}

// place is what is taken.
type place struct {
	network netip.Prefix
	use     use
}

// places are those that are taken.
type places struct {
	mu    sync.Mutex
	taken map[place]int
}

// enter takes a place, unless there is none left.
func (p *places) enter(network netip.Prefix, of use) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[place{network, useCall}] >= mostOf[useCall] || p.taken[place{network, of}] >= mostOf[of] {
		return false
	}
	p.taken[place{network, useCall}]++
	if of != useCall {
		p.taken[place{network, of}]++
	}
	return true
}

// leave gives it back.
func (p *places) leave(network netip.Prefix, of use) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release(place{network, useCall})
	if of != useCall {
		p.release(place{network, of})
	}
}

func (p *places) release(one place) {
	if p.taken[one]--; p.taken[one] == 0 {
		delete(p.taken, one)
	}
}

// admit has the handler of a route answer, if there is a place for the caller.
func (s *server) admit(w http.ResponseWriter, r *http.Request, at found) {
	if at.handler.use == useNone || token(r) != "" || isUnobserved(r.Context()) {
		at.handler.serve(w, r, at.values)
		return
	}
	network := s.network(r)
	if !s.places.enter(network, at.handler.use) {
		s.fail(w, r, crowded())
		return
	}
	defer s.places.leave(network, at.handler.use)
	// Whoever does not read an answer gives back the place all the same. What is
	// written bit by bit has its own time. Where there is no connection, as in some
	// tests, there is no time either.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.Timeout + s.Stall))
	at.handler.serve(w, r, at.values)
}

// crowded is the problem of a caller whose network has no place left.
func crowded() *problem.Problem {
	p := problem.New(http.StatusTooManyRequests)
	p.Reason = "te-veel-tegelijk"
	p.Text = problem.Text{
		NL: "Vanaf uw netwerk lopen er te veel aanvragen zonder token tegelijk: hoogstens 16, waarvan 2 exports, 2 tellingen en 6 bestanden van edities. " +
			"Wacht tot er een klaar is en probeer het opnieuw.",
		EN: "too many requests without a token come from your network at once: at most 16, of which 2 exports, 2 counts and 6 files of editions; " +
			"wait until one has ended and try again",
	}
	return p
}
