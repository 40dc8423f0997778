package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modernc.org/sqlite"

	"schakel.example/services/internal/fault"
)

func openSQLite(ctx context.Context, db *DB, c Config) (*DB, error) {
	path, err := prepareFile(c.DSN)
	if err != nil {
		return nil, err
	}
	if db.write, err = openFile(path, c, writerOptions()); err != nil {
		return nil, db.fault(ctx, err)
	}
	// The writer stays open, so that its settings and its WAL do.
	db.write.SetMaxOpenConns(1)
	db.write.SetMaxIdleConns(1)
	if db.read, err = openFile(path, c, readerOptions()); err != nil {
		return nil, errors.Join(db.fault(ctx, err), db.write.Close())
	}
	db.read.SetMaxOpenConns(c.MaxConns)
	db.read.SetMaxIdleConns(c.MaxConns)
	if err := db.checkSQLite(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// writerOptions and readerOptions are what every connection of the kind starts
// with; the driver refuses a connection on which one of them fails.
func writerOptions() url.Values {
	return url.Values{
		// A write transaction takes the write lock when it begins: a deferred one
		// that reads first may later be refused the lock without waiting.
		"_txlock":       {"immediate"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"on"},
		"_pragma": {
			// On macOS only this makes fsync reach the disk; elsewhere it is void.
			"fullfsync(1)", "checkpoint_fullfsync(1)",
			// What is erased is overwritten (AVG art. 17), not just unlinked.
			"secure_delete(1)",
			// No copies of data in the system's folder for temporary files.
			"temp_store(MEMORY)",
			"cache_size(-16384)",           // KiB
			"journal_size_limit(67108864)", // bytes; the WAL shrinks to it
		},
	}
}

func readerOptions() url.Values {
	return url.Values{
		"_query_only": {"on"},
		"_pragma":     {"temp_store(MEMORY)"},
	}
}

func openFile(path string, c Config, q url.Values) (*sql.DB, error) {
	q.Set("_busy_timeout", strconv.FormatInt(c.Wait.Milliseconds(), 10))
	q.Set("_defensive", "true")
	q.Set("_dqs", "false") // "x" is a name, never a string
	q.Set("_error_rc", "true")
	connector, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeping{connector}), nil
}

// prepareFile makes sure that the file exists, that its owner alone can read
// it, and that its name survives a loss of power. It returns its full path.
func prepareFile(dsn string) (string, error) {
	if dsn == "" || dsn == ":memory:" || strings.HasPrefix(dsn, "file:") {
		return "", fault.New(fault.Invalid, ReasonConfig, fault.Text{
			NL: "Geef voor SQLite het pad van een bestand op; een database in het geheugen bewaart niets.",
			EN: "give the path of a file for SQLite; a database in memory keeps nothing",
		})
	}
	path, err := filepath.Abs(dsn)
	if err == nil {
		err = prepare(path)
	}
	if err != nil {
		return "", unreachable.Because(err)
	}
	return path, nil
}

func prepare(path string) error {
	dir := filepath.Dir(path)
	if err := makeFolder(dir); err != nil {
		return err
	}
	// Only a file that is not there is opened here: closing one that SQLite has
	// open in this process would drop its POSIX locks.
	switch f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); {
	case err == nil:
		return errors.Join(f.Close(), syncFolder(dir))
	case errors.Is(err, fs.ErrExist):
		// SQLite gives its -wal and -shm files the mode of the file itself.
		return os.Chmod(path, 0o600)
	default:
		return err
	}
}

// makeFolder makes a folder and those above it that do not exist, durably.
func makeFolder(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	above := filepath.Dir(dir)
	if err := makeFolder(above); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(above)
}

// syncFolder makes the names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// checkSQLite reads the settings back: SQLite answers a PRAGMA that it cannot
// follow (WAL on a file system without shared memory) with silence.
func (db *DB) checkSQLite(ctx context.Context) error {
	for _, want := range []struct {
		pool          *sql.DB
		pragma, value string
	}{
		{db.write, "journal_mode", "wal"},
		{db.write, "synchronous", "2"}, // FULL
		{db.write, "foreign_keys", "1"},
		{db.write, "secure_delete", "1"},
		{db.read, "query_only", "1"},
	} {
		var got string
		if err := want.pool.QueryRowContext(ctx, "PRAGMA "+want.pragma).Scan(&got); err != nil {
			return db.fault(ctx, err)
		}
		if got != want.value {
			return weaker("SQLite", want.pragma, got, want.value)
		}
	}
	return nil
}
