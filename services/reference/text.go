package reference

// Text is a text for people: Dutch, and English beside it.
type Text struct{ NL, EN string }

// Problem says why a text does not refer to anything, or a term cannot be
// computed. Its texts never contain the input.
type Problem struct {
	// Reason is a stable slug, such as "jci-datums".
	Reason string
	// NL and EN say what is wrong and what would be right.
	NL, EN string
}

// Error gives the reason and the English text, for logs.
func (p *Problem) Error() string { return p.Reason + ": " + p.EN }
