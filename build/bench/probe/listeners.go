package main

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// listeners are the addresses on which somebody of this machine listens at the
// port, from Linux's tables; known is false where there are none.
func listeners(port string) (addresses []netip.Addr, known bool) {
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, false
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table) //nolint:gosec // one of the two above
		if err != nil {
			continue
		}
		known = true
		addresses = append(addresses, listenersIn(string(text), uint16(number))...)
	}
	return addresses, known
}

// listenersIn reads a table as proc(5) describes it: «sl local_address
// rem_address st …», where 0A is the state of listening.
func listenersIn(table string, port uint16) []netip.Addr {
	var found []netip.Addr
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 4 || fields[3] != "0A" {
			continue
		}
		if socket, ok := socketOf(fields[1]); ok && socket.Port() == port {
			found = append(found, socket.Addr())
		}
	}
	return found
}

// socketOf reads «0100007F:1F90»: 32-bit words in the machine's byte order,
// and the port.
func socketOf(text string) (netip.AddrPort, bool) {
	words, port, ok := strings.Cut(text, ":")
	raw, err := hex.DecodeString(words)
	number, portErr := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || portErr != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	addr, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(addr.Unmap(), uint16(number)), ok
}
