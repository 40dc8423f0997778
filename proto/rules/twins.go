package rules

import (
	"strings"
	"time"
	"unicode/utf8"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The rules of our own are written in CEL, beside their names in the protos. What
// quick tests them by is each expression once more in Go. When an expression
// changes, its twin no longer counts.
var twins = map[protoreflect.FullName]struct {
	expression string
	test       func(string) bool
}{
	"schakel.options.v1.tooi": {
		`!rule || this == '' || this.matches('^https://identifier\\.overheid\\.nl/tooi/id/[a-z]{2,20}/[a-z_]{2,6}[0-9]{2,8}$|^urn:nld:oin:00000099[0-9]{12}$')`,
		isTOOI,
	},
	"schakel.options.v1.calendar_date": {
		`!rule || this == '' || this.matches('^(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))` +
			`|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)$')`,
		isDate,
	},
	"schakel.options.v1.slug": {
		`!rule || this == '' || this.matches('^[a-z0-9]+(?:-[a-z0-9]+)*$')`,
		isSlug,
	},
	"schakel.options.v1.prose": {
		`!rule || this == '' || (this.matches('[^\\s]') && !this.matches('[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]'))`,
		isText,
	},
}

// twin finds the test of a rule of our own; own says whether it is one at all.
func twin(field protoreflect.FieldDescriptor) (test func(string) bool, own bool) {
	if !field.IsExtension() {
		return nil, false
	}
	rules, err := protovalidate.ResolvePredefinedRules(field)
	if err != nil || len(rules.GetCel()) != 1 || rules.GetCel()[0].GetExpression() != twins[field.FullName()].expression {
		return nil, true
	}
	return twins[field.FullName()].test, true
}

func isTOOI(s string) bool {
	const register, sandbox = "https://identifier.overheid.nl/tooi/id/", "urn:nld:oin:00000099"
	if len(s) > len(register) && s[:len(register)] == register {
		kind, rest := while(s[len(register):], lower)
		if len(kind) < 2 || len(kind) > 20 || rest == "" || rest[0] != '/' {
			return false
		}
		letters, digits := while(rest[1:], func(c byte) bool { return lower(c) || c == '_' })
		number, rest := while(digits, digit)
		return len(letters) >= 2 && len(letters) <= 6 && len(number) >= 2 && len(number) <= 8 && rest == ""
	}
	if len(s) == len(sandbox)+12 && s[:len(sandbox)] == sandbox {
		_, rest := while(s[len(sandbox):], digit)
		return rest == ""
	}
	return s == ""
}

func isDate(s string) bool {
	if s == "" {
		return true
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil && len(s) == len(time.DateOnly)
}

func isSlug(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case lower(c) || digit(c):
		case c != '-' || i == 0 || i == len(s)-1 || s[i-1] == '-':
			return false
		}
	}
	return true
}

func isText(s string) bool {
	seen := s == ""
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\t' || c == '\n' || c == '\r' || c == ' ':
		case c < ' ' || c == 0x7f:
			return false
		default:
			seen = true
		}
	}
	return seen
}

// isPlainURI says whether a text is a web address of the plainest kind. Others may
// be good too.
func isPlainURI(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "http://"); !ok {
			return false
		}
	}
	host, rest := while(rest, func(c byte) bool { return lower(c) || digit(c) || c == '.' || c == '-' })
	if host == "" || !lower(host[0]) || rest != "" && rest[0] != '/' {
		return false
	}
	_, rest = while(rest, func(c byte) bool {
		return lower(c) || digit(c) || 'A' <= c && c <= 'Z' || strings.IndexByte("-._~/?&=+,;:@!$'()*", c) >= 0
	})
	return rest == ""
}

func lower(c byte) bool { return 'a' <= c && c <= 'z' }
func digit(c byte) bool { return '0' <= c && c <= '9' }

// while cuts a text after the bytes that are such.
func while(s string, such func(byte) bool) (before, after string) {
	n := 0
	for n < len(s) && such(s[n]) {
		n++
	}
	return s[:n], s[n:]
}

// atLeast and atMost count characters, without counting where bytes are enough.
func atLeast(s string, n int) bool {
	return len(s) >= utf8.UTFMax*n || utf8.RuneCountInString(s) >= n
}

func atMost(s string, n int) bool { return len(s) <= n || utf8.RuneCountInString(s) <= n }

// unique says whether no text is in a list twice. Lists are short.
func unique(list protoreflect.List) bool {
	if list.Len() > 64 {
		return false // or not that we know
	}
	for i := range list.Len() {
		for j := range i {
			if list.Get(i).String() == list.Get(j).String() {
				return false
			}
		}
	}
	return true
}
