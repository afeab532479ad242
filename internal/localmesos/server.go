package localmesos

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// port holds a TCP port of a host for as long as the cluster lives, so that a
// master or agent that was stopped finds it free when it starts again. While
// nobody listens, connections are refused.
type port struct {
	host   Host
	fd     int
	number int
}

// reservePort binds a socket that never listens. Linux lets another socket with
// SO_REUSEADDR, as Go's listeners are, bind and listen beside it, but gives the
// port to nobody who asks for any free one.
func reservePort(host Host) (*port, error) {
	p := &port{host: host}
	err := host.Do(func() (err error) {
		p.fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reserve a port at %v: %w", host.Addr, err)
	}
	if err := p.bind(); err != nil {
		p.release()
		return nil, fmt.Errorf("reserve a port at %v: %w", host.Addr, err)
	}
	return p, nil
}

func (p *port) bind() error {
	if err := syscall.SetsockoptInt(p.fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return err
	}
	if err := syscall.Bind(p.fd, &syscall.SockaddrInet4{Addr: p.host.Addr.As4()}); err != nil {
		return err
	}
	name, err := syscall.Getsockname(p.fd)
	if err != nil {
		return err
	}
	bound, ok := name.(*syscall.SockaddrInet4)
	if !ok {
		return fmt.Errorf("the socket is bound to %v, not to an IPv4 address", name)
	}
	p.number = bound.Port
	return nil
}

func (p *port) ip() string { return p.host.Addr.String() }

func (p *port) addrPort() netip.AddrPort { return netip.AddrPortFrom(p.host.Addr, uint16(p.number)) }

func (p *port) addr() string { return p.addrPort().String() }

func (p *port) release() { _ = syscall.Close(p.fd) } // nothing was written to it

// server is an HTTP server on one address that can be waited for.
type server struct {
	listener net.Listener
	http     *http.Server
	handlers sync.WaitGroup
	served   chan struct{}
}

// open listens at the port. A process that is being forked just now holds a
// copy of the listener closed before until it executes its program, and the
// port cannot be had until then.
func (p *port) open() (net.Listener, error) {
	const pause, most = 5 * time.Millisecond, 400
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for tries := 1; ; tries++ {
		listener, err := p.host.listen(p.addrPort())
		if tries == most || !errors.Is(err, syscall.EADDRINUSE) {
			return listener, err
		}
		<-ticker.C
	}
}

// listen serves the handler at the port.
func listen(p *port, handler http.Handler) (*server, error) {
	listener, err := p.open()
	if err != nil {
		return nil, err
	}
	s := &server{listener: listener, served: make(chan struct{})}
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.handlers.Add(1)
			defer s.handlers.Done()
			handler.ServeHTTP(w, r)
		}),
		ErrorLog: log.New(discard{}, "", 0),
	}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // ends with close
	}()
	return s, nil
}

// close breaks all connections and waits for their handlers.
func (s *server) close() {
	_ = s.http.Close() // an error would be about a connection that is gone anyway
	<-s.served
	s.handlers.Wait()
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
