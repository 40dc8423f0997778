package reference

import (
	"fmt"
	"io/fs"
)

// Version identifies the reference data that the program holds. It is raised
// with every change of a data file, at most monthly to "year.month", within a
// month with a suffix. With tables of an installation over it, Data.Version
// tells more.
const Version = "2026.11"

// Data is the reference data, looked up in memory. It never changes.
type Data struct {
	version       string
	organisations map[string]Organisation
	orgOrder      []Organisation
	orgByCode     map[string]string // TOOI URI by code or OIN
	regulations   map[string]Regulation
	regOrder      []Regulation
	dossiers      map[string]Dossier
	dossierOrder  []Dossier
	terms         map[string][]Term
	roles         []Role
	decrees       []decree

	nearOrganisations, nearRegulations func() Index
}

// Load reads and checks the embedded data, in a few milliseconds. It fails only
// when the program was built with broken data.
func Load() (*Data, error) { return LoadOver(nil) }

// LoadOver reads the embedded data with an installation's tables over them: of
// each table its rows replace those of the same key, and the others are added.
// own holds files of the same names and form as the embedded ones, or fewer; nil
// is none. The error is for people, in Dutch.
func LoadOver(own fs.FS) (*Data, error) {
	l := layers{own}
	d := &Data{}
	var err error
	if d.version, err = l.version(); err != nil {
		return nil, err
	}
	for _, step := range []func(layers) error{
		d.loadOrganisations, d.loadRegulations, d.loadDossiers, d.loadTerms, d.loadRoles, d.loadDecrees,
	} {
		if err := step(l); err != nil {
			return nil, fmt.Errorf("referentiegegevens %s: %w", d.version, err)
		}
	}
	return d, nil
}

// Version identifies these data: two that have the same are the same. An
// installation's tables show in it, as in "2026.11+0123456789ab".
func (d *Data) Version() string { return d.version }
