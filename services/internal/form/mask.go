package form

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"schakel.example/services/internal/fault"
)

var errMask = ErrInvalid.With(fault.Field{Path: "update_mask", Reason: "onbekend-veld", Text: fault.Text{
	NL: "noemt een veld dat er niet is", EN: "names a field that does not exist",
}})

// Amend takes the fields that a mask names over from change into m, which is of
// the same type: what is not set in change is emptied (AIP-134). A fault Invalid
// about update_mask says that it names a field that m does not have.
func Amend(m, change proto.Message, mask *fieldmaskpb.FieldMask) error {
	if mask != nil && !mask.IsValid(m) {
		return errMask
	}
	for _, path := range mask.GetPaths() {
		takeOver(m.ProtoReflect(), change.ProtoReflect(), path)
	}
	return nil
}

func takeOver(to, from protoreflect.Message, path string) {
	name, rest, deeper := strings.Cut(path, ".")
	field := to.Descriptor().Fields().ByName(protoreflect.Name(name))
	switch {
	case deeper && (to.Has(field) || from.Has(field)):
		takeOver(to.Mutable(field).Message(), from.Get(field).Message(), rest)
	case deeper: // nothing to empty
	case from.Has(field):
		to.Set(field, from.Get(field))
	default:
		to.Clear(field)
	}
}
