package reference

import (
	"errors"
	"testing"
)

// load gives the embedded data to a test.
func load(t testing.TB) *Data {
	t.Helper()
	d, err := Load()
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return d
}

// tooi completes a code to a TOOI URI.
func tooi(code string) string { return "https://identifier.overheid.nl/tooi/id/" + code }

// day parses a date that a test gives.
func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatalf("ParseDate(%q): %v", s, err)
	}
	return d
}

// reason gives the reason of a *Problem, "" for no error, and fails on any other
// error or a problem without texts.
func reason(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var p *Problem
	if !errors.As(err, &p) {
		t.Fatalf("error %v is no *Problem", err)
	}
	if p.Reason == "" || p.NL == "" || p.EN == "" {
		t.Fatalf("problem %+v lacks a reason or a text", p)
	}
	return p.Reason
}
