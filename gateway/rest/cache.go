package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	optionsv1 "schakel.example/proto/gen/go/schakel/options/v1"
	referencev1 "schakel.example/proto/gen/go/schakel/reference/v1"
	"schakel.example/proto/wire"
)

// What anybody may read without a token is the same for all who have none: caches
// may keep it for others, for so long. With a token an answer is of its caller.
const (
	publicAge = "public, max-age=60"
	// referenceAge is that of reference data, which change with the program and its
	// tables.
	referenceAge = "public, max-age=3600"
)

// isPublic says whether anybody may call a method.
func isPublic(method protoreflect.MethodDescriptor) bool {
	who, _ := proto.GetExtension(method.Options(), optionsv1.E_Access).(*optionsv1.Access)
	return slices.ContainsFunc(who.GetAllow(), func(a *optionsv1.Allowance) bool { return a.GetRole() == optionsv1.Role_ROLE_PUBLIEK })
}

// isReference says whether a method reads reference data.
func isReference(method protoreflect.MethodDescriptor) bool {
	return method.ParentFile().Package() == referencev1.File_schakel_reference_v1_reference_service_proto.Package()
}

// share says of a good answer whether it may be kept for others. A header with a
// token is one, whatever it holds.
func (x *exchange) share(h http.Header) {
	if !x.public || x.verb != http.MethodGet || x.unobserved {
		return
	}
	h.Add("Vary", "Authorization")
	if _, shown := x.r.Header["Authorization"]; shown {
		return
	}
	h.Set("Cache-Control", publicAge)
	if x.reference {
		h.Set("Cache-Control", referenceAge)
	}
}

// hashTag is the entity tag of an answer that has no revision.
func (c *call) hashTag(response protoreflect.Message) string {
	shown := response.Interface()
	if c.answer != nil && c.answer.Message() != nil && !c.answer.IsList() {
		shown = response.Get(c.answer).Message().Interface()
	}
	text, err := wire.MarshalAnswer(shown)
	if err != nil {
		return "" // the answer cannot be written either
	}
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}
