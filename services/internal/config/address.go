package config

import (
	"net"
	"net/netip"
)

// Loopback says whether an address to listen on, "host:port", can be reached
// from this machine alone. Embedded mode, with its built-in issuer, refuses
// anything else. An empty host listens everywhere and a name other than
// localhost may resolve to anything, so neither is loopback.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
