package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"schakel.example/gateway/problem"
	"schakel.example/proto/wire"
)

// The entity tag of a resource with a revision begins with that revision, which
// is what If-Match is about: of another revision nothing is changed. What else
// shows of the resource may change without a revision, such as the state of a
// signal that follows from letters; so a hash of it all comes after, and
// If-None-Match looks at the whole tag.

const (
	ifMatch = "If-Match"
	// noRevision stands for a tag that matches none: a weak one, which
	// If-Match never matches (RFC 9110 §13.1.1), or one that we did not give.
	noRevision = math.MaxInt32
	// reasonOvertaken is what services say when the expected revision is not
	// the one that is there.
	reasonOvertaken = "revisie-ingehaald"
)

var (
	// entityTag is RFC 9110 §8.8.3.
	entityTag = regexp.MustCompile(`^(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"$`)
	// entityTags is a list of them; as a tag may hold a comma, only its form
	// is told.
	entityTags = regexp.MustCompile(`^[ \t,]*(?:W/)?"[^"]*"(?:[ \t]*,[ \t]*(?:(?:W/)?"[^"]*")?)+$`)
	// ownTag is one of ours, of which the hash may be left out: the revision
	// also stands in the resource.
	ownTag = regexp.MustCompile(`^"([1-9][0-9]*)(?:-[0-9a-f]{16})?"$`)
)

// expected reads the header If-Match into the text of the revision that the
// caller looked at; nothing for whichever there is.
func expected(values []string) (revision string, fault *problem.Fault) {
	tag := strings.Trim(strings.Join(values, ","), " \t")
	switch {
	case len(values) == 0, tag == "*":
		return "", nil
	case entityTag.MatchString(tag):
	case entityTags.MatchString(tag):
		return "", &problem.Fault{Header: ifMatch, Reason: "meer-dan-een-entiteitstag", Text: problem.Text{
			NL: "Noem één entiteitstag: die van de versie die u hebt gezien.",
			EN: "name one entity tag: that of the version that you looked at",
		}}
	default:
		return "", &problem.Fault{Header: ifMatch, Reason: "ongeldige-entiteitstag", Text: problem.Text{
			NL: `Hier hoort een entiteitstag tussen aanhalingstekens, zoals "3", of een sterretje.`,
			EN: `an entity tag in quotes is expected, such as "3", or an asterisk`,
		}}
	}
	if own := ownTag.FindStringSubmatch(tag); own != nil {
		if n, err := strconv.ParseInt(own[1], 10, 32); err == nil {
			return strconv.FormatInt(n, 10), nil
		}
	}
	return strconv.Itoa(noRevision), nil
}

// unmet makes the answer to a condition that does not hold out of what a service
// says of a revision that is not there. Without a condition it is a conflict.
func (x *exchange) unmet(p *problem.Problem) *problem.Problem {
	if x.conditional && p.Reason == reasonOvertaken && p.Status == http.StatusConflict {
		p.Status = http.StatusPreconditionFailed
	}
	return p
}

// tag gives the entity tag of the resource in a response; nothing when it has no
// revision.
func (c *call) tag(response protoreflect.Message) string {
	if c.member == nil {
		return ""
	}
	revision := c.member.Message().Fields().ByName("revision")
	if revision == nil || revision.Kind() != protoreflect.Int32Kind || revision.IsList() {
		return ""
	}
	resource := response.Get(c.member).Message()
	n := resource.Get(revision).Int()
	if n <= 0 {
		return ""
	}
	text, err := wire.MarshalAnswer(resource.Interface())
	if err != nil {
		return "" // the answer cannot be written either
	}
	sum := sha256.Sum256(text)
	return fmt.Sprintf(`"%d-%s"`, n, hex.EncodeToString(sum[:8]))
}
