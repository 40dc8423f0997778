package testenv

import "syscall"

// attributes makes a child run as its owner and get the signal when the thread
// that started it dies.
func attributes(o *owner, signal syscall.Signal) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: signal}
	if o != nil {
		attr.Credential = &syscall.Credential{Uid: o.uid, Gid: o.gid, Groups: []uint32{}}
	}
	return attr
}
