package localmesos

import (
	"context"
	"net"
	"net/netip"
)

// Host is the machine that a master or an agent runs on. The zero value is this
// process's own, on loopback.
type Host struct {
	// Addr is its IPv4 address. Default: 127.0.0.1.
	Addr netip.Addr
	// Do calls f where the host's network is, so that the sockets and processes
	// that f makes are there. Default: f is just called.
	Do func(f func() error) error
}

func (h Host) withDefaults() Host {
	if !h.Addr.IsValid() {
		h.Addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	if h.Do == nil {
		h.Do = func(f func() error) error { return f() }
	}
	return h
}

// hostAt returns the host of master or agent i.
func hostAt(hosts []Host, i int) Host {
	if i < len(hosts) {
		return hosts[i].withDefaults()
	}
	return Host{}.withDefaults()
}

// dial connects from the host. The address is a literal one, or else it is
// looked up in this process's own network.
func (h Host) dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = h.Do(func() error {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

func (h Host) listen(address netip.AddrPort) (listener net.Listener, err error) {
	err = h.Do(func() error {
		listener, err = net.Listen("tcp4", address.String())
		return err
	})
	return listener, err
}
