package sqldb

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"schakel.example/services/internal/fault"
)

// Migrate brings the tables of a component up to the newest of its migration
// files, named like 00001_signals.sql and beginning with "-- +goose Up". The
// files stand in the folder "sqlite" or "postgres" of files, or at its root if
// one text serves both. There is no way back: a mistake is mended by a further
// migration.
//
// Each component counts its versions in a table of its own,
// <component>_version, so components can share a database. Replicas may migrate
// one PostgreSQL database at once; they take turns. A SQLite file is migrated by
// one process at a time. A database that is newer than the files is refused
// (Precondition, ReasonNewer): this program does not know its tables.
func Migrate(ctx context.Context, db *DB, component string, files fs.FS) error {
	if !regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`).MatchString(component) {
		return fmt.Errorf("sqldb: %q is no name for a component", component)
	}
	provider, err := db.provider(component, files)
	if err != nil {
		return fmt.Errorf("migrations of %s: %w", component, err)
	}
	if err := refuseNewer(ctx, provider, component); err != nil {
		return db.fault(ctx, err)
	}
	if _, err = provider.Up(ctx); err != nil {
		return db.fault(ctx, fmt.Errorf("migrating %s: %w", component, err))
	}
	return nil
}

func (db *DB) provider(component string, files fs.FS) (*goose.Provider, error) {
	if _, err := fs.Stat(files, string(db.engine)); err == nil {
		if files, err = fs.Sub(files, string(db.engine)); err != nil {
			return nil, err
		}
	}
	dialect := goose.DialectSQLite3
	options := []goose.ProviderOption{
		goose.WithTableName(component + "_version"),
		goose.WithDisableGlobalRegistry(true),
	}
	if db.engine == Postgres {
		dialect = goose.DialectPostgres
		turns, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // each second, 5 minutes
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(turns))
	}
	return goose.NewProvider(dialect, db.write, files, options...)
}

func refuseNewer(ctx context.Context, provider *goose.Provider, component string) error {
	current, newest, err := provider.GetVersions(ctx)
	if err != nil || current <= newest {
		return err
	}
	has, knows := strconv.FormatInt(current, 10), strconv.FormatInt(newest, 10)
	return fault.New(fault.Precondition, ReasonNewer, fault.Text{
		NL: "De database is nieuwer dan dit programma: " + component + " staat op versie " + has +
			", dit programma kent er " + knows + ". Gebruik een nieuwer programma.",
		EN: "the database is newer than this program: " + component + " is at version " + has +
			", this program knows " + knows + "; use a newer program",
	})
}
