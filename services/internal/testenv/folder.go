package testenv

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const prefix = "schakel-test-"

// folder is the place of a server. The lock on it lives as long as this process
// and tells others that it is in use.
type folder struct {
	path string
	lock *os.File
}

// makeFolder makes a folder and gives it to its owner. It is not the folder of a
// test, for that is closed to other users.
func makeFolder(name string, o *owner) (*folder, error) {
	sweep()
	path, err := os.MkdirTemp("", prefix+name+"-")
	if err != nil {
		return nil, err
	}
	lock, err := hold(path)
	if err == nil {
		err = give(path, o)
	}
	f := &folder{path: path, lock: lock}
	if err != nil {
		return nil, errors.Join(err, f.remove())
	}
	return f, nil
}

func (f *folder) remove() error {
	return errors.Join(os.RemoveAll(f.path), f.lock.Close())
}

// sweep removes what test processes left behind that were killed. It passes by
// what it cannot have: that is not for this process to mend.
func sweep() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, path := range left {
		// A very young folder may be about to be locked.
		if info, err := os.Stat(path); err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		if lock, err := hold(path); err == nil {
			_ = (&folder{path, lock}).remove()
		}
	}
}

// hold locks a folder, or fails if it is locked.
func hold(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
