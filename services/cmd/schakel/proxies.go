package main

import (
	"fmt"
	"net/netip"
)

// network is a range of addresses, as in "10.0.0.0/8"; an address alone is itself.
type network struct{ netip.Prefix }

// UnmarshalText reads a setting.
func (n *network) UnmarshalText(text []byte) error {
	if address, err := netip.ParseAddr(string(text)); err == nil {
		n.Prefix = netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen())
		return nil
	}
	prefix, err := netip.ParsePrefix(string(text))
	if err != nil || prefix.Addr().Is4In6() {
		return fmt.Errorf("%q is geen adres of netwerk, zoals 10.0.0.7 of 10.0.0.0/8", text)
	}
	n.Prefix = prefix.Masked()
	return nil
}

// networks are the ranges of some settings.
func networks(settings []network) []netip.Prefix {
	var all []netip.Prefix
	for _, n := range settings {
		all = append(all, n.Prefix)
	}
	return all
}
