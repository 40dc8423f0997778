package signals

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"

	"schakel.example/services/reference"
)

// codeBytes is how much chance a reporting code holds: 125 bits, so that none
// can be found by trying.
const codeBytes, codeLength, codeGroup = 16, 25, 5

// crockford writes codes without letters that are taken for digits
// (crockford.com/base32).
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// newCode makes a code that admits one protected report, in groups that can be
// read out.
func newCode() string {
	var random [codeBytes]byte
	rand.Read(random[:]) // never fails, by its documentation
	text := crockford.EncodeToString(random[:])[:codeLength]
	var groups []string
	for i := 0; i < len(text); i += codeGroup {
		groups = append(groups, text[i:i+codeGroup])
	}
	return strings.Join(groups, "-")
}

// codeHash is what is kept of a code, however it was typed.
func codeHash(code string) [sha256.Size]byte {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z':
			return r
		}
		return -1 // the hyphens and spaces that a text editor makes are of many kinds
	}, strings.ToUpper(code))
	return sha256.Sum256([]byte(plain))
}

// Report is what a protected reporter tells.
type Report struct {
	Title, Description string
	Categories         []string
	Provisions         []reference.Provision
	Severity           Severity
}

// Check holds the report to the reference data.
func (r Report) Check(c *reference.Checklist) {
	c.Terms("categories", reference.Categories, r.Categories)
	c.Provisions("provisions", r.Provisions)
}

// protectedReference is what the references of protected signals begin with.
const protectedReference = "beschermd-"

// signal makes a signal of a report: of an organisation, under a random
// reference, on a day. What a reporter cannot know is what binds least until the
// signal is triaged.
func (r Report) signal(organisation, id, reference string, day time.Time) Signal {
	return Signal{
		ID: id, Organisation: organisation, ExternalReference: protectedReference + reference,
		Title: r.Title, Description: r.Description, Categories: r.Categories, Provisions: r.Provisions, Severity: r.Severity,
		Level: "professional", Approach: Solve, Confidentiality: Confidential, Protected: true,
		Revision: 1, ReceivedAt: day, State: Received, StateAt: day,
	}
}

// report is what a signal says of a report.
func (s Signal) report() Report {
	return Report{s.Title, s.Description, s.Categories, s.Provisions, s.Severity}
}

// Message is one message between a protected reporter and the organisation.
type Message struct {
	ID         string // a random UUID
	ByReporter bool
	Text       string
	Day        string // YYYY-MM-DD
	Redacted   bool   // something was removed from it
}

// Case is a protected signal as its reporter sees it.
type Case struct {
	Signal   Signal
	Messages []Message
	// First is the entry of the report, or when that was erased of the oldest
	// revision that was not.
	First Entry
}

// dayOf is the day on which something happens, as a moment that tells no more
// than the day.
func dayOf(at time.Time) time.Time { return reference.DutchDate(at).Time() }
