package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"text/tabwriter"

	"schakel.example/proto/openapi"
	"schakel.example/services/letters/edition"
	"schakel.example/services/reference"
)

// output is how a command tells its result.
type output struct {
	Output string `default:"table" enum:"table,json" help:"Vorm van het resultaat: table of json."`
}

// tell writes a result: its rows to people, or the value to programs.
func (o output) tell(s streams, value any, rows ...[2]string) error {
	if o.Output == "json" {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(value)
	}
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
	}
	return w.Flush()
}

// versionCmd is `schakel version`.
type versionCmd struct{ output }

// Run tells which program, interface and data these are.
func (c *versionCmd) Run(s streams) error {
	api, err := openapi.Version()
	if err != nil {
		return err
	}
	return c.tell(s, map[string]string{
		"schakel": version(), "api": api, "referentiegegevens": reference.Version, "samensteller": edition.CompilerVersion,
	}, [2]string{"schakel", version()}, [2]string{"REST-interface", api},
		[2]string{"referentiegegevens", reference.Version}, [2]string{"samensteller", edition.CompilerVersion})
}

// version is the version of this build, as Go stamped it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "ontwikkelversie"
	}
	return info.Main.Version
}

// writePublic keeps a public key beside its private one.
func writePublic(path, key string) error {
	if have, err := os.ReadFile(path); err == nil && string(have) == key+"\n" {
		return nil
	}
	return os.WriteFile(path, []byte(key+"\n"), 0o644)
}
