package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"

	"schakel.example/services/internal/config"
	"schakel.example/services/internal/fault"
	"schakel.example/services/internal/ledger"
	"schakel.example/services/internal/sqldb"
)

// What a process takes hold of before it changes anything: addresses, the files
// of an embedded database, and the key of a ledger.

// listen opens the addresses that the process will serve. The built-in issuer's
// tokens are for nobody beyond this machine.
func (n *node) listen(addresses ...string) error {
	n.listeners = map[string]net.Listener{}
	for _, address := range addresses {
		if !config.Loopback(address) {
			return fmt.Errorf("%s is van buiten bereikbaar; de ingebouwde uitgever van tokens mag alleen op deze machine dienen (127.0.0.1)", address)
		}
		listener, err := net.Listen("tcp", address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("op %s draait al iets: stop dat, of kies een ander adres met --http, --signals-listen, --letters-listen of --contacts-listen", address)
		}
		if err != nil {
			return fmt.Errorf("luisteren op %s: %w", address, err)
		}
		n.tel.Log.Info("listening", "address", address)
		n.listeners[address] = listener
		n.onClose(func() error {
			if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
				return err
			}
			return nil
		})
	}
	return nil
}

// reserve takes the embedded database of a part for this process alone; the
// system gives it back when the process ends, however it ends.
func (n *node) reserve(part string) error {
	if n.database(part).IsSet() {
		return nil
	}
	lock := flock.New(filepath.Join(n.Data, part+".slot"), flock.SetPermissions(0o600))
	mine, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("de gegevensmap %s: %w", n.Data, err)
	}
	if !mine {
		return fmt.Errorf("een andere Schakel gebruikt de gegevensmap %s: stop die, of kies een andere map met --data", n.Data)
	}
	n.onClose(lock.Close)
	return nil
}

// signer opens the key of a part's ledger, and makes it for a ledger that is
// new. A ledger that was signed goes on with the key that signed it, or not at
// all: with another its receipts would no longer verify. The public key stands
// beside it, for whoever verifies.
func (s settings) signer(ctx context.Context, part string, db *sqldb.DB) (*ledger.Signer, error) {
	origin := s.Origin + "/" + logName(part)
	path := filepath.Join(s.Data, "sleutels", logName(part)+".sleutel")
	newest, err := ledger.NewReader(db).Checkpoint(ctx)
	signed := err == nil
	if err != nil && !fault.Is(err, fault.Unavailable) {
		return nil, err
	}
	if _, err := os.Stat(path); signed && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("de sleutel van logboek %s ontbreekt: zet %s terug uit een reservekopie. Met een nieuwe sleutel zouden eerdere ontvangstbewijzen niet meer te controleren zijn", newest.Origin, path)
	}
	key, err := config.KeyFile(path, func() ([]byte, error) {
		private, _, err := ledger.GenerateKey(origin)
		return []byte(private), err
	})
	if err != nil {
		return nil, fmt.Errorf("de sleutel van logboek %s: %w", origin, err)
	}
	signer, err := ledger.NewSigner(origin, string(key))
	if err != nil {
		return nil, fmt.Errorf("de sleutel van logboek %s: %w", origin, err)
	}
	if signed {
		keys, err := ledger.Keys(signer.PublicKey())
		if err != nil {
			return nil, err
		}
		if _, err := ledger.OpenCheckpoint(newest.Note, keys); err != nil {
			return nil, fmt.Errorf("logboek %s is met een andere sleutel ondertekend dan die in %s: zet de juiste terug, of kies de gegevensmap die erbij hoort", newest.Origin, path)
		}
	}
	return signer, writePublic(path+".pub", signer.PublicKey())
}
