package rules

import (
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Unknown is the reason of a violation that is about a field that this version
// does not know.
const Unknown = "onbekend-veld"

// partsOf goes through everything that a sender fills in.
func partsOf(all []protoreflect.MessageDescriptor) tree {
	return treeOf(all,
		func(protoreflect.FullName) bool { return true },
		func(field protoreflect.FieldDescriptor) bool { return !isOutput(field) && !isIgnored(field) })
}

// unknown lists the messages, m and what is in it, with a field that this version
// does not know. They come from a sender with a newer version of the protos, who
// must not believe that the field was understood: it may have been "store
// nothing".
func (t tree) unknown(m protoreflect.Message) violations {
	return t.walk(m, func(m protoreflect.Message) (found violations, further bool) {
		if len(m.GetUnknown()) > 0 {
			found = append(found, &errdetails.BadRequest_FieldViolation{
				Reason: Unknown, Description: "holds a field that this version of Schakel does not know",
				LocalizedMessage: &errdetails.LocalizedMessage{Locale: "nl", Message: "bevat een veld dat deze versie van Schakel niet kent"},
			})
		}
		return found, true
	})
}
