package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"schakel.example/services/internal/fault"
)

// The reasons of the faults that this package gives out.
const (
	// ReasonExists (Conflict): a unique key is taken.
	ReasonExists = "bestaat-al"
	// ReasonReference (Precondition): a foreign key points to nothing, or what it
	// points to cannot go.
	ReasonReference = "verwijzing-klopt-niet"
	// ReasonText (Invalid): text that no engine can be trusted with.
	ReasonText = "ongeldig-teken"
	// ReasonUnreachable (Unavailable): no connection to the database.
	ReasonUnreachable = "database-onbereikbaar"
	// ReasonBusy (Unavailable): no connection or lock within Config.Wait.
	ReasonBusy = "database-bezet"
	// ReasonCollision (Unavailable): still colliding with others after all tries.
	ReasonCollision = "gelijktijdige-wijziging"
	// ReasonFull (Unavailable): the disk is full or read-only.
	ReasonFull = "opslag-vol"
	// ReasonUnknown (Unavailable): the connection broke while committing. The work
	// may have been stored; repeat it only if that is harmless.
	ReasonUnknown = "onbekend-of-opgeslagen"
	// ReasonUnsafe (Precondition): a setting could lose acknowledged work.
	ReasonUnsafe = "database-onveilig"
	// ReasonNewer (Precondition): the database was migrated by a newer program.
	ReasonNewer = "database-nieuwer"
	// ReasonConfig (Invalid): the Config is wrong.
	ReasonConfig = "database-instelling"
)

// The faults as constants; Because makes copies.
var (
	exists = fault.New(fault.Conflict, ReasonExists, fault.Text{
		NL: "Dit bestaat al.",
		EN: "this exists already",
	})
	reference = fault.New(fault.Precondition, ReasonReference, fault.Text{
		NL: "Een verwijzing wijst naar iets dat er niet is, of iets waarnaar verwezen wordt kan niet weg.",
		EN: "a reference points to nothing, or what it points to cannot be removed",
	})
	character = fault.New(fault.Invalid, ReasonText, fault.Text{
		NL: "De tekst bevat een teken dat niet bewaard kan worden (U+0000 of ongeldige UTF-8).",
		EN: "the text holds a character that cannot be stored (U+0000 or invalid UTF-8)",
	})
	unreachable = fault.New(fault.Unavailable, ReasonUnreachable, fault.Text{
		NL: "De database is niet bereikbaar. Probeer het later opnieuw.",
		EN: "the database cannot be reached; try again later",
	})
	busy = fault.New(fault.Unavailable, ReasonBusy, fault.Text{
		NL: "De database is bezet. Probeer het later opnieuw.",
		EN: "no connection or lock within the time allowed; try again later (in one call: a transaction opened within a transaction)",
	})
	collision = fault.New(fault.Unavailable, ReasonCollision, fault.Text{
		NL: "Anderen wijzigen dezelfde gegevens. Probeer het opnieuw.",
		EN: "others are changing the same data; try again",
	})
	full = fault.New(fault.Unavailable, ReasonFull, fault.Text{
		NL: "De database kan niet schrijven: de opslag is vol of alleen-lezen.",
		EN: "the database cannot write: its storage is full or read-only",
	})
	unknown = fault.New(fault.Unavailable, ReasonUnknown, fault.Text{
		NL: "Het is onbekend of de wijziging is opgeslagen. Herhaal dezelfde aanvraag om zekerheid te krijgen.",
		EN: "it is not known whether the change was stored; repeat the same request to be sure",
	})
)

func weaker(product, setting, got, want string) error {
	return fault.New(fault.Precondition, ReasonUnsafe, fault.Text{
		NL: product + "-instelling " + setting + " staat op " + got + ", maar moet " + want +
			" zijn: anders kan bevestigd werk verloren gaan.",
		EN: product + " setting " + setting + " is " + got + " but must be " + want +
			": otherwise acknowledged work could be lost",
	})
}

// fault makes a fault of an error that a driver gave. The error of a context
// that ended is kept, and so is a fault.
func (db *DB) fault(ctx context.Context, err error) error {
	switch known := driverFault(err); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case known != nil:
		return known
	case db.closed.Load(), lost(err):
		return unreachable.Because(err)
	default:
		return err
	}
}

// outcome makes the error of a transaction of the error that its function
// returned: its own errors pass untouched, driver errors that it got from rows
// become faults.
func (db *DB) outcome(ctx context.Context, err error) error {
	var own *fault.Error
	if errors.As(err, &own) {
		return err
	}
	if known := driverFault(err); known != nil && ctx.Err() == nil {
		return known
	}
	// The transaction ended under the function because its context did.
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// driverFault knows the errors that carry a code; nil for any other.
func driverFault(err error) error {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	var template *fault.Error
	switch {
	case errors.As(err, &pg):
		template = postgresFault(pg.Code)
	case errors.As(err, &lite):
		template = sqliteFault(lite.Code())
	}
	if template == nil {
		return nil
	}
	return template.Because(err)
}

// postgresFault follows appendix A of the PostgreSQL manual.
func postgresFault(code string) *fault.Error {
	switch code {
	case "23505": // unique_violation
		return exists
	case "23503", "23001": // foreign_key_violation, restrict_violation
		return reference
	case "22021": // character_not_in_repertoire
		return character
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return collision
	case "55P03", "57014", "53300", "25P03": // lock_not_available, query_canceled, too_many_connections, idle_in_transaction_session_timeout
		return busy
	case "53100", "25006": // disk_full, read_only_sql_transaction
		return full
	}
	switch code[:min(2, len(code))] {
	case "08", "28", "3D", "53", "57", "58": // connection, authorization, catalog, resources, intervention, system
		return unreachable
	}
	return nil
}

// sqliteFault follows https://www.sqlite.org/rescode.html; the low byte of an
// extended code is its primary code.
func sqliteFault(code int) *fault.Error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return exists
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return reference
	}
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return busy
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY:
		return full
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return unreachable
	}
	return nil
}

// lost says whether err tells of a connection that is not there.
func lost(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, &network) || errors.As(err, &connect) || pgconn.SafeToRetry(err)
}

// collided says whether the database aborted the transaction in favour of
// another, so that running it again is safe and may succeed.
func collided(err error) bool {
	return errors.Is(err, collision)
}

// commitFault is the outcome of a commit. Only an error that proves that
// nothing was stored is passed on as itself.
func commitFault(err error) error {
	var pg *pgconn.PgError
	var lite *sqlite.Error
	var nothing bool
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pg):
		// A server that ends the session while committing (FATAL) may have
		// committed; 40003 is statement_completion_unknown.
		nothing = severity(pg) == "ERROR" && pg.Code != "40003"
	case errors.As(err, &lite):
		// After a failed fsync the frames may or may not be on disk.
		code := lite.Code() & 0xff
		nothing = code == sqlite3.SQLITE_CONSTRAINT || code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_FULL
	default:
		// pgconn.SafeToRetry is no proof here: pgx 5.12 also reports a commit that
		// was sent and got no answer as "conn closed", which counts as safe.
		nothing = errors.Is(err, sql.ErrTxDone) || errors.Is(err, pgx.ErrTxCommitRollback)
	}
	if !nothing {
		return unknown.Because(err)
	}
	if known := driverFault(err); known != nil {
		return known
	}
	return err
}

// severity is that of the error in English, whatever lc_messages says.
func severity(pg *pgconn.PgError) string {
	if pg.SeverityUnlocalized != "" {
		return pg.SeverityUnlocalized
	}
	return strings.ToUpper(pg.Severity)
}
