package access

import (
	"strings"

	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
)

// Role is what a caller is to Schakel, as in schakel.options.v1.Role; the
// reference data describe each.
type Role optionsv1.Role

// The roles.
const (
	Aanleveraar    = Role(optionsv1.Role_ROLE_AANLEVERAAR)
	Redacteur      = Role(optionsv1.Role_ROLE_REDACTEUR)
	Bestuurder     = Role(optionsv1.Role_ROLE_BESTUURDER)
	Beantwoorder   = Role(optionsv1.Role_ROLE_BEANTWOORDER)
	Contactpersoon = Role(optionsv1.Role_ROLE_CONTACTPERSOON)
	Bewindspersoon = Role(optionsv1.Role_ROLE_BEWINDSPERSOON)
	Samensteller   = Role(optionsv1.Role_ROLE_SAMENSTELLER)
	Toezichthouder = Role(optionsv1.Role_ROLE_TOEZICHTHOUDER)
	Beheerder      = Role(optionsv1.Role_ROLE_BEHEERDER)
	Service        = Role(optionsv1.Role_ROLE_SERVICE)
	Bewijshouder   = Role(optionsv1.Role_ROLE_BEWIJSHOUDER)
	Publiek        = Role(optionsv1.Role_ROLE_PUBLIEK)
)

// String is the role's slug, as in tokens and in the reference data.
func (r Role) String() string { return slug("ROLE_", optionsv1.Role(r).String()) }

// ParseRole finds a role by its slug; false when there is none.
func ParseRole(text string) (Role, bool) {
	n, known := optionsv1.Role_value["ROLE_"+strings.ToUpper(text)]
	return Role(n), known && n != 0 && text == Role(n).String()
}

// Roles is a set of roles. The zero value is empty.
type Roles uint64

// rolesOf is the set of these roles.
func rolesOf(roles ...Role) (set Roles) {
	for _, role := range roles {
		set |= 1 << role
	}
	return set
}

// Reach is how far a caller sees; a greater one includes a smaller one. The
// zero value reaches nothing.
type Reach optionsv1.Reach

// The reaches.
const (
	// Openbaar is only what is published.
	Openbaar = Reach(optionsv1.Reach_REACH_OPENBAAR)
	// Eigen is what is published, and all that the caller's organisation is
	// party to.
	Eigen = Reach(optionsv1.Reach_REACH_EIGEN)
	// Alle is everything.
	Alle = Reach(optionsv1.Reach_REACH_ALLE)
)

// String is the reach's slug.
func (r Reach) String() string { return slug("REACH_", optionsv1.Reach(r).String()) }

func slug(prefix, name string) string {
	return strings.ToLower(strings.TrimPrefix(name, prefix))
}
