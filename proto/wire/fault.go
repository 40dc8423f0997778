package wire

import "strings"

// maxFaults bounds how many faults are listed: beyond it the input is not worth
// the work.
const maxFaults = 100

// Place is where in an HTTP request something stands. Without parameter or
// header it is in the body.
type Place struct {
	// Pointer is where in the body: a JSON pointer (RFC 6901) in Dutch names.
	// Empty is the body as a whole.
	Pointer string
	// Parameter is the parameter of the query or the path.
	Parameter string
	// Header is the name of the header.
	Header string
}

// Fault is one thing that is wrong with the input.
type Fault struct {
	Place
	// Reason is a stable slug in Dutch, part of the interface.
	Reason string
	// NL and EN say what is wrong and, where possible, what would be right.
	NL, EN string
}

// Error is what is wrong with the input, all of it.
type Error struct {
	// Faults has at least one, in the order of the input.
	Faults []Fault
	// Truncated says that there were too many to list.
	Truncated bool
}

// Error lists the faults in English, for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("wire: ")
	for i, f := range e.Faults {
		if i > 0 {
			b.WriteString("; ")
		}
		switch {
		case f.Header != "":
			b.WriteString(f.Header + ": ")
		case f.Parameter != "":
			b.WriteString(f.Parameter + ": ")
		case f.Pointer != "":
			b.WriteString(f.Pointer + ": ")
		}
		b.WriteString(f.EN)
	}
	if e.Truncated {
		b.WriteString("; and more")
	}
	return b.String()
}

// Reasons of faults.
const (
	ReasonSyntax       = "ongeldige-json"
	ReasonEmpty        = "geen-inhoud"
	ReasonTrailing     = "tekst-na-einde"
	ReasonTooDeep      = "te-diep-genest"
	ReasonUnknownField = "onbekend-veld"
	ReasonEnglishName  = "engelse-naam"
	ReasonMisplaced    = "verkeerde-plaats"
	ReasonDuplicate    = "dubbel-veld"
	ReasonReadOnly     = "alleen-lezen"
	ReasonOneof        = "meer-dan-een-keuze"
	ReasonType         = "verkeerd-type"
	ReasonEnum         = "onbekende-waarde"
	ReasonRange        = "buiten-bereik"
	ReasonWhole        = "geen-geheel-getal"
	ReasonTooMany      = "repeated-max-items" // as the rule, which holds where no JSON is read
	ReasonBase64       = "ongeldige-base64"
	ReasonTime         = "ongeldig-tijdstip"
	ReasonText         = "ongeldige-tekst"

	ReasonUnknownParameter   = "onbekende-parameter"
	ReasonDuplicateParameter = "dubbele-parameter"
	ReasonEncoding           = "ongeldige-codering"

	ReasonDuplicateHeader = "dubbele-kop"
)
