// Package form holds what came in to all that is asked of it at once: the rules
// of its proto, that nothing in it leads to a person, and what the reference data
// says of what it names. Its answer is one fault that lists everything, so that
// the sender mends it in one go.
//
// It must not know any message: the services bring their own.
package form

import (
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"

	"schakel.example/proto/rules"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/screen"
)

// ErrInvalid is the fault of every form that is not right.
var ErrInvalid = fault.New(fault.Invalid, "ongeldige-invoer", fault.Text{
	NL: "De invoer klopt niet. Bij elk veld staat wat er niet klopt.",
	EN: "the input is not valid; what is wrong stands with each field",
})

// Check holds message m, which stands in the request at the field path at, to
// its proto's rules and its texts to the screen, and adds the faults that were
// found otherwise, whose paths are within m. At is empty when m is the request
// itself. Of a field that breaks its rules only that is said, and of a message
// that is not there only that it lacks. Nil means that all is right; otherwise the
// error is ErrInvalid with its fields, none of which holds anything of m.
func Check(checker *rules.Checker, at string, m proto.Message, found []fault.Field) error {
	if len(found) == 0 && Good(checker, m) {
		return nil
	}
	broke, err := checker.Check(at, m)
	if err != nil {
		return err
	}
	fields := Fields(broke)
	broken := make(map[string]string, len(fields)) // the reason by path
	for _, f := range fields {
		broken[f.Path] = f.Reason
	}
	for _, f := range Fields(checker.Texts(at, m, violations)) {
		if broken[f.Path] == "" {
			fields = append(fields, f)
		}
	}
	for _, f := range found {
		if at != "" {
			f.Path = at + "." + f.Path
		}
		if broken[f.Path] == "" && broken[parent(f.Path)] != "required" {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return ErrInvalid.With(fields...)
}

// Good says of a message that Check would find nothing, at little cost; false says
// nothing.
func Good(checker *rules.Checker, m proto.Message) bool {
	return checker.Good(m, func(text string, prose bool) bool { return len(look(text, prose)) == 0 })
}

// look screens a text: what is no prose as a reference.
func look(text string, prose bool) []screen.Finding {
	if prose {
		return screen.Text(text)
	}
	return screen.Reference(text)
}

func violations(text string, prose bool) []*errdetails.BadRequest_FieldViolation {
	return screen.Violations(look(text, prose))
}

// Fields says violations of rules as fields of a fault.
func Fields(all []*errdetails.BadRequest_FieldViolation) []fault.Field {
	fields := make([]fault.Field, len(all))
	for i, v := range all {
		fields[i] = fault.Field{Path: v.GetField(), Reason: v.GetReason(), Text: fault.Text{
			NL: v.GetLocalizedMessage().GetMessage(), EN: v.GetDescription(),
		}}
	}
	return fields
}

// parent is the path of the message that holds a field.
func parent(path string) string {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)]
}
