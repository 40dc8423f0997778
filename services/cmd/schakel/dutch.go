package main

import (
	"bytes"
	"errors"
	"strings"

	"github.com/alecthomas/kong"

	"schakel.example/services/internal/fault"
)

// inDutch words an error for the user: a fault in its Dutch text with what is
// at fault, anything else as it is.
func inDutch(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	text := f.Text.NL
	for _, field := range f.Fields {
		text += "\n  " + field.Path + ": " + field.Text.NL
	}
	if f.Err != nil {
		text += "\n  (" + f.Err.Error() + ")"
	}
	return text
}

// dutchHelp is kong's help with its own words in Dutch.
func dutchHelp(options kong.HelpOptions, ctx *kong.Context) error {
	var text bytes.Buffer
	out := ctx.Stdout
	ctx.Stdout = &text
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	_, err2 := strings.NewReplacer(
		"Usage:", "Gebruik:",
		"Arguments:\n", "Argumenten:\n",
		"Flags:\n", "Opties:\n",
		"Commands:\n", "Opdrachten:\n",
		"Show context-sensitive help.", "Toon deze uitleg.",
		"<command>", "<opdracht>",
		"[flags]", "[opties]",
		"for more information on a command.", "voor uitleg bij een opdracht.",
		"Run \"", "Geef \"",
	).WriteString(out, text.String())
	return errors.Join(err, err2)
}

// usageInDutch is what kong says of a command line that it cannot read, with its
// own words in Dutch.
func usageInDutch(err error) string {
	return strings.NewReplacer(
		"unknown flag ", "onbekende optie ",
		"unexpected argument ", "onverwacht argument ",
		"unexpected flag argument ", "onverwachte optie ",
		", did you mean one of ", ", bedoelt u een van ",
		", did you mean ", ", bedoelt u ",
		"missing flags: ", "er ontbreken opties: ",
		"missing value, expecting ", "er ontbreekt een waarde: ",
		"must be one of ", "moet een zijn van ",
		"expected one of ", "er ontbreekt een van ",
		"expected duration ", "verwacht een duur, zoals 90m of 12h, ",
		"expected a valid 64 bit int ", "verwacht een geheel getal ",
		"expected a valid 64 bit uint ", "verwacht een geheel getal ",
		": time: invalid duration ", ": geen duur: ",
		"expected \"", "er ontbreekt \"",
		"but got ", "maar kreeg ",
		"exists but is not a directory", "is geen map",
		"exists but is a directory", "is een map",
		": stat ", ": ", ": open ", ": ",
		"no such file or directory", "bestaat niet",
		"permission denied", "geen toegang",
	).Replace(err.Error())
}
