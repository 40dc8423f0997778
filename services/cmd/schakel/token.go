package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"schakel.example/services/internal/access"
	"schakel.example/services/reference"
)

// tokenCmd is `schakel token`: a token of the built-in issuer, for whoever may
// read its key.
type tokenCmd struct {
	Role         []string      `required:"" help:"Rol, zoals aanleveraar of beantwoorder; meer dan één mag."`
	Organisation string        `help:"Organisatie: TOOI-URI of afkorting, zoals UWV." placeholder:"ORGANISATIE"`
	Subject      string        `default:"schakel token" help:"Wie het token draagt."`
	Lifetime     time.Duration `default:"12h" help:"Hoe lang het geldt."`
	Data         string        `default:"schakel-data" type:"path" help:"Map met de sleutel van de uitgever."`
	Reference    string        `type:"path" help:"Map met eigen referentiegegevens, als serve die heeft." placeholder:"MAP"`
}

// Run prints the token alone, so that it can be put in a variable.
func (c *tokenCmd) Run(s streams) error {
	if _, err := os.Stat(issuerKey(c.Data)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("in %s staat geen sleutel van een uitgever; start eerst: schakel serve --data=%s", c.Data, c.Data)
	}
	organisation, err := findOrganisation(c.Reference, c.Organisation)
	if err != nil {
		return err
	}
	token, err := mint(c.Data, c.Subject, organisation, c.Lifetime, c.Role...)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, token)
	return err
}

// mint makes a token of the built-in issuer whose key stands in the data folder,
// for an organisation by its TOOI URI.
func mint(data, subject, organisation string, lifetime time.Duration, roles ...string) (string, error) {
	t := access.Token{Subject: subject, Organisation: organisation, Lifetime: lifetime}
	for _, name := range roles {
		role, ok := access.ParseRole(name)
		if !ok {
			return "", fmt.Errorf("%q is geen rol; kies uit: %s", name, roleNames())
		}
		t.Roles = append(t.Roles, role)
	}
	issuer, err := access.OpenIssuer(issuerKey(data), time.Now)
	if err != nil {
		return "", err
	}
	return issuer.Mint(t)
}

func roleNames() string {
	data, err := reference.Load()
	if err != nil {
		return ""
	}
	var names []string
	for _, r := range data.Roles() {
		names = append(names, r.Slug)
	}
	return strings.Join(names, ", ")
}

// findOrganisation finds the TOOI URI of an organisation named by URI or
// abbreviation; empty stays empty.
func findOrganisation(own, name string) (string, error) {
	data, err := loadReference(own)
	if err != nil || name == "" {
		return "", err
	}
	if o, ok := data.Organisation(name); ok {
		return o.TOOI, nil
	}
	today := reference.DutchDate(time.Now())
	for _, o := range data.Organisations() {
		if strings.EqualFold(o.Abbreviation, name) && o.ValidOn(today) {
			return o.TOOI, nil
		}
	}
	text := fmt.Sprintf("%q is geen organisatie uit de referentiegegevens", name)
	near := slices.DeleteFunc(data.NearestOrganisations(name, 20), func(o reference.Organisation) bool { return !o.ValidOn(today) })
	for _, o := range near[:min(len(near), 3)] {
		text += "\n  lijkt op: " + o.Title() + " (" + o.TOOI + ")"
	}
	return "", errors.New(text)
}
