//go:build unix && !linux

package testenv

import "syscall"

// attributes makes a child run as its owner. This system has no signal of
// death: a killed test process leaves its servers running.
func attributes(o *owner, _ syscall.Signal) *syscall.SysProcAttr {
	if o == nil {
		return nil
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: o.uid, Gid: o.gid}}
}
