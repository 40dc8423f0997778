// Package sqldb is the one way to a database: SQLite within the process or
// PostgreSQL beside it, with one set of promises.
//
// Invariants:
//   - A Write that returned nil is durable: it survives kill -9 and loss of
//     power. SQLite runs in WAL mode with synchronous=FULL; a PostgreSQL that is
//     set up weaker is refused at Open.
//   - A Write that returned an error left nothing behind, with one exception that
//     has its own reason, ReasonUnknown: the connection broke while committing, so
//     nobody here can know. Such a Write is never repeated by this package; its
//     caller repeats it if the work is idempotent.
//   - A transaction is a function. It gets a Tx, passes it down, and never opens
//     another transaction: on SQLite there is one writer, which the outer one
//     holds. An inner Write waits Config.Wait for its turn and then fails with
//     ReasonBusy; it never hangs.
//   - Both engines take the same statements with $1 placeholders and give equal
//     answers: text is UTF-8 without U+0000, times are whole milliseconds in an
//     integer column, ids are text.
//   - No driver error leaves the package unclassified: callers see *fault.Error,
//     or the error of their own context.
//
// SQLite tables are STRICT; text columns on PostgreSQL are COLLATE "C", so that
// both engines sort by bytes.
//
// It must not know any table but the version tables of Migrate, hold state in
// package variables, or let a caller reach the *sql.DB.
package sqldb
