package networktest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

// serve answers what it hears, on the host.
func serve(t *testing.T, h *Host) (address string) {
	t.Helper()
	var l net.Listener
	err := h.Do(func() (err error) {
		l, err = net.Listen("tcp4", netip.AddrPortFrom(h.Addr, 0).String())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return l.Addr().String()
}

// dial connects from the host.
func dial(h *Host, address string, most time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	return h.Dial(ctx, "tcp4", address)
}

// echo sends a byte there and back and says how long that took.
func echo(t *testing.T, conn net.Conn, most time.Duration) (time.Duration, error) {
	t.Helper()
	began := time.Now()
	if err := conn.SetDeadline(began.Add(most)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte{1}); err != nil {
		return 0, err
	}
	_, err := io.ReadFull(conn, make([]byte, 1))
	return time.Since(began), err
}

func TestCable(t *testing.T) {
	n := New(t)
	a, b, c := n.Host("a"), n.Host("b"), n.Host("c")
	cable := n.Connect(a, b)
	n.Connect(b, c)
	address := serve(t, b)

	conn, err := dial(a, address, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := echo(t, conn, 5*time.Second); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(a, serve(t, c), time.Second); !errors.Is(err, syscall.ENETUNREACH) {
		t.Errorf("a reaches c without a cable: %v", err)
	}

	cable.Cut()
	if _, err := echo(t, conn, 300*time.Millisecond); !isTimeout(err) {
		t.Errorf("across a cut cable: %v, want silence", err)
	}
	cable.Mend()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, 1)); err != nil {
		t.Errorf("what was sent across a cut cable does not come after its mending: %v", err)
	}

	cable.SetFaultsFrom(b, Faults{Delay: 100 * time.Millisecond})
	if took, err := echo(t, conn, 5*time.Second); err != nil || took < 100*time.Millisecond {
		t.Errorf("echo after %v, %v; want it 100 ms late", took, err)
	}
	cable.SetFaults(Faults{Loss: 0.2})
	if _, err := echo(t, conn, 20*time.Second); err != nil {
		t.Errorf("TCP does not survive 20 %% of loss: %v", err)
	}
	cable.Mend()

	if err := cable.Unplug(); err != nil {
		t.Fatal(err)
	}
	if _, err := dial(a, address, time.Second); !errors.Is(err, syscall.ENETUNREACH) {
		t.Errorf("a reaches b without a plug: %v", err)
	}
	if err := cable.Plug(); err != nil {
		t.Fatal(err)
	}
	if again, err := dial(a, address, 5*time.Second); err != nil {
		t.Errorf("a does not reach b after the plug is back: %v", err)
	} else {
		_ = again.Close()
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
