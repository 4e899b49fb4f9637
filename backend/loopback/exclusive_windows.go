package loopback

import "syscall"

// exclusive keeps other programs from binding the same port later and getting
// DingTalk's redirect: on Windows they can, unless the first says no.
func exclusive(_, _ string, conn syscall.RawConn) error {
	const exclusiveAddrUse = ^syscall.SO_REUSEADDR // winsock2.h: ((int)(~SO_REUSEADDR))
	var failed error
	err := conn.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(syscall.Handle(fd), syscall.SOL_SOCKET, exclusiveAddrUse, 1)
	})
	if err != nil {
		return err
	}
	return failed
}
