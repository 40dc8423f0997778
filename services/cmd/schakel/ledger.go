package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"schakel.example/services/contacts"
	contactstore "schakel.example/services/contacts/sqlstore"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/queue"
	"schakel.example/services/internal/sqldb"
	"schakel.example/services/letters"
	letterstore "schakel.example/services/letters/sqlstore"
	"schakel.example/services/signals"
	signalstore "schakel.example/services/signals/sqlstore"
)

// ledgerCmd is `schakel ledger`: a service's ledger as a file. Together with the
// public key it is all that the service knows.
type ledgerCmd struct {
	Export exportCmd `cmd:"" help:"Schrijf een heel logboek in een bestand (NDJSON). Wat vandaag onder bescherming is gemeld, staat er pas morgen in."`
	Import importCmd `cmd:"" help:"Lees een logboek in een lege database, controleer het, en bouw de tabellen ervan op."`
}

// exportCmd is `schakel ledger export`.
type exportCmd struct {
	Part string `arg:"" name:"onderdeel" enum:"signals,letters,contacts" help:"Wiens logboek: signals, letters of contacts."`
	File string `arg:"" name:"bestand" help:"Bestand; - schrijft naar standaarduitvoer."`
	settings
	output
}

// Run writes the ledger as it is at this moment.
func (c *exportCmd) Run(ctx context.Context, s streams) (err error) {
	if err := c.exists(c.Part); err != nil {
		return err
	}
	db, err := c.openDatabase(ctx, c.Part)
	if err != nil {
		return err
	}
	defer db.Close()
	var out io.Writer = s.out
	if c.File != "-" {
		f, err := os.OpenFile(c.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("het bestand voor het logboek: %w", err)
		}
		defer func() { err = errors.Join(err, f.Sync(), f.Close()) }()
		out = f
	}
	checkpoint, err := ledger.NewReader(db).Export(ctx, out)
	if err != nil {
		return err
	}
	return c.tell(streams{out: s.err}, map[string]any{"logboek": checkpoint.Origin, "regels": checkpoint.Size},
		[2]string{"logboek", checkpoint.Origin}, [2]string{"regels", strconv.FormatInt(checkpoint.Size, 10)})
}

// importCmd is `schakel ledger import`.
type importCmd struct {
	Part string `arg:"" name:"onderdeel" enum:"signals,letters,contacts" help:"Wiens logboek: signals, letters of contacts."`
	File string `arg:"" name:"bestand" help:"Bestand; - leest van standaardinvoer."`
	keys
	settings
	output
}

// Run reads the ledger into an empty database, and folds it into the tables.
func (c *importCmd) Run(ctx context.Context, s streams) error {
	verifiers, err := c.open()
	if err != nil {
		return err
	}
	in := s.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("het bestand met het logboek: %w", err)
		}
		defer f.Close()
		in = f
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return err
	}
	db, err := c.openDatabase(ctx, c.Part)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, migrate := range []func(context.Context, *sqldb.DB) error{ledger.Migrate, queue.Migrate, migrations(c.Part)} {
		if err := migrate(ctx, db); err != nil {
			return err
		}
	}
	if in, err = ofPart(c.Part, in); err != nil {
		return err
	}
	checkpoint, err := ledger.Import(ctx, db, in, verifiers)
	if err != nil {
		return err
	}
	if _, err := replay(ctx, c.Part, db); err != nil {
		return fmt.Errorf("de tabellen opbouwen uit het logboek: %w", err)
	}
	return c.tell(s, map[string]any{"logboek": checkpoint.Origin, "regels": checkpoint.Size},
		[2]string{"logboek", checkpoint.Origin}, [2]string{"regels", strconv.FormatInt(checkpoint.Size, 10)})
}

// ofPart refuses a ledger of another part before anything of it is stored: its
// first line holds the checkpoint, which begins with the origin.
func ofPart(part string, in io.Reader) (io.Reader, error) {
	lines := bufio.NewReader(in)
	first, err := lines.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("het bestand met het logboek: %w", err)
	}
	var head struct {
		Note string `json:"ondertekening"`
	}
	// What is no export at all is for the import to refuse.
	if err := json.Unmarshal(first, &head); err == nil && head.Note != "" {
		if origin, _, _ := strings.Cut(head.Note, "\n"); !strings.HasSuffix(origin, "/"+logName(part)) {
			return nil, fmt.Errorf("dit is het logboek %s, niet dat van %s", origin, part)
		}
	}
	return io.MultiReader(bytes.NewReader(first), lines), nil
}

// migrations are those of a part's own tables.
func migrations(part string) func(context.Context, *sqldb.DB) error {
	switch part {
	case signalsPart:
		return signalstore.Migrate
	case lettersPart:
		return letterstore.Migrate
	}
	return contactstore.Migrate
}

// replay folds a part's ledger into its tables, which must be empty.
func replay(ctx context.Context, part string, db *sqldb.DB) (int, error) {
	switch part {
	case signalsPart:
		return signals.New(signals.Config{DB: db, Store: signalstore.New(db), Now: time.Now, NewID: newID}).Replay(ctx)
	case lettersPart:
		return letters.New(letters.Config{DB: db, Store: letterstore.New(db), Now: time.Now, NewID: newID}).Replay(ctx)
	}
	return contacts.New(contacts.Config{DB: db, Store: contactstore.New(db), Now: time.Now, NewID: newID}).Replay(ctx)
}
