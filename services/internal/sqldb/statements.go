package sqldb

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// maxStatements is how many prepared statements a connection to SQLite keeps.
// Those used least lately go first.
const maxStatements = 64

// keeping makes connections to SQLite that keep what they prepare: preparing a
// statement can cost more than running it. PostgreSQL's driver does so itself.
type keeping struct{ driver.Connector }

// Connect implements driver.Connector.
func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	lite, ok := conn.(sqliteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("sqldb: %T is no connection to SQLite", conn), conn.Close())
	}
	return &keepingConn{sqliteConn: lite, byText: map[string]*list.Element{}}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keepingConn is a connection that keeps its statements. Like any driver.Conn it
// is used by one goroutine at a time.
type keepingConn struct {
	sqliteConn
	byText map[string]*list.Element // of *kept
	recent list.List                // the one used last is first
}

// kept is a prepared statement.
type kept struct {
	text    string
	stmt    sqliteStmt
	running bool // rows of it are open
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepared finds or makes a statement that is not running. One that is made
// beside a running one is not kept.
func (c *keepingConn) prepared(ctx context.Context, text string) (*kept, error) {
	if e := c.byText[text]; e != nil {
		if k := e.Value.(*kept); !k.running {
			c.recent.MoveToFront(e)
			return k, nil
		}
	}
	stmt, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	k := &kept{text: text, stmt: stmt.(sqliteStmt)}
	if c.byText[text] == nil {
		c.byText[text] = c.recent.PushFront(k)
	}
	return k, nil
}

// done says that a statement has run to its end. It closes what is not kept, and
// what is too much.
func (c *keepingConn) done(k *kept) (err error) {
	k.running = false
	if e := c.byText[k.text]; e == nil || e.Value.(*kept) != k {
		return k.stmt.Close()
	}
	for e := c.recent.Back(); e != nil && c.recent.Len() > maxStatements; {
		before := e.Prev()
		if old := e.Value.(*kept); !old.running {
			delete(c.byText, old.text)
			c.recent.Remove(e)
			err = errors.Join(err, old.stmt.Close())
		}
		e = before
	}
	return err
}

// ExecContext implements driver.ExecerContext.
func (c *keepingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	k, err := c.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := k.stmt.ExecContext(ctx, args)
	return result, errors.Join(err, c.done(k))
}

// QueryContext implements driver.QueryerContext.
func (c *keepingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	k, err := c.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	k.running = true
	rows, err := k.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, errors.Join(err, c.done(k))
	}
	return &keptRows{Rows: rows, conn: c, of: k}, nil
}

// keptRows are the rows of a statement, which is free again when they are closed.
type keptRows struct {
	driver.Rows
	conn *keepingConn
	of   *kept
}

// Close implements driver.Rows.
func (r *keptRows) Close() error {
	return errors.Join(r.Rows.Close(), r.conn.done(r.of))
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName.
func (r *keptRows) ColumnTypeDatabaseTypeName(i int) string {
	if named, ok := r.Rows.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return named.ColumnTypeDatabaseTypeName(i)
	}
	return ""
}

// CheckNamedValue implements driver.NamedValueChecker: what plainArg made needs no
// other look.
func (c *keepingConn) CheckNamedValue(v *driver.NamedValue) error {
	switch v.Value.(type) {
	case nil, int64, float64, bool, string, []byte:
		return nil
	}
	return driver.ErrSkip
}

// Close implements driver.Conn.
func (c *keepingConn) Close() (err error) {
	for e := c.recent.Front(); e != nil; e = e.Next() {
		err = errors.Join(err, e.Value.(*kept).stmt.Close())
	}
	return errors.Join(err, c.sqliteConn.Close())
}
