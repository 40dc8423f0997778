// Command pocketbase is the PocketBase that Schakel is compared with: one
// collection that takes a signal in the JSON that Schakel takes, with the
// indexes that Schakel has, and every commit flushed to the disk.
//
// It is the honest peer, and where in doubt the favoured one: nobody has to log
// in, and no field has a rule beyond its type. All else is as PocketBase is
// shipped. It is a module of its own because PocketBase wants the very versions
// of its SQLite that it was tested with.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
)

// pragmas are those of core.DefaultDBConnect, but for synchronous, which is
// NORMAL there: that loses acknowledged work when the power fails.
const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)" +
	"&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)"

// The command line is PocketBase's own: serve --dir=FOLDER --http=ADDRESS.
func main() {
	app := pocketbase.NewWithConfig(pocketbase.Config{
		HideStartBanner: true,
		DBConnect:       func(path string) (*dbx.DB, error) { return dbx.Open("sqlite", path+pragmas) },
	})
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil // no invitation to make an account
		if err := errors.Join(durable(e.App), allowBatches(e.App), makeCollection(e.App)); err != nil {
			return err
		}
		return e.Next()
	})
	if err := app.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "pocketbase:", err)
		os.Exit(1)
	}
}

// durable sees that the database has the setting that this is about.
func durable(app core.App) error {
	var level int
	if err := app.DB().NewQuery("PRAGMA synchronous").Row(&level); err != nil {
		return err
	}
	if level != 2 {
		return fmt.Errorf("synchronous is %d, and not 2 (FULL)", level)
	}
	return nil
}

// allowBatches lets a request hold as many records as a batch of ours.
func allowBatches(app core.App) error {
	settings := app.Settings()
	settings.Batch.Enabled, settings.Batch.MaxRequests, settings.Batch.Timeout = true, 1000, 60
	return app.Save(settings)
}

// makeCollection makes the collection of signals, which anyone may add to.
func makeCollection(app core.App) error {
	c := core.NewBaseCollection("signalen")
	for _, name := range []string{
		"organisatie", "kenmerk", "titel", "omschrijving", "niveau", "ernst", "aanpak", "vertrouwelijkheid",
	} {
		c.Fields.Add(&core.TextField{Name: name, Required: true})
	}
	for _, name := range []string{"categorieen", "regelingen", "publiekeWaarden", "doelgroepen"} {
		c.Fields.Add(&core.JSONField{Name: name})
	}
	c.Fields.Add(&core.AutodateField{Name: "ontvangenOp", OnCreate: true})
	c.AddIndex("signaal_kenmerk", true, "organisatie, kenmerk", "")
	c.AddIndex("signaal_nieuwste", false, "ontvangenOp, id", "")
	c.AddIndex("signaal_eigen", false, "organisatie, ontvangenOp, id", "")
	anyone := ""
	c.CreateRule = &anyone
	return app.Save(c)
}
