// Package config holds the few things that every configuration of Schakel
// shares: secrets that cannot be printed, a YAML file beside flags and
// environment, the listing of resolved values, and the check that an address
// stays on this machine.
//
// Precedence, strongest first: flag, environment (SCHAKEL_…), file, default.
//
// It must not know what is configured: each part declares its own flags, and
// only cmd puts them together.
package config
