package access

import "context"

// Grant is what one call may do: who calls, in which role, and how far they
// see. Stores take it as a parameter. The zero Grant may do nothing.
type Grant struct {
	// Caller is the subject of the token; empty without one. It is for limits
	// and for the ledger, not for logs.
	Caller string
	// Organisation is the TOOI URI of the organisation that the caller acts
	// for; empty when Reach is Openbaar, and for roles of no organisation.
	Organisation string
	// Role is the role that gave the reach.
	Role Role
	// Also are the caller's other roles that give the same reach.
	Also Roles
	// Reach is how far the caller sees.
	Reach Reach
}

// Is says whether the caller has the reach by a role, among others perhaps.
func (g Grant) Is(role Role) bool { return g.Role == role || g.Also&rolesOf(role) != 0 }

// All says whether the caller sees everything.
func (g Grant) All() bool { return g.Reach == Alle }

// Covers says whether the caller may see or do what is an organisation's:
// because it is theirs, or because they reach everything.
func (g Grant) Covers(organisation string) bool {
	return g.All() || g.Reach == Eigen && g.Organisation != "" && g.Organisation == organisation
}

type grantKey struct{}

// With puts the grant of a call in its context.
func With(ctx context.Context, g Grant) context.Context {
	return context.WithValue(ctx, grantKey{}, g)
}

// From returns the grant of the call that ctx serves; false outside a call.
func From(ctx context.Context) (Grant, bool) {
	g, ok := ctx.Value(grantKey{}).(Grant)
	return g, ok
}
