package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// pushCmd is `schakel push`: it submits signals from a file, as an agency's
// system would. It may be run again at any time, also after it was broken off:
// what was accepted is not accepted twice.
type pushCmd struct {
	File     string        `arg:"" name:"bestand" help:"NDJSON (een signaal per regel), CSV of XLSX; - leest standaardinvoer."`
	Server   string        `default:"http://127.0.0.1:8080" help:"Adres van Schakel."`
	Token    string        `required:"" placeholder:"TOKEN" help:"Token van een aanleveraar of redacteur (zie: schakel token)."`
	Format   string        `default:"" enum:",ndjson,csv,xlsx" placeholder:"SOORT" help:"Soort bestand: ndjson, csv of xlsx. Zonder deze optie volgt dat uit de naam."`
	Mapping  string        `type:"path" placeholder:"BESTAND" help:"Toewijzing (YAML) van kolommen aan velden. Zonder toewijzing zijn de koppen de namen van de velden."`
	DryRun   bool          `help:"Controleer alles en sla niets op."`
	Refused  string        `default:"geweigerd.ndjson" type:"path" help:"Bestand voor de geweigerde signalen, met de reden; dat van een vorige keer wordt vervangen."`
	Parallel int           `default:"2" help:"Hoeveel bundels van signalen tegelijk onderweg zijn."`
	Patience time.Duration `default:"2m" help:"Hoe lang het blijft proberen als Schakel niet bereikbaar is of het te druk heeft."`
	output
}

// Help is what `schakel push --help` says besides its flags.
func (*pushCmd) Help() string {
	return `Geef dezelfde opdracht gerust nog eens, ook na een onderbreking: wat al is aangenomen, wordt herkend en niet dubbel ingediend.

Een signaal dat wordt geweigerd houdt de andere niet tegen. Op het scherm staan de eerste, met regel of blad, rij en kolom; alle staan met hun reden in het bestand van --refused.

Voorbeelden:
  schakel push --token=… signalen.ndjson
  schakel push --token=… --dry-run --mapping=toewijzing.yaml signalen.xlsx
  maak-signalen | schakel push --token=… -

Einde: 0 als alles is aangenomen, nu of eerder; 1 als er iets is geweigerd of de opdracht niet kan; 2 als de opdracht niet te begrijpen is; 3 als het is afgebroken voor alles was ingediend: geef de opdracht dan later opnieuw.`
}

// pushed counts what became of the signals.
type pushed struct{ accepted, repeated, refused int64 }

var (
	errRefused = errors.New("niet alle signalen zijn aangenomen")
	// errUnfinished says that the same command, given later, goes on.
	errUnfinished = coded{errors.New("nog niet alles is ingediend: geef dezelfde opdracht later opnieuw. Wat al is aangenomen, wordt niet dubbel ingediend"), exitUnfinished}
)

// Run submits every signal, and fails when any was refused.
func (c *pushCmd) Run(ctx context.Context, s streams) error {
	if a, err := os.Stat(c.File); err == nil {
		if b, err := os.Stat(c.Refused); err == nil && os.SameFile(a, b) {
			return fmt.Errorf("%s is ook het bestand voor geweigerde signalen: kies daarvoor een ander met --refused", c.File)
		}
	}
	bar := progress(s.err, c.size())
	in, err := c.open(s, bar)
	if err != nil {
		return err
	}
	defer in.close()
	if err := os.Remove(c.Refused); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("de geweigerde signalen van een vorige keer: %w", err)
	}
	p := &push{remote: newRemote(c.Server, c.Token), source: in, dryRun: c.DryRun, refusals: &refusalFile{path: c.Refused, told: s.err}}
	p.patience = c.Patience
	err = errors.Join(p.run(ctx, max(c.Parallel, 1)), p.refusals.close())
	_ = bar.Finish()
	if told := c.summary(s, p.count); told != nil {
		return told
	}
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("onderbroken; %w", errUnfinished)
	case err == nil && p.count.refused > 0:
		return fmt.Errorf("%w; de geweigerde staan met hun reden in %s", errRefused, c.Refused)
	}
	return err
}

// size is that of the file in bytes; -1 when it is not known.
func (c *pushCmd) size() int64 {
	if info, err := os.Stat(c.File); err == nil && c.File != "-" {
		return info.Size()
	}
	return -1
}

// progress is a bar on a terminal, and nothing elsewhere.
func progress(w io.Writer, size int64) *progressbar.ProgressBar {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progressbar.DefaultBytesSilent(size)
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription("indienen"), progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(40))
}

func (c *pushCmd) summary(s streams, n pushed) error {
	good := "aangenomen"
	if c.DryRun {
		good = "in orde"
	}
	return c.tell(s, map[string]int64{"aangenomen": n.accepted, "herhaald": n.repeated, "geweigerd": n.refused},
		[2]string{good, strconv.FormatInt(n.accepted, 10)},
		[2]string{"herhaald", strconv.FormatInt(n.repeated, 10)},
		[2]string{"geweigerd", strconv.FormatInt(n.refused, 10)})
}
