package access

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
	"schakel.example/services/internal/fault"
)

// Faults of a decision.
var (
	errNoToken = fault.New(fault.Unauthenticated, "token-ontbreekt", fault.Text{
		NL: "Voor deze aanroep is een token nodig.",
		EN: "this call needs a token",
	})
	errNoRole = fault.New(fault.Denied, "rol-ontbreekt", fault.Text{
		NL: "U heeft geen rol die deze aanroep mag doen.",
		EN: "you have no role that may make this call",
	})
	errNoOrganisation = fault.New(fault.Denied, "organisatie-ontbreekt", fault.Text{
		NL: "Uw token noemt geen organisatie, en deze aanroep kan alleen namens een organisatie.",
		EN: "your token names no organisation, and this call can only be made on behalf of one",
	})
	errUnknownMethod = fault.New(fault.Denied, "onbekende-aanroep", fault.Text{
		NL: "Deze aanroep bestaat niet.",
		EN: "this call does not exist",
	})
)

// Allowance lets one role call a method, with a reach.
type Allowance struct {
	Role  Role
	Reach Reach
}

// Policy says who may call each method of a server. It does not change after
// it was made.
type Policy struct {
	methods map[string][]Allowance // by full method, "/package.Service/Method"
}

// NewPolicy reads the access options of all methods of the services. The
// allowances of methods that are not ours, such as the health service of gRPC,
// are given in extra, by full method. It fails on every method without
// allowances, or with one that makes no sense, and names them all.
func NewPolicy(extra map[string][]Allowance, services ...protoreflect.ServiceDescriptor) (*Policy, error) {
	p := &Policy{methods: maps.Clone(extra)}
	if p.methods == nil {
		p.methods = map[string][]Allowance{}
	}
	var errs []error
	for _, service := range services {
		for i := range service.Methods().Len() {
			method := service.Methods().Get(i)
			name := fmt.Sprintf("/%s/%s", service.FullName(), method.Name())
			if _, given := extra[name]; given {
				continue
			}
			allowances, err := read(method)
			if err != nil {
				errs = append(errs, fmt.Errorf("access: %s: %w", name, err))
			}
			p.methods[name] = allowances
		}
	}
	return p, errors.Join(errs...)
}

// Linked returns the services of Schakel that are linked into the program.
func Linked() []protoreflect.ServiceDescriptor {
	var all []protoreflect.ServiceDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), "schakel.") {
			for i := range file.Services().Len() {
				all = append(all, file.Services().Get(i))
			}
		}
		return true
	})
	return all
}

func read(method protoreflect.MethodDescriptor) ([]Allowance, error) {
	option, _ := proto.GetExtension(method.Options(), optionsv1.E_Access).(*optionsv1.Access)
	if len(option.GetAllow()) == 0 {
		return nil, errors.New("nobody may call it: the access option is missing or empty")
	}
	var allowances []Allowance
	seen := map[Role]bool{}
	for _, allow := range option.GetAllow() {
		a := Allowance{Role(allow.GetRole()), Reach(allow.GetReach())}
		switch {
		case optionsv1.Role_name[int32(a.Role)] == "" || a.Role == 0:
			return nil, errors.New("an allowance names no known role")
		case optionsv1.Reach_name[int32(a.Reach)] == "" || a.Reach == 0:
			return nil, fmt.Errorf("the allowance of %v names no known reach", a.Role)
		case a.Role == Publiek && a.Reach != Openbaar:
			return nil, fmt.Errorf("%v reaches no further than %v", Publiek, Openbaar)
		case seen[a.Role]:
			return nil, fmt.Errorf("%v is allowed twice", a.Role)
		}
		seen[a.Role] = true
		allowances = append(allowances, a)
	}
	return allowances, nil
}

// Decide says what the bearer of the claims may do in a call of a full method;
// the zero Claims are of a caller without token. Of several roles the one with
// the widest reach counts. The error is a fault: Unauthenticated when a token
// would be needed, Denied when the token's roles do not suffice.
func (p *Policy) Decide(method string, c Claims) (Grant, error) {
	allowances, known := p.methods[method]
	if !known {
		return Grant{}, errUnknownMethod
	}
	var best Grant
	denied := errNoRole
	if c.Subject == "" {
		denied = errNoToken
	}
	for _, a := range allowances {
		if a.Role != Publiek && !slices.Contains(c.Roles, a.Role) {
			continue
		}
		if a.Reach == Eigen && c.Organisation == "" {
			denied = errNoOrganisation
			continue
		}
		switch {
		case a.Reach > best.Reach:
			best = Grant{Role: a.Role, Reach: a.Reach}
		case a.Reach == best.Reach:
			best.Also |= rolesOf(a.Role)
		}
	}
	if best.Reach == 0 {
		return Grant{}, denied
	}
	best.Caller = c.Subject
	if best.Reach > Openbaar {
		best.Organisation = c.Organisation
	}
	return best, nil
}

// Table lists all methods with who may call them, a line each, sorted: the
// text that a test compares with what was agreed.
func (p *Policy) Table() string {
	var table strings.Builder
	for _, method := range slices.Sorted(maps.Keys(p.methods)) {
		allowances := slices.SortedFunc(slices.Values(p.methods[method]), func(a, b Allowance) int { return int(a.Role) - int(b.Role) })
		table.WriteString(method)
		for _, a := range allowances {
			fmt.Fprintf(&table, " %v=%v", a.Role, a.Reach)
		}
		table.WriteByte('\n')
	}
	return table.String()
}
