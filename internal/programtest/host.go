package programtest

import (
	"context"
	"net"
)

// Host is where a program runs: a network of its own.
type Host interface {
	// Do calls f where sockets and processes that f makes are on the host.
	Do(f func() error) error
	// Dial connects from the host.
	Dial(ctx context.Context, network, address string) (net.Conn, error)
}

// here is where the test runs.
type here struct{}

func (here) Do(f func() error) error { return f() }

func (here) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, address)
}
