package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Faults whose text does not depend on the field.
var (
	faultEmpty = Fault{
		Reason: ReasonEmpty,
		NL:     "Er is geen inhoud meegestuurd; hier hoort een JSON-object.",
		EN:     "there is no content; a JSON object is expected",
	}
	faultTooDeep = Fault{
		Reason: ReasonTooDeep,
		NL:     "De inhoud is te diep genest.",
		EN:     "the content is nested too deeply",
	}
	faultDuplicate = Fault{
		Reason: ReasonDuplicate,
		NL:     "Dit veld komt meer dan eens voor.",
		EN:     "this field occurs more than once",
	}
	faultReadOnly = Fault{
		Reason: ReasonReadOnly,
		NL:     "Dit veld vult Schakel zelf in; laat het weg.",
		EN:     "this field is filled in by Schakel; leave it out",
	}
	faultWhole = Fault{
		Reason: ReasonWhole,
		NL:     "Hier hoort een geheel getal, zonder cijfers achter de komma.",
		EN:     "a whole number is expected",
	}
	faultBase64 = Fault{
		Reason: ReasonBase64,
		NL:     "Hier hoort base64 (RFC 4648 §4, met opvulling).",
		EN:     "base64 is expected (RFC 4648 §4, with padding)",
	}
	faultTime = Fault{
		Reason: ReasonTime,
		NL:     "Hier hoort een bestaand tijdstip volgens RFC 3339, zoals 2026-01-31T12:00:00.000Z.",
		EN:     "an existing time in RFC 3339 is expected, such as 2026-01-31T12:00:00.000Z",
	}
	faultText = Fault{
		Reason: ReasonText,
		NL:     "De tekst is geen geldige UTF-8, of bevat het teken U+0000.",
		EN:     "the text is not valid UTF-8, or has the character U+0000",
	}
	faultEncoding = Fault{
		Reason: ReasonEncoding,
		NL:     "De procenttekens in deze parameter zijn niet goed gecodeerd.",
		EN:     "the percent signs in this parameter are not encoded well",
	}
	faultDuplicateHeader = Fault{
		Reason: ReasonDuplicateHeader,
		NL:     "Deze kop mag maar één keer voorkomen.",
		EN:     "this header may occur only once",
	}
	faultDuplicateParameter = Fault{
		Reason: ReasonDuplicateParameter,
		NL:     "Deze parameter mag maar één keer voorkomen.",
		EN:     "this parameter may occur only once",
	}
)

// noun is a type of JSON value, as people call it.
type noun struct{ nl, en string }

var (
	nounObject = noun{"een object", "an object"}
	nounList   = noun{"een lijst", "a list"}
	nounText   = noun{"tekst", "a string"}
	nounNumber = noun{"een getal", "a number"}
	nounBool   = noun{"true of false", "true or false"}
	nounNull   = noun{"null", "null"}
)

// noun is the type in which the form is written.
func (f form) noun() noun {
	switch f.shape {
	case shapeMessage, shapeStruct:
		return nounObject
	case shapeBool:
		return nounBool
	case shapeInt32, shapeUint32, shapeFloat:
		return nounNumber
	default:
		return nounText
	}
}

// is says whether a value of the kind is of the type.
func (n noun) is(kind jsontext.Kind) bool { return n == nounOf(kind) }

func nounOf(kind jsontext.Kind) noun {
	switch kind {
	case jsontext.KindBeginObject:
		return nounObject
	case jsontext.KindBeginArray:
		return nounList
	case jsontext.KindString:
		return nounText
	case jsontext.KindNumber:
		return nounNumber
	case jsontext.KindTrue, jsontext.KindFalse:
		return nounBool
	default:
		return nounNull
	}
}

func typeFault(want noun, got jsontext.Kind) Fault {
	found := nounOf(got)
	return Fault{
		Reason: ReasonType,
		NL:     fmt.Sprintf("Hier hoort %s; er staat %s.", want.nl, found.nl),
		EN:     fmt.Sprintf("%s is expected, not %s", want.en, found.en),
	}
}

// typed is typeFault for a parameter, which has no type of its own.
func typed(want noun) *Fault {
	return &Fault{
		Reason: ReasonType,
		NL:     fmt.Sprintf("Hier hoort %s.", want.nl),
		EN:     want.en + " is expected",
	}
}

func (e *enum) fault() *Fault {
	return &Fault{
		Reason: ReasonEnum,
		NL:     fmt.Sprintf("Deze waarde bestaat niet. Kies uit: %s.", e.list),
		EN:     fmt.Sprintf("there is no such value; choose from: %s", e.list),
	}
}

func (f form) rangeFault() *Fault {
	least, most := "-2147483648", "2147483647"
	switch {
	case f.shape == shapeUint32:
		least, most = "0", "4294967295"
	case f.bits == 32:
		least, most = "-3.4e38", "3.4e38"
	case f.bits == 64:
		least, most = "-1.7e308", "1.7e308"
	}
	return &Fault{
		Reason: ReasonRange,
		NL:     fmt.Sprintf("Het getal moet liggen tussen %s en %s.", least, most),
		EN:     fmt.Sprintf("the number must lie between %s and %s", least, most),
	}
}

func (f *field) tooManyFault() Fault {
	return Fault{
		Reason: ReasonTooMany,
		NL:     fmt.Sprintf("Hier mogen hoogstens %d elementen staan.", f.maxItems),
		EN:     fmt.Sprintf("there may be at most %d elements", f.maxItems),
	}
}

// misplaced is what is wrong with a field, by its Dutch or English name, that
// stands elsewhere in the request; nil for nothing.
func (s *schema) misplaced(name string, elsewhere func(*field) *Fault) *Fault {
	if elsewhere == nil {
		return nil
	}
	f := s.byName[name]
	if f == nil {
		f = s.english[name]
	}
	if f == nil {
		return nil
	}
	return elsewhere(f)
}

// unknownFault says which field was meant, if that can be guessed.
func (s *schema) unknownFault(name string, elsewhere func(*field) *Fault) Fault {
	if f := s.english[name]; f != nil {
		return Fault{
			Reason: ReasonEnglishName,
			NL:     fmt.Sprintf("Velden hebben hier hun Nederlandse naam: gebruik %s.", f.name),
			EN:     fmt.Sprintf("fields have their Dutch name here: use %s", f.name),
		}
	}
	f := Fault{Reason: ReasonUnknownField, NL: "Dit veld bestaat niet.", EN: "there is no such field"}
	here := s.named(func(f *field) bool { return elsewhere == nil || elsewhere(f) == nil })
	if near := nearest(name, here); near != "" {
		f.NL += fmt.Sprintf(" Bedoelt u %s?", near)
		f.EN += fmt.Sprintf("; did you mean %s?", near)
	}
	return f
}

func (s *schema) oneofFault(o protoreflect.OneofDescriptor) Fault {
	var names string
	for i := range o.Fields().Len() {
		if i > 0 {
			names += ", "
		}
		names += o.Fields().Get(i).JSONName()
	}
	return Fault{
		Reason: ReasonOneof,
		NL:     fmt.Sprintf("Van deze velden mag er één worden ingevuld: %s.", names),
		EN:     fmt.Sprintf("only one of these fields may be set: %s", names),
	}
}

// syntaxFault says where the text stops being JSON. What jsontext says of it is
// not passed on: it may quote the input.
func syntaxFault(data []byte, err *jsontext.SyntacticError) Fault {
	nl, en := position(data, err.ByteOffset)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return Fault{
			Reason: ReasonSyntax,
			NL:     fmt.Sprintf("De JSON houdt te vroeg op, op %s.", nl),
			EN:     fmt.Sprintf("the JSON ends too early, at %s", en),
		}
	}
	return Fault{
		Reason: ReasonSyntax,
		NL:     fmt.Sprintf("Geen geldige JSON op %s.", nl),
		EN:     fmt.Sprintf("not valid JSON at %s", en),
	}
}

func trailingFault(data []byte, at int64) Fault {
	// What follows starts after the white space.
	at += int64(len(data[at:]) - len(bytes.TrimLeft(data[at:], " \t\r\n")))
	nl, en := position(data, at)
	return Fault{
		Reason: ReasonTrailing,
		NL:     fmt.Sprintf("Na het JSON-object staat nog tekst, op %s.", nl),
		EN:     fmt.Sprintf("there is text after the JSON object, at %s", en),
	}
}

// position says where an offset is: line and column, both from 1, the column in
// characters. The first line is not named: what has one line may itself be a
// line of something else.
func position(data []byte, at int64) (nl, en string) {
	before := data[:min(max(at, 0), int64(len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	nl, en = fmt.Sprintf("positie %d", column), fmt.Sprintf("column %d", column)
	if line > 1 {
		nl, en = fmt.Sprintf("regel %d, %s", line, nl), fmt.Sprintf("line %d, %s", line, en)
	}
	return nl, en
}

// elsewhere says where a field belongs that is not part of a body of "*"; nil
// for one that is.
func (b Binding) elsewhere(f *field) *Fault {
	switch b.placeOf(f) {
	case inPath:
		return &Fault{
			Reason: ReasonMisplaced,
			NL:     "Dit staat al in het pad, en hoort niet in de inhoud.",
			EN:     "this is in the path already, and does not belong in the content",
		}
	case inHeader:
		return &Fault{
			Reason: ReasonMisplaced,
			NL:     fmt.Sprintf("Dit hoort niet in de inhoud, maar in de kop %s.", f.header),
			EN:     fmt.Sprintf("this does not belong in the content, but in the header %s", f.header),
		}
	default:
		return nil
	}
}

// unknownParameter is unknownFault for the query, of which not every field is a
// parameter.
func (b Binding) unknownParameter(s *schema, name string) *Fault {
	if f := s.english[name]; f != nil && b.inQuery(f) {
		return &Fault{
			Reason: ReasonEnglishName,
			NL:     fmt.Sprintf("Parameters hebben hier hun Nederlandse naam: gebruik %s.", f.name),
			EN:     fmt.Sprintf("parameters have their Dutch name here: use %s", f.name),
		}
	}
	f := &Fault{Reason: ReasonUnknownParameter, NL: "Deze parameter bestaat niet.", EN: "there is no such parameter"}
	if near := nearest(name, s.named(b.inQuery)); near != "" {
		f.NL += fmt.Sprintf(" Bedoelt u %s?", near)
		f.EN += fmt.Sprintf("; did you mean %s?", near)
	}
	return f
}
