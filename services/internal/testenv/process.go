package testenv

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// process is one running server program.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when the program has ended
	err  error         // how it ended; set before done is closed
}

// launch starts a program in dir, with its output at the end of dir/log. The
// signal is sent to it when this process dies, where the system can do that.
func launch(dir string, owner *owner, signal syscall.Signal, argv []string) (*process, error) {
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.SysProcAttr = attributes(owner, signal)
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go p.live(started)
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// live starts the program and waits for its end. Linux ties the signal of death
// to the thread that started the program, so the thread is kept until then; it
// ends with this goroutine, which never unlocks it.
func (p *process) live(started chan<- error) {
	runtime.LockOSThread()
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.err = p.cmd.Wait()
		close(p.done)
	}
}

// end sends the signal and waits until the program is gone.
func (p *process) end(signal os.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.done
	return nil
}

// owner is the user that servers run as.
type owner struct{ uid, gid uint32 }

// unprivileged returns the user that servers run as: nil, meaning the present
// one, unless that is root, as which PostgreSQL refuses to run.
func unprivileged() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		return &owner{uint32(uid), uint32(gid)}, errors.Join(err1, err2)
	}
	return nil, errors.New("running as root, and there is no user postgres or nobody to run servers as")
}

func give(path string, o *owner) error {
	if o == nil {
		return nil
	}
	return os.Chown(path, int(o.uid), int(o.gid))
}

// tail is the end of the log of a server, for the message of a failure.
func tail(dir string) string {
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		return err.Error()
	}
	const most = 2000
	return string(log[max(0, len(log)-most):])
}

// missing says how to come by a program.
func missing(program, packages string) error {
	return fmt.Errorf("%s=require, but %s is not installed (Debian: apt-get install %s)", EnvServers, program, packages)
}
