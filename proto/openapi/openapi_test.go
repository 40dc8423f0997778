package openapi_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"testing"

	"buf.build/go/protovalidate"
	signalsv1 "schakel.example/proto/gen/go/schakel/signals/v1"
	"schakel.example/proto/openapi"
)

// property is what the description says of a field, as far as this test asks.
type property struct {
	Pattern string
	Not     struct{ Pattern string }
}

// allows says whether the description allows a value.
func (p property) allows(t *testing.T, value string) bool {
	t.Helper()
	matches := func(pattern string) bool {
		ok, err := regexp.MatchString(pattern, value)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	return (p.Pattern == "" || matches(p.Pattern)) && (p.Not.Pattern == "" || !matches(p.Not.Pattern))
}

func TestTheVersionIsThatOfThePath(t *testing.T) {
	version, err := openapi.Version()
	if err != nil || !regexp.MustCompile(`^1\.[0-9]+\.[0-9]+$`).MatchString(version) {
		t.Errorf("got %q, %v; the paths are under /v1", version, err)
	}
}

// The description is what clients check their input with, protovalidate is
// what the services check it with.
func TestTheDescriptionAndTheValidatorAgreeOnTheRulesThatFieldsShare(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]property }
		}
	}
	if err := json.Unmarshal(openapi.JSON, &doc); err != nil {
		t.Fatal(err)
	}
	described := doc.Components.Schemas["Signal"].Properties
	validator, err := protovalidate.New()
	if err != nil {
		t.Fatal(err)
	}
	for rule, c := range map[string]struct {
		field, name string
		set         func(*signalsv1.Signal, string)
		good, bad   []string
	}{
		"tooi": {
			"organisation", "organisatie", func(s *signalsv1.Signal, v string) { s.Organisation = v },
			[]string{"https://identifier.overheid.nl/tooi/id/zbo/zb000117", "https://identifier.overheid.nl/tooi/id/ministerie/mnre1073"},
			[]string{"zb000117", "http://identifier.overheid.nl/tooi/id/zbo/zb000117", "https://identifier.overheid.nl/tooi/id/zbo/zb000117/"},
		},
		"calendar_date": {
			"since", "bekendSindsDatum", func(s *signalsv1.Signal, v string) { s.Since = v },
			[]string{"2026-01-31", "2024-02-29", "2000-02-29"},
			[]string{"2026-1-31", "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "31-01-2026", "2026-01-31T00:00:00Z"},
		},
		"slug": {
			"level", "niveau", func(s *signalsv1.Signal, v string) { s.Level = v },
			[]string{"professional", "politiek-ambtelijk", "b2"},
			[]string{"Professional", "-a", "a--b", "a_b", "é"},
		},
		"prose": {
			"title", "titel", func(s *signalsv1.Signal, v string) { s.Title = v },
			[]string{"Wie verhuist, verliest zijn toeslag", "één\tregel\r\n"},
			[]string{" ", "\t\n", "a\x00b", "a\x1b[1m"},
		},
	} {
		t.Run(rule, func(t *testing.T) {
			// Only what it has against this one field counts.
			accepts := func(value string) bool {
				signal := &signalsv1.Signal{}
				c.set(signal, value)
				return !complains(validator.Validate(signal), c.field)
			}
			for _, value := range c.good {
				if !described[c.name].allows(t, value) || !accepts(value) {
					t.Errorf("%q: described %v, accepted %v, want both", value, described[c.name].allows(t, value), accepts(value))
				}
			}
			for _, value := range c.bad {
				if described[c.name].allows(t, value) || accepts(value) {
					t.Errorf("%q: described %v, accepted %v, want neither", value, described[c.name].allows(t, value), accepts(value))
				}
			}
		})
	}
}

// complains says whether err has a fault of the field.
func complains(err error, field string) bool {
	var faults *protovalidate.ValidationError
	if !errors.As(err, &faults) {
		return err != nil
	}
	for _, v := range faults.Violations {
		if protovalidate.FieldPathString(v.Proto.GetField()) == field {
			return true
		}
	}
	return false
}
