package networktest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	tunDevice = "/dev/net/tun"
	mostBytes = 1500 // of a packet: the MTU of a TUN device
)

// Faults are what a cable does to packets. The zero value does nothing.
type Faults struct {
	Cut   bool          // all packets are lost
	Loss  float64       // the share of packets that is lost, 0 to 1
	Delay time.Duration // of every packet; their order is kept
}

// Cable connects two hosts. Packets that it loses are lost in silence, as if
// a switch between the two had died.
type Cable struct {
	ends [2]end

	mu     sync.Mutex
	faults [2]Faults // of what goes from the first end to the second, and back
	rand   *rand.Rand
}

// end is the device at one end of a cable.
type end struct {
	host   *Host
	device string
	file   *os.File
}

// Connect lays a cable between two hosts.
func (n *Network) Connect(a, b *Host) *Cable {
	n.t.Helper()
	n.mu.Lock()
	n.cables++
	name := fmt.Sprintf("cable%d", n.cables)
	c := &Cable{rand: rand.New(rand.NewPCG(uint64(n.cables), 0))}
	n.mu.Unlock()
	for i, pair := range [2][2]*Host{{a, b}, {b, a}} {
		file, err := pair[0].openDevice(name, pair[1])
		if err != nil {
			n.t.Fatal(err)
		}
		c.ends[i] = end{pair[0], name, file}
	}
	var carrying sync.WaitGroup
	carrying.Go(func() { c.carry(0) })
	carrying.Go(func() { c.carry(1) })
	n.t.Cleanup(func() {
		for _, e := range c.ends {
			_ = e.file.Close() // takes the device away
		}
		carrying.Wait()
	})
	return c
}

// openDevice makes a TUN device on the host, with the route to the peer.
func (h *Host) openDevice(name string, peer *Host) (file *os.File, err error) {
	err = h.Do(func() error {
		fd, err := unix.Open(tunDevice, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open %s: %w", tunDevice, err)
		}
		request, err := unix.NewIfreq(name)
		if err == nil {
			request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
			err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
		}
		if err == nil {
			err = h.configure(name, h.Addr, peer.Addr)
		}
		if err != nil {
			_ = unix.Close(fd)
			return fmt.Errorf("lay a cable from %s to %s: %w", h.Name, peer.Name, err)
		}
		file = os.NewFile(uintptr(fd), name)
		return nil
	})
	return file, err
}

// SetFaults changes what happens to packets in both directions from now on.
func (c *Cable) SetFaults(f Faults) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = [2]Faults{f, f}
}

// SetFaultsFrom changes what happens to packets that the host sends.
func (c *Cable) SetFaultsFrom(h *Host, f Faults) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, e := range c.ends {
		if e.host == h {
			c.faults[i] = f
		}
	}
}

// Cut loses everything until Mend.
func (c *Cable) Cut() { c.SetFaults(Faults{Cut: true}) }

// Mend makes the cable as good as new.
func (c *Cable) Mend() { c.SetFaults(Faults{}) }

// Unplug takes the cable out of both hosts: unlike behind a cut, whoever sends
// is told at once that there is no way. Plug puts it back.
func (c *Cable) Unplug() error { return c.setUp(false) }

// Plug puts an unplugged cable back.
func (c *Cable) Plug() error { return c.setUp(true) }

func (c *Cable) setUp(up bool) error {
	for _, e := range c.ends {
		if err := e.host.Do(func() error { return e.host.setUp(e.device, up) }); err != nil {
			return err
		}
	}
	return nil
}

// carry takes packets from one end to the other until the cable is taken away.
func (c *Cable) carry(from int) {
	source, target := c.ends[from].file, c.ends[1-from].file
	var late sync.WaitGroup
	defer late.Wait()
	queue := make(chan packet, 4096)
	late.Go(func() {
		for p := range queue {
			time.Sleep(time.Until(p.due))
			_, _ = target.Write(p.bytes) // a device that is down loses it, as a network may
		}
	})
	defer close(queue)
	buffer := make([]byte, mostBytes)
	for {
		n, err := source.Read(buffer)
		if err != nil {
			return
		}
		delay, lost := c.draw(from)
		if lost {
			continue
		}
		select {
		case queue <- packet{append([]byte(nil), buffer[:n]...), time.Now().Add(delay)}:
		default: // more than a network would keep
		}
	}
}

// packet is on its way until it is due.
type packet struct {
	bytes []byte
	due   time.Time
}

// draw decides the fate of one packet.
func (c *Cable) draw(from int) (delay time.Duration, lost bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.faults[from]
	return f.Delay, f.Cut || c.rand.Float64() < f.Loss
}
