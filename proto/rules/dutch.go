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
	"string.pattern":       "heeft niet de vereiste vorm", // patterns says which
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

// patterns words what each pattern allows: a regular expression is not for people.
// It is never written to.
var patterns = map[string]struct{ dutch, english string }{
	"^[A-Za-z0-9][A-Za-z0-9._:/-]*$": {
		"mag alleen letters zonder accenten, cijfers en de tekens . _ : / - bevatten, en moet beginnen met een letter of een cijfer",
		"may only hold letters without accents, digits and the characters . _ : / -, and must begin with a letter or a digit",
	},
	"^[A-Za-z0-9_-]{43}$": {
		"moet precies 43 tekens hebben: 32 bytes in base64url, zonder = aan het eind",
		"must have exactly 43 characters: 32 bytes in base64url, without = at the end",
	},
	"^https?://": {"moet beginnen met https:// of http://", "must begin with https:// or http://"},
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

// worded words the violation of a rule in both languages. Without words of ours
// the English ones stand.
func worded(id string, beside protoreflect.Message, english string) (inNL, inEN string) {
	if id == "string.pattern" {
		if words, ok := patterns[value(beside, "pattern")]; ok {
			return words.dutch, words.english
		}
	}
	return inDutch(id, beside), english
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
