package rules

import (
	"os"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// fallback words a rule that is not in the table.
const fallback = "is ongeldig"

// dutch words each rule by its id; $name is the value of the rule with that
// name beside it. Ids of rules for numbers have "number" for the type. The
// table is never written to.
var dutch = map[string]string{
	"required":             "is verplicht",
	"string.min_len":       "moet minstens $min_len tekens hebben",
	"string.max_len":       "mag hoogstens $max_len tekens hebben",
	"string.pattern":       "heeft niet de vereiste vorm ($pattern)",
	"string.uuid":          "moet een UUID zijn",
	"string.uri":           "moet een URI zijn",
	"string.email":         "moet een e-mailadres zijn",
	"string.tooi":          "moet de TOOI-URI van een organisatie zijn",
	"string.calendar_date": "moet een bestaande datum zijn, geschreven als JJJJ-MM-DD",
	"string.slug":          "moet de code van een term zijn: kleine letters, cijfers en koppeltekens",
	"string.prose":         "moet tekst zijn, zonder besturingstekens",
	"string.json_pointer":  "moet een JSON-pointer zijn, zoals /omschrijving",
	"enum.defined_only":    "moet een van de bekende waarden zijn",
	"enum.not_in":          "mag deze waarde niet zijn",
	"repeated.min_items":   "moet minstens $min_items waarden bevatten",
	"repeated.max_items":   "mag hoogstens $max_items waarden bevatten",
	"repeated.unique":      "mag geen waarde dubbel bevatten",
	"number.gt":            "moet groter zijn dan $gt",
	"number.gte":           "moet minstens $gte zijn",
	"number.gte_lte":       "moet van $gte tot en met $lte zijn",
	"extent.order":         "de ondergrens mag niet hoger zijn dan de bovengrens",
	"response.instrument":  "bij een overgenomen knelpunt hoort een instrument",
	"response.ground":      "bij “nu niet” hoort een grond, en alleen daarbij",
}

// tableID is the id under which the table holds a rule, or nothing when it
// does not.
func tableID(id string) string {
	// "string.uuid_empty" and the like: protovalidate tells an empty value of
	// a format apart.
	id = strings.TrimSuffix(id, "_empty")
	kind, rule, _ := strings.Cut(id, ".")
	switch kind {
	case "int32", "uint32", "int64", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "float", "double":
		id = "number." + rule
	}
	if _, known := dutch[id]; !known {
		return ""
	}
	return id
}

// inDutch words the violation of a rule, with the values of the rules beside
// it filled in.
func inDutch(id string, beside protoreflect.Message) string {
	if id = tableID(id); id == "" {
		return fallback
	}
	text := os.Expand(dutch[id], func(name string) string { return value(beside, protoreflect.Name(name)) })
	return strings.NewReplacer(" 1 tekens", " 1 teken", " 1 waarden", " 1 waarde").Replace(text)
}

// value prints the value of one rule.
func value(rules protoreflect.Message, name protoreflect.Name) string {
	if rules == nil {
		return "?"
	}
	field := rules.Descriptor().Fields().ByName(name)
	if field == nil {
		return "?"
	}
	v := rules.Get(field)
	if !field.IsList() {
		return v.String()
	}
	texts := make([]string, v.List().Len())
	for i := range texts {
		texts[i] = v.List().Get(i).String()
	}
	return strings.Join(texts, ", ")
}
