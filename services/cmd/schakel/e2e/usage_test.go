package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"schakel.example/proto/openapi"
	"schakel.example/services/internal/config"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/letters/edition"
	"schakel.example/services/reference"
)

func TestHelpIsInDutch(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{}, {"--help"}, {"serve", "--help"}, {"push", "--help"}, {"edition", "--help"}, {"edition", "compile", "--help"}, {"verify", "edition", "--help"},
		{"verify", "receipt", "--help"}, {"ledger", "export", "--help"}, {"ledger", "import", "--help"}, {"reference", "import", "--help"}, {"token", "--help"}, {"demo", "--help"}, {"version", "--help"},
	} {
		c := schakel(t, args...).ends(t, 0, "Gebruik: schakel", "Opties:", "Toon deze uitleg.")
		for _, english := range []string{"Usage", "Flags", "Commands", "Arguments", "Run \"", "Show", "context-sensitive"} {
			if strings.Contains(c.out, english) {
				t.Errorf("schakel %s says %q:\n%s", strings.Join(args, " "), english, c.out)
			}
		}
	}
}

func TestAMistakenCommandIsExplainedInDutch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--onzin"}, "onbekende optie --onzin"},
		{[]string{"serve", "--dataa=x"}, `onbekende optie --dataa, bedoelt u "--data"?`},
		{[]string{"serveer"}, `onverwacht argument serveer, bedoelt u "serve"?`},
		{[]string{"serve", "--trusted-proxies=10.0.0.0/8,onzin"}, `"onzin" is geen adres of netwerk, zoals 10.0.0.7 of 10.0.0.0/8`},
		{[]string{"serve", "alles"}, `moet een zijn van "all","signals","letters","contacts","gateway" maar kreeg "alles"`},
		{[]string{"push", "-", "meer"}, "onverwacht argument meer"},
		{[]string{"push", "-"}, "er ontbreken opties: --token=TOKEN"},
		{[]string{"edition"}, `er ontbreekt "compile"`},
		{[]string{"ledger", "export", "letters"}, `er ontbreekt "<bestand>"`},
		{[]string{"version", "--output=xml"}, `--output moet een zijn van "table","json" maar kreeg "xml"`},
		{[]string{"token", "--role=service", "--lifetime=lang"}, "--lifetime: verwacht een duur, zoals 90m of 12h"},
		{[]string{"verify", "edition", "/is/er/niet", "--key=x"}, "/is/er/niet: bestaat niet"},
	} {
		c := schakel(t, tt.args...).ends(t, 2, tt.want, "Zie: schakel --help")
		if c.out != "" {
			t.Errorf("schakel %s says on its standard output: %s", strings.Join(tt.args, " "), c.out)
		}
	}
}

func TestTheVersionNamesAllThatAResultRestsOn(t *testing.T) {
	t.Parallel()
	api := must(openapi.Version())(t)
	schakel(t, "version").ends(t, 0, api, reference.Version, edition.CompilerVersion)
	var got map[string]string
	schakel(t, "version", "--output=json").ends(t, 0).json(t, &got)
	if got["schakel"] == "" || got["api"] != api || got["referentiegegevens"] != reference.Version || got["samensteller"] != edition.CompilerVersion {
		t.Errorf("version: %v", got)
	}
}

func TestAServerThatMayNotRunSaysWhy(t *testing.T) {
	t.Parallel()
	h := newHouse(t, filepath.Join(t.TempDir(), "data"))
	schakel(t, append([]string{"serve", "signals"}, h.settings...)...).ends(t, 1, "een los onderdeel heeft Redis nodig", "--redis=")
	schakel(t, append([]string{"serve"}, append(h.settings, "--http=0.0.0.0:0")...)...).ends(t, 1, "0.0.0.0:0 is van buiten bereikbaar")
	schakel(t, append([]string{"serve"}, append(h.settings, "--letters-listen=:0")...)...).ends(t, 1, ":0 is van buiten bereikbaar")
}

// TestADataFolderIsHeldByOne starts a second server on a folder, and a server
// on a folder whose keys were lost, or are of another.
func TestADataFolderIsHeldByOne(t *testing.T) {
	t.Parallel()
	h := allInOne(t)
	second := newHouse(t, h.data)
	schakel(t, append([]string{"serve"}, second.settings...)...).ends(t, 1, "een andere Schakel gebruikt de gegevensmap "+h.data)
	schakel(t, second.demoArgs(t, "--stop")...).ends(t, 1, "een andere Schakel gebruikt de gegevensmap "+h.data)
	h.settled(t, map[string]int32{"signals": 0, "letters": 0, "contacts": 0})
	h.stop()
	key := filepath.Join(h.keys(), "brieven.sleutel")
	if err := os.Rename(key, key+".kwijt"); err != nil {
		t.Fatal(err)
	}
	schakel(t, append([]string{"serve"}, second.settings...)...).ends(t, 1, "de sleutel van logboek schakel.example/brieven ontbreekt: zet "+key+" terug")
	private, _, err := ledger.GenerateKey("schakel.example/brieven")
	if err := errors.Join(err, os.WriteFile(key, []byte(private), 0o600)); err != nil {
		t.Fatal(err)
	}
	schakel(t, append([]string{"serve"}, second.settings...)...).ends(t, 1, "logboek schakel.example/brieven is met een andere sleutel ondertekend")
	if err := os.Rename(key+".kwijt", key); err != nil {
		t.Fatal(err)
	}
	second.start("all")
}

func TestTheConfigurationIsShownWithoutSecrets(t *testing.T) {
	t.Parallel()
	file := write(t, "schakel.yaml", []byte("origin: voorbeeld.nl\nletters-database: postgres://u:"+canary+"@h/d\n"))
	c := schakel(t, "--config="+file, "serve", "--print-config", "--redis=redis://:"+canary+"@h:1", "--log-level=warn").
		ends(t, 0, "origin: voorbeeld.nl", "log-level: warn", "http: 127.0.0.1:8080", "letters-database: '"+config.NewSecret(canary).String()+"'")
	if strings.Contains(c.out+c.stderr, canary) {
		t.Errorf("a secret is shown:\n%s%s", c.out, c.stderr)
	}
}
