package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"schakel.example/services/internal/config"
	"schakel.example/services/internal/fault"
)

// cli is every command, as kong reads it.
type cli struct {
	Config kong.ConfigFlag `help:"Bestand met instellingen (YAML): de namen van opties, met hun waarden." placeholder:"BESTAND"`

	Serve   serveCmd   `cmd:"" help:"Start Schakel: alles in één proces, of één onderdeel."`
	Push    pushCmd    `cmd:"" help:"Dien signalen in uit een NDJSON-bestand of van standaardinvoer."`
	Edition editionCmd `cmd:"" name:"edition" help:"Stel een editie van de Staat van de Uitvoering samen."`
	Verify  verifyCmd  `cmd:"" help:"Controleer een ontvangstbewijs of een editie, zonder verbinding."`
	Ledger  ledgerCmd  `cmd:"" help:"Bewaar een logboek in een bestand, of zet het terug."`
	Token   tokenCmd   `cmd:"" help:"Maak een token van de ingebouwde uitgever."`
	Demo    demoCmd    `cmd:"" help:"Start Schakel met voorbeeldgegevens en vertel wat er gebeurt."`
	Version versionCmd `cmd:"" help:"Toon de versie."`
}

// Exit codes: a command that could not do all it was asked to ends with 1, one
// that was not understood with 2.
const (
	exitFailed = 1
	exitUsage  = 2
)

// execute is the program, from arguments to exit code.
func execute(ctx context.Context, args []string, s streams) int {
	exit := -1
	parser, err := kong.New(&cli{},
		kong.Name("schakel"),
		kong.Description("Schakel verbindt uitvoering en beleid: signalen, knelpuntenbrieven en de Staat van de Uitvoering."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exit = code }),
		kong.Configuration(config.YAML),
		kong.DefaultEnvars("SCHAKEL"),
		kong.Help(dutchHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		fmt.Fprintln(s.err, "schakel:", err)
		return exitUsage
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case exit >= 0: // help was shown
		return exit
	case err != nil:
		fmt.Fprintf(s.err, "schakel: %v\nZie: schakel --help\n", err)
		return exitUsage
	}
	if err := command.Run(parser); err != nil {
		fmt.Fprintln(s.err, "schakel:", inDutch(err))
		return exitFailed
	}
	return 0
}

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
