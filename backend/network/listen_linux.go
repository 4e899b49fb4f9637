package network

import (
	"context"
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// listen calls heard whenever the kernel tells of a change to interfaces,
// addresses or routes (rtnetlink(7)), until ctx ends. What the change is does
// not matter here. A kernel that gives no such socket leaves the rest to
// looking.
func listen(ctx context.Context, heard func()) {
	// Not blocking, so that Close ends a Read.
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return
	}
	socket := os.NewFile(uintptr(fd), "rtnetlink") // which owns it from here on
	defer context.AfterFunc(ctx, func() { _ = socket.Close() })()
	defer func() { _ = socket.Close() }()
	const groups = unix.RTMGRP_LINK | unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR | unix.RTMGRP_IPV4_ROUTE | unix.RTMGRP_IPV6_ROUTE
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return
	}
	message := make([]byte, os.Getpagesize())
	for ctx.Err() == nil {
		// An overrun (ENOBUFS) means that there was more news than we read, which
		// is news as well.
		if _, err := socket.Read(message); err != nil && !isOverrun(err) {
			return
		}
		heard()
	}
}

func isOverrun(err error) bool { return errors.Is(err, unix.ENOBUFS) }
