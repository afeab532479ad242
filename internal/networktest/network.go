// Package networktest gives tests hosts of their own: network namespaces with
// an address each, and cables between them that can be cut, lose packets and
// delay them. What runs on a host reaches only the hosts it has a cable to.
//
// A namespace lives as long as its host or a process in it, and a cable is two
// TUN devices with this process between them, so nothing is left behind
// whatever becomes of the test, and no tool and no kernel module is needed. It
// takes the privileges of root; tests are skipped where they are missing.
//
// Packets pass through so: the kernel of one host writes to its end of the
// cable, a goroutine reads them there, draws their fate and writes them to the
// other end. All methods may be called from any goroutine. The goroutines end
// with the test.
package networktest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// Network is a set of hosts and the cables between them.
type Network struct {
	t testing.TB

	mu     sync.Mutex
	hosts  int
	cables int
}

// New returns a network without hosts. It skips the test where the kernel does
// not let this process make namespaces.
func New(t testing.TB) *Network {
	t.Helper()
	h, err := newHost("probe", netip.Addr{})
	if errors.Is(err, unix.EPERM) {
		t.Skip("needs the privileges of root, to make network namespaces: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.close()
	if _, err := os.Stat(tunDevice); err != nil {
		t.Skip("needs TUN devices, for the cables between network namespaces: ", err)
	}
	return &Network{t: t}
}

// Host adds a host. Its address is one of 10.77.0.0/16; it reaches itself at
// that and on loopback.
func (n *Network) Host(name string) *Host {
	n.t.Helper()
	n.mu.Lock()
	n.hosts++
	addr := netip.AddrFrom4([4]byte{10, 77, byte(n.hosts >> 8), byte(n.hosts)})
	n.mu.Unlock()
	h, err := newHost(name, addr)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(h.close)
	if err := h.Do(func() error { return h.configure("lo", netip.MustParseAddr("127.0.0.1"), netip.Addr{}) }); err != nil {
		n.t.Fatal(err)
	}
	return h
}

// Host is one network namespace.
type Host struct {
	Name string
	Addr netip.Addr

	namespace *os.File
}

func newHost(name string, addr netip.Addr) (*Host, error) {
	h := &Host{Name: name, Addr: addr}
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		var err error
		h.namespace, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	return h, err
}

func (h *Host) close() {
	if h.namespace != nil {
		_ = h.namespace.Close() // opened for reading
	}
}

// Do calls f on a thread that is on the host: sockets that f opens and
// processes that it starts are, and stay, there. Goroutines that f starts are
// not.
func (h *Host) Do(f func() error) error {
	return onThread(func() error {
		if err := unix.Setns(int(h.namespace.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter the network namespace of %s: %w", h.Name, err)
		}
		return f()
	})
}

// Dial connects from the host, as net.Dialer does.
func (h *Host) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = h.Do(func() error {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// onThread calls f on a thread of its own that may leave its namespace: the
// thread ends with f and is never used for anything else.
func onThread(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		done <- f()
	}()
	return <-done
}

// configure gives a device of the calling thread's namespace its address, and
// its peer where it has one, and brings it up.
func (h *Host) configure(device string, addr, peer netip.Addr) error {
	err := h.control(device, func(socket int, request *unix.Ifreq) error {
		if err := request.SetInet4Addr(addr.AsSlice()); err != nil {
			return err
		}
		if err := unix.IoctlIfreq(socket, unix.SIOCSIFADDR, request); err != nil {
			return err
		}
		if !peer.IsValid() {
			return nil
		}
		if err := request.SetInet4Addr(peer.AsSlice()); err != nil {
			return err
		}
		return unix.IoctlIfreq(socket, unix.SIOCSIFDSTADDR, request)
	})
	if err != nil {
		return err
	}
	return h.setUp(device, true)
}

// setUp brings a device of the calling thread's namespace up or down.
func (h *Host) setUp(device string, up bool) error {
	return h.control(device, func(socket int, request *unix.Ifreq) error {
		if err := unix.IoctlIfreq(socket, unix.SIOCGIFFLAGS, request); err != nil {
			return err
		}
		flags := request.Uint16() &^ unix.IFF_UP
		if up {
			flags |= unix.IFF_UP
		}
		request.SetUint16(flags)
		return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request)
	})
}

func (h *Host) control(device string, do func(socket int, request *unix.Ifreq) error) error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: device %s: %w", h.Name, device, err)
	}
	defer unix.Close(socket)
	request, err := unix.NewIfreq(device)
	if err == nil {
		err = do(socket, request)
	}
	if err != nil {
		return fmt.Errorf("%s: device %s: %w", h.Name, device, err)
	}
	return nil
}
