package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/alecthomas/kong"

	"schakel.example/services/internal/config"
)

// cli is every command, as kong reads it.
type cli struct {
	Config kong.ConfigFlag `help:"Bestand met instellingen (YAML): de namen van opties, met hun waarden." placeholder:"BESTAND"`

	Serve     serveCmd     `cmd:"" help:"Start Schakel: alles in één proces, of één onderdeel."`
	Push      pushCmd      `cmd:"" help:"Dien signalen in uit een bestand: NDJSON, CSV of XLSX."`
	Edition   editionCmd   `cmd:"" name:"edition" help:"Stel een editie van de Staat van de Uitvoering samen."`
	Verify    verifyCmd    `cmd:"" help:"Controleer een ontvangstbewijs of een editie, zonder verbinding."`
	Ledger    ledgerCmd    `cmd:"" help:"Bewaar een logboek in een bestand, of zet het terug."`
	Reference referenceCmd `cmd:"" name:"reference" help:"Houd eigen referentiegegevens bij."`
	Token     tokenCmd     `cmd:"" help:"Maak een token van de ingebouwde uitgever."`
	Demo      demoCmd      `cmd:"" help:"Start Schakel met voorbeeldgegevens en vertel wat er gebeurt."`
	Version   versionCmd   `cmd:"" help:"Toon de versie."`
}

// Exit codes: a command that could not do all it was asked to ends with 1, one
// that was not understood with 2, and one that was broken off and goes on when it
// is given again with 3.
const (
	exitFailed     = 1
	exitUsage      = 2
	exitUnfinished = 3
)

// coded is an error with an exit code of its own.
type coded struct {
	error
	code int
}

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
		fmt.Fprintf(s.err, "schakel: %s\nZie: schakel --help\n", usageInDutch(err))
		return exitUsage
	}
	if err := command.Run(parser); err != nil {
		fmt.Fprintln(s.err, "schakel:", inDutch(err))
		if c, ok := errors.AsType[coded](err); ok {
			return c.code
		}
		return exitFailed
	}
	return 0
}
