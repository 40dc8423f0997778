package rest

import (
	"net/http"
	"net/netip"
	"strings"
)

// network is where a request came from, as far as callers are told apart: an
// address of IPv4, or the /64 of IPv6 that one subscriber has. It is the zero
// Prefix when that cannot be said, as over a Unix socket.
func (s *server) network(r *http.Request) netip.Prefix {
	address := s.client(r)
	bits := 32
	if address.Is6() {
		bits = 64
	}
	network, err := address.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

// client is the address of the client. What proxies say of it counts as far as
// each is trusted: from the one that is connected backwards, it is the first that is
// none of ours. What stands before that anybody may have written.
func (s *server) client(r *http.Request) netip.Addr {
	at, _ := parseHop(r.RemoteAddr)
	if !s.trusts(at) {
		return at
	}
	first := s.follow(at, splitHops(r.Header.Values("X-Forwarded-For"), false))
	second := s.follow(at, forwardedFor(r.Header.Values("Forwarded")))
	switch {
	case len(r.Header["Forwarded"]) == 0:
		return first
	case len(r.Header["X-Forwarded-For"]) == 0, first == second:
		return second
	}
	// A proxy that writes the one lets the other through, as the client made it up.
	return at
}

// follow goes back along what the proxies say, the newest last, from an address
// that is trusted.
func (s *server) follow(at netip.Addr, hops []string) netip.Addr {
	for i := len(hops) - 1; i >= 0 && s.trusts(at); i-- {
		address, ok := parseHop(hops[i])
		if !ok {
			break
		}
		at = address
	}
	return at
}

func (s *server) trusts(address netip.Addr) bool {
	for _, proxy := range s.TrustedProxies {
		if proxy.Contains(address) {
			return true
		}
	}
	return false
}

// parseHop reads an address in one of the forms that proxies write: with a port or
// without, of IPv6 in brackets or without.
func parseHop(text string) (netip.Addr, bool) {
	if with, err := netip.ParseAddrPort(text); err == nil {
		return plain(with.Addr()), true
	}
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if text, ok = strings.CutSuffix(inner, "]"); !ok {
			return netip.Addr{}, false
		}
	}
	address, err := netip.ParseAddr(text)
	return plain(address), err == nil
}

// plain is the address in its one form.
func plain(address netip.Addr) netip.Addr { return address.Unmap().WithZone("") }

// forwardedFor are the addresses of the header Forwarded (RFC 7239 §4), the newest
// last; empty for a proxy that says none.
func forwardedFor(values []string) []string {
	hops := splitHops(values, true)
	for i, element := range hops {
		hops[i] = ""
		for _, pair := range split(element, ';') {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if strings.EqualFold(name, "for") {
				// What is in quotes needs no escapes to be an address.
				hops[i] = strings.TrimSuffix(strings.TrimPrefix(value, `"`), `"`)
			}
		}
	}
	return hops
}

// splitHops splits the values of a list header at its commas.
func splitHops(values []string, quoted bool) []string {
	var all []string
	for _, value := range values {
		parts := strings.Split(value, ",")
		if quoted {
			parts = split(value, ',')
		}
		for _, part := range parts {
			all = append(all, strings.TrimSpace(part))
		}
	}
	return all
}

// split splits a text at a separator that stands in no quoted string (RFC 9110
// §5.6.4). A part with a string that does not end is empty: what a proxy adds would
// else be in a string that a client began.
func split(text string, separator byte) []string {
	var all []string
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == separator && !quoted:
			all, start = append(all, text[start:i]), i+1
		}
	}
	if quoted {
		return append(all, "")
	}
	return append(all, text[start:])
}
