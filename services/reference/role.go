package reference

import "slices"

// Role is a part that a caller can play. What a role may do stands beside each
// RPC, in its proto option; this table only says what the roles are.
type Role struct {
	// Slug is the word on the wire.
	Slug  string
	Label Text
	// Description says in a sentence who plays it.
	Description Text
	// Source is where the role comes from.
	Source string
}

// Role finds a role by its slug.
func (d *Data) Role(slug string) (Role, bool) {
	i := slices.IndexFunc(d.roles, func(r Role) bool { return r.Slug == slug })
	if i < 0 {
		return Role{}, false
	}
	return d.roles[i], true
}

// Roles returns all roles in the order of the table. The slice is the caller's.
func (d *Data) Roles() []Role { return slices.Clone(d.roles) }

func (d *Data) loadRoles(l layers) error {
	return l.read(roleTable, func(r *row) error {
		f := r.fields
		d.roles = append(d.roles, Role{
			Slug: f[0], Label: Text{NL: f[1], EN: f[2]}, Description: Text{NL: f[3], EN: f[4]}, Source: f[5],
		})
		return nil
	})
}
