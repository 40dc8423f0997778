package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	lettersv1 "schakel.example/proto/gen/go/schakel/letters/v1"
	"schakel.example/proto/wire"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters/edition"
	"schakel.example/services/reference"
)

// editionCmd is `schakel edition`.
type editionCmd struct {
	Compile compileCmd `cmd:"" help:"Stel een editie samen: door een draaiende Schakel, of met --out uit de databases zelf."`
}

// compileCmd is `schakel edition compile`.
type compileCmd struct {
	Name    string `help:"Naam van de editie, zoals 2026."`
	Date    string `help:"Peildatum, JJJJ-MM-DD; zonder is het vandaag." placeholder:"DATUM"`
	Example bool   `help:"Merk de editie als voorbeeld, samengesteld uit verzonnen invoer."`
	Server  string `default:"http://127.0.0.1:8080" help:"Adres van Schakel."`
	Token   string `help:"Token van een samensteller (zie: schakel token)."`
	Out     string `type:"path" help:"Stel zonder server samen, in deze map, uit de databases van de gegevensmap." placeholder:"MAP"`
	// Identity is the file of a published edition; it says what the flags
	// above it say otherwise.
	Identity string `type:"existingfile" help:"Stel met --out de editie van deze identiteit opnieuw samen, byte voor byte: het bestand identiteit.txt van een gepubliceerde editie." placeholder:"BESTAND"`
	settings
	output
}

// Run compiles, and tells where the edition is.
func (c *compileCmd) Run(ctx context.Context, s streams) error {
	switch {
	case c.Identity != "" && c.Out == "":
		return errors.New("--identity vraagt om --out: opnieuw samenstellen gaat uit de databases zelf")
	case c.Identity != "" && (c.Name != "" || c.Date != "" || c.Example):
		return errors.New("--identity zegt zelf de naam, de peildatum en of het een voorbeeld is: laat --name, --date en --example weg")
	case c.Identity == "" && c.Name == "":
		return errors.New("geef de naam van de editie met --name, of een identiteit met --identity en --out")
	}
	if c.Out != "" {
		return c.offline(ctx, s)
	}
	m, err := c.remotely(ctx)
	if err != nil {
		return err
	}
	text, err := wire.Marshal(m)
	if err != nil {
		return err
	}
	return c.tell(s, json.RawMessage(text), editionRows(m.GetId(), m.GetCounts(), c.Server+"/edities/"+m.GetId()+"/index.html")...)
}

// remotely lets a running Schakel compile.
func (c *compileCmd) remotely(ctx context.Context) (*lettersv1.Edition, error) {
	body, err := wire.Marshal(&lettersv1.CompileEditionRequest{Name: c.Name, ReferenceDate: c.Date, Example: c.Example})
	if err != nil {
		return nil, err
	}
	var answer json.RawMessage
	if _, err := newRemote(c.Server, c.Token).call(ctx, http.MethodPost, "/v1/edities", body, &answer); err != nil {
		return nil, err
	}
	response := &lettersv1.CompileEditionResponse{}
	if err := wire.Unmarshal(answer, response); err != nil {
		return nil, err
	}
	if response.GetEdition() == nil {
		return nil, errors.New("het antwoord bevat geen editie")
	}
	return response.GetEdition(), nil
}

// offline compiles from the databases, whatever serves them.
func (c *compileCmd) offline(ctx context.Context, s streams) error {
	data, err := loadReference(c.Reference)
	if err != nil {
		return err
	}
	ledgers, closeAll, err := c.openLedgers(ctx)
	defer closeAll()
	if err != nil {
		return err
	}
	identity, err := c.identity(ctx, data, ledgers)
	if err != nil {
		return err
	}
	e, err := edition.Compile(ctx, data, ledgers, identity)
	if err != nil {
		return err
	}
	dir := filepath.Join(c.Out, e.Identity.ID())
	if err := edition.Write(dir, e); err != nil {
		return err
	}
	rows := editionRows(e.Identity.ID(), e.Counts, dir)
	if e.Erased > 0 {
		rows = append(rows, [2]string{"let op", fmt.Sprintf("van %d regels in de logboeken is de inhoud gewist: een editie die eerder is gepubliceerd, vertelde er meer van", e.Erased)})
	}
	return c.tell(s, map[string]any{"id": e.Identity.ID(), "map": dir, "gewisteRegels": e.Erased}, rows...)
}

// identity is that of the edition to make: one of now, or a published one.
func (c *compileCmd) identity(ctx context.Context, data *reference.Data, ledgers edition.Ledgers) (id edition.Identity, err error) {
	if c.Identity != "" {
		text, err := os.ReadFile(c.Identity)
		if err != nil {
			return id, err
		}
		if id, err = edition.ParseIdentity(string(text)); err != nil {
			return id, fmt.Errorf("%s is geen identiteit van een editie: %w", c.Identity, err)
		}
		return ledgers.Recall(ctx, data, id)
	}
	date := reference.DutchDate(time.Now())
	if c.Date != "" {
		if date, err = reference.ParseDate(c.Date); err != nil {
			return id, fmt.Errorf("de peildatum %q is geen datum", c.Date)
		}
	}
	checkpoints, err := ledgers.Now(ctx)
	return edition.NewIdentity(edition.Identity{Name: c.Name, ReferenceDate: date, Example: c.Example}, data, checkpoints), err
}

// openLedgers opens the ledgers of the configured databases, as they are.
func (s settings) openLedgers(ctx context.Context) (l edition.Ledgers, closeAll func(), err error) {
	var opened []*sqldb.DB
	closeAll = func() {
		for _, db := range opened {
			_ = db.Close()
		}
	}
	for part, to := range map[string]*edition.Ledger{signalsPart: &l.Signals, lettersPart: &l.Letters, contactsPart: &l.Contacts} {
		if err := s.exists(part); err != nil {
			return l, closeAll, err
		}
		db, err := s.openDatabase(ctx, part)
		if err != nil {
			return l, closeAll, err
		}
		opened = append(opened, db)
		*to = edition.Local{Reader: ledger.NewReader(db)}
	}
	return l, closeAll, nil
}

// exists refuses a data folder without the database of a part, rather than make
// an empty one.
func (s settings) exists(part string) error {
	path := filepath.Join(s.Data, part+".db")
	if _, err := os.Stat(path); !s.database(part).IsSet() && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is er niet; geef de gegevensmap met --data, of een PostgreSQL-URL met --%s-database", path, part)
	}
	return nil
}

func editionRows(id string, c *lettersv1.EditionCounts, where string) [][2]string {
	number := func(n int32) string { return strconv.Itoa(int(n)) }
	return [][2]string{
		{"editie", id},
		{"signalen", number(c.GetSignals())},
		{"gebundeld", number(c.GetBundled())},
		{"in triage", number(c.GetInTriage())},
		{"dubbel", number(c.GetDuplicate())},
		{"ingetrokken", number(c.GetWithdrawn())},
		{"knelpunten", number(c.GetBottlenecks())},
		{"voorgelegd", number(c.GetItems())},
		{"beantwoord", number(c.GetAnswered())},
		{"wacht op antwoord", number(c.GetSilent())},
		{"te lezen", where},
	}
}
