package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"schakel.example/services/internal/fault"
)

func pgError(severity, code string) error {
	return fmt.Errorf("running: %w", &pgconn.PgError{Severity: "FOUT", SeverityUnlocalized: severity, Code: code})
}

func TestTheCodesOfPostgreSQLAreFaults(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"23505": ReasonExists,
		"23503": ReasonReference,
		"22021": ReasonText,
		"40001": ReasonCollision,
		"40P01": ReasonCollision,
		"55P03": ReasonBusy,
		"57014": ReasonBusy,
		"53300": ReasonBusy,
		"53100": ReasonFull,
		"25006": ReasonFull,
		"53200": ReasonUnreachable,
		"57P01": ReasonUnreachable,
		"25P03": ReasonBusy,
		"57P03": ReasonUnreachable,
		"08006": ReasonUnreachable,
		"28P01": ReasonUnreachable,
		"3D000": ReasonUnreachable,
		"42601": fault.ReasonInternal, // broken SQL is a mistake of ours
		"23514": fault.ReasonInternal, // so is a value that a CHECK must catch
		"":      fault.ReasonInternal,
	} {
		db := &DB{}
		if got := fault.Of(db.fault(context.Background(), pgError("ERROR", code))).Reason; got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestALostConnectionIsUnreachable(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF, io.EOF, &pgconn.ConnectError{},
	} {
		db := &DB{}
		if got := db.fault(context.Background(), err); !errors.Is(got, unreachable) || !errors.Is(got, err) {
			t.Errorf("%v: %v", err, got)
		}
	}
}

func TestOnlyACommitThatSurelyStoredNothingIsCalledSo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"no error is success", nil, ""},
		{"a collision is one", pgError("ERROR", "40001"), ReasonCollision},
		{"a broken rule is one", pgError("ERROR", "23503"), ReasonReference},
		{"a transaction that had failed was rolled back", pgx.ErrTxCommitRollback, fault.ReasonInternal},
		{"a transaction that had ended did nothing", sql.ErrTxDone, fault.ReasonInternal},
		{"a server that went down may have stored it", pgError("FATAL", "57P01"), ReasonUnknown},
		{"a server that says it does not know", pgError("ERROR", "40003"), ReasonUnknown},
		{"a connection that broke", io.ErrUnexpectedEOF, ReasonUnknown},
		{"a connection that the driver calls closed", pgconn.ErrConnClosed, ReasonUnknown},
		{"a limit that passed", context.Canceled, ReasonUnknown},
	} {
		var got string
		if err := commitFault(tt.err); err != nil {
			got = fault.Of(err).Reason
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
