package main

import (
	"errors"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// public is the role of whoever shows no token.
const public = "publiek"

// access is who may call a method.
type access struct{ roles []role }

// readAccess reads the option schakel.options.v1.access. It does so by name:
// the Go code of that option is made by the same run as the document.
func readAccess(m protoreflect.MethodDescriptor) (access, error) {
	value, ok := option(m.Options(), "schakel.options.v1.access")
	if !ok {
		return access{}, errors.New("no access option")
	}
	rule := value.Message()
	allow := rule.Get(rule.Descriptor().Fields().ByName("allow")).List()
	var a access
	for i := range allow.Len() {
		one := allow.Get(i).Message()
		a.roles = append(a.roles, role{Role: enumIn(one, "role"), Reach: enumIn(one, "reach")})
	}
	if len(a.roles) == 0 {
		return access{}, errors.New("the access option allows nobody")
	}
	return a, nil
}

// enumIn gives a message's enum field as the wire writes it.
func enumIn(m protoreflect.Message, name protoreflect.Name) string {
	field := m.Descriptor().Fields().ByName(name)
	number := m.Get(field).Enum()
	return wireName(field.Enum(), field.Enum().Values().ByNumber(number))
}

// public says whether the method can be called without a token.
func (a access) public() bool {
	return slices.ContainsFunc(a.roles, func(r role) bool { return r.Role == public })
}

// closed says whether some callers are refused, or see less than others.
func (a access) closed() bool { return !a.public() || len(a.roles) > 1 }

// security gives the requirement: nothing for what is public to all, a token
// that may be left out when the public sees less, a token else.
func (a access) security() []map[string]any {
	none, token := map[string]any{}, map[string]any{"token": []string{}}
	switch {
	case !a.closed():
		return []map[string]any{}
	case a.public():
		return []map[string]any{none, token}
	default:
		return []map[string]any{token}
	}
}
