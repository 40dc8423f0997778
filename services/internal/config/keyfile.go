package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// KeyFile reads a secret from a file that only its owner may read, and makes it
// when there is none; the folder must be there. Of several processes that start
// at the same time one makes it, and all get the same. A file that others may
// read is refused.
func KeyFile(path string, generate func() ([]byte, error)) ([]byte, error) {
	text, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = createKey(path, generate); err == nil {
			text, err = readKey(path)
		}
	}
	return text, err
}

func readKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read %s; run: chmod 600 %s", path, path)
	}
	return os.ReadFile(path)
}

// createKey writes a new key beside path and links it into place, which only
// one of several processes can; the others find that one's key there.
func createKey(path string, generate func() ([]byte, error)) error {
	key, err := generate()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(key)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err = os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
