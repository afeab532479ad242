package ui

import (
	"context"
	"net"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/gdamore/tcell/v2"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
	"elevator/internal/operator"
)

// A line as over a bad mobile connection, each way.
const (
	slowBytesPerSecond = 64_000 / 8
	slowDelay          = 300 * time.Millisecond
)

// line connects a desk with a server. It carries so many bytes a second, which
// all connections share, and delivers them late.
type line struct {
	conns    chan net.Conn
	closed   chan struct{}
	pumps    sync.WaitGroup
	up, down direction
}

// direction is one way of a line.
type direction struct {
	bytesPerSecond int
	delay          time.Duration

	mu    sync.Mutex // guards all below
	free  time.Time  // when what was sent before has left
	count int
}

func newLine(bytesPerSecond int, delay time.Duration) *line {
	return &line{
		conns: make(chan net.Conn), closed: make(chan struct{}),
		up:   direction{bytesPerSecond: bytesPerSecond, delay: delay},
		down: direction{bytesPerSecond: bytesPerSecond, delay: delay},
	}
}

func (l *line) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *line) Close() error {
	close(l.closed)
	return nil
}

func (l *line) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

// dial opens a connection over the line.
func (l *line) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	desk, near := net.Pipe()
	far, server := net.Pipe()
	select {
	case l.conns <- localEnd{server, l.Addr()}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	l.pumps.Go(func() { l.up.carry(near, far) })
	l.pumps.Go(func() { l.down.carry(far, near) })
	return desk, nil
}

// localEnd is a connection that says where it came from.
type localEnd struct {
	net.Conn
	at net.Addr
}

func (c localEnd) LocalAddr() net.Addr { return c.at }

// send waits until n bytes have left.
func (d *direction) send(n int) {
	d.mu.Lock()
	if now := time.Now(); d.free.Before(now) {
		d.free = now
	}
	d.free = d.free.Add(time.Duration(n) * time.Second / time.Duration(d.bytesPerSecond))
	left := d.free
	d.count += n
	d.mu.Unlock()
	time.Sleep(time.Until(left))
}

// take returns how many bytes were sent since it was asked last.
func (d *direction) take() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.count
	d.count = 0
	return n
}

// carry brings what is written at one end to the other.
func (d *direction) carry(from, to net.Conn) {
	type packet struct {
		at   time.Time
		data []byte
	}
	flight := make(chan packet, 1000)
	var delivery sync.WaitGroup
	delivery.Go(func() {
		defer to.Close()
		for p := range flight {
			time.Sleep(time.Until(p.at))
			if _, err := to.Write(p.data); err != nil {
				break
			}
		}
		for range flight { // the other end has gone
		}
	})
	for {
		data := make([]byte, 512)
		n, err := from.Read(data)
		if err != nil {
			break
		}
		d.send(n)
		flight <- packet{time.Now().Add(d.delay), data[:n]}
	}
	from.Close()
	close(flight)
	delivery.Wait()
}

// slowTty is a terminal at the end of the same line, as over SSH.
type slowTty struct{ *fakeTty }

func (s slowTty) Write(p []byte) (int, error) {
	time.Sleep(time.Duration(len(p)) * time.Second / slowBytesPerSecond)
	return s.fakeTty.Write(p)
}

// publishTower publishes a day's work of a building of 16 cars and 60 floors at
// some thirty events a second, until ctx is done.
func publishTower(ctx context.Context, hub *operator.Hub, s *scene) {
	began, seq := time.Now(), uint64(1)
	publish := func(events ...elevator.Event) {
		for i := range events {
			events[i].T, events[i].Seq = time.Since(began), seq
			seq++
		}
		if err := hub.Publish(events); err != nil {
			panic(err)
		}
	}
	hub.SetClock(began, 1)
	publish(s.events[0])
	for _, e := range s.sorted() {
		if e.Kind == elevator.TaskStateChanged {
			publish(e)
		}
	}
	for i := 0; pause(ctx, time.Second/4); i++ {
		car, from, to := i%16, (i*7)%60, (i*7+31)%60
		depart := s.at(0, elevator.CarDeparted, car, from, to)
		depart.Direction, depart.PositionM = elevator.Toward(depart.Floor, depart.To), s.b.Floors[from].ElevationM
		arrived := s.at(0, elevator.PassengerArrived, -1, to, from)
		arrived.Passenger, arrived.MassKg = elevator.PassengerID(i+1), 75
		boarded := s.at(0, elevator.PassengerBoarded, car, to, -1)
		boarded.Passenger = arrived.Passenger
		opening := s.at(0, elevator.DoorsOpening, car, from, -1)
		opening.Direction = depart.Direction
		publish(s.at(0, elevator.CarArrived, car, from, -1), opening, s.at(0, elevator.DoorsOpened, car, from, -1), arrived, boarded,
			s.at(0, elevator.DoorsClosing, car, from, -1), s.at(0, elevator.DoorsClosed, car, from, -1), depart)
	}
}

// newest returns the building's time of the last event on the events page.
func newest(t *testing.T, picture string) time.Duration {
	t.Helper()
	found := regexp.MustCompile(`(?m)^[▸ ](\d+):(\d\d)\.\d `).FindAllStringSubmatch(picture, -1)
	if len(found) == 0 {
		t.Fatalf("no events on the screen:\n%s", picture)
	}
	last := found[len(found)-1]
	at, err := time.ParseDuration(last[1] + "m" + last[2] + "s")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// A desk at the end of a slow line, be it the API that comes over it or the
// terminal, shows a large busy building soon, does not fall behind, and answers
// keys and commands.
func TestADeskAtTheEndOfASlowLine(t *testing.T) {
	for _, over := range []string{"API", "terminal"} {
		t.Run(over, func(t *testing.T) {
			inBubble(t, 160, 50, func(t *testing.T, cfg Config, tty *fakeTty) {
				s := tower()
				hub := operator.NewHub(s.b, motion.NewLaw(s.b))
				server := operator.NewServer(operator.Config{
					Hub:   hub,
					Tasks: func() any { return towerTasks(s) },
					Command: func(context.Context, string, operator.Command) (operator.Result, error) {
						return operator.Result{Result: "done"}, nil
					},
				})
				way, took := newLine(slowBytesPerSecond, slowDelay), tty.count
				if over == "terminal" {
					way = newLine(1<<30, 0)
					cfg.screen = func() (tcell.Screen, error) {
						return tcell.NewTerminfoScreenFromTty(newThriftyTty(slowTty{tty}))
					}
				} else {
					took = way.down.take
				}
				server.Serve(way)
				ctx, stop := context.WithCancel(t.Context())
				var building sync.WaitGroup
				began := time.Now()
				building.Go(func() { publishTower(ctx, hub, s) })

				cfg.dial = way.dial
				d := &desk{t: t, tty: tty, done: make(chan error, 1)}
				go func() { d.done <- Run(t.Context(), cfg) }()
				d.pass(3 * time.Second)
				d.shows("Tower")
				d.shows("LIVE")

				took()
				const watched = 20
				d.pass(watched * time.Second)
				rate := took() / watched
				t.Logf("%d bytes a second of %d", rate, slowBytesPerSecond)
				if rate > slowBytesPerSecond/2 {
					t.Errorf("%d bytes a second leave too little of the line's %d", rate, slowBytesPerSecond)
				}
				d.shows("LIVE")
				d.press("5")
				d.pass(time.Second)
				if age := time.Since(began) - newest(t, tty.picture()); age > 3*time.Second {
					t.Errorf("the newest event on the screen is %v old", age)
				}
				d.press(":")
				d.press("park A\r")
				d.pass(2 * time.Second)
				d.shows("park: done")
				d.press("q")
				if err := d.end(); err != nil {
					t.Error(err)
				}
				stop()
				building.Wait()
				if err := server.Close(context.Background()); err != nil {
					t.Error(err)
				}
				way.pumps.Wait()
			})
		})
	}
}

// towerTasks says that all tasks of the scene's building run.
func towerTasks(s *scene) taskReport {
	report := taskReport{Master: "10.0.0.1:5050", Framework: "f0e1d2c3-0001", Connected: true}
	for _, e := range s.events {
		if e.Kind == elevator.TaskStateChanged {
			report.Tasks = append(report.Tasks, task{
				Name: e.Detail.Task, State: e.Detail.State, Attempt: 1,
				Agent: agent{ID: "f0e1d2c3-S" + e.Detail.Agent, Hostname: e.Detail.Agent + ".example.org"}, Since: sceneStart,
			})
		}
	}
	return report
}
