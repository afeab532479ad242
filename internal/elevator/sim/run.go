package sim

import (
	"errors"
	"fmt"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/group"
	"elevator/internal/elevator/motion"
)

// Grace is how much of the building's time a run goes on after the last
// arrival; who has not arrived then is left.
const Grace = 30 * time.Minute

// Config is one run.
type Config struct {
	Building   *elevator.Building
	Law        *motion.Law          // of Building; nil: computed
	Passengers []elevator.Passenger // everybody who will come, in the order of their arrival
	Dispatcher dispatch.Entry
	Drills     []Drill               // what an operator does, in the order of time
	OnEvent    func(*elevator.Event) // sees every event in order and keeps none; may be nil
	Done       <-chan struct{}       // the run is given up when it is closed; may be nil
}

// ErrGivenUp says that Config.Done was closed before the run was over.
var ErrGivenUp = errors.New("the simulation was given up before its end")

// givenUp reports whether Done was closed.
func (c *Config) givenUp() bool {
	if c.Done == nil { // as in most runs: it is asked for each event
		return false
	}
	select {
	case <-c.Done:
		return true
	default:
		return false
	}
}

// Drill is one command of an operator in a run.
type Drill struct {
	At      time.Duration
	Command group.Command
}

// Summary is how a run ended.
type Summary struct {
	End    time.Duration // the building's time at the end
	Events int
	Left   []elevator.PassengerID // who had not arrived then, in ascending order
}

func (c *Config) validate() error {
	if c.Building == nil {
		return fmt.Errorf("simulate: no building")
	}
	if c.Dispatcher.New == nil && c.Dispatcher.Clairvoyant == nil {
		return fmt.Errorf("simulate: no dispatcher")
	}
	if err := c.Dispatcher.Fits(c.Building); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	floors := elevator.FloorIndex(len(c.Building.Floors))
	for i, p := range c.Passengers {
		if p.Floor < 0 || p.Floor >= floors || p.To < 0 || p.To >= floors || p.Floor == p.To {
			return fmt.Errorf("simulate: passenger %d goes from floor %d to %d of a building with %d floors", p.ID, p.Floor, p.To, floors)
		}
		if i > 0 && p.ArrivesAt < c.Passengers[i-1].ArrivesAt {
			return fmt.Errorf("simulate: passenger %d arrives before passenger %d, want them in the order of arrival", p.ID, c.Passengers[i-1].ID)
		}
	}
	for i := range c.Drills {
		if err := c.Drills[i].Command.Check(c.Building); err != nil {
			return fmt.Errorf("simulate: drill at %v: %w", c.Drills[i].At, err)
		}
		if i > 0 && c.Drills[i].At < c.Drills[i-1].At {
			return fmt.Errorf("simulate: the drill at %v comes after that at %v", c.Drills[i].At, c.Drills[i-1].At)
		}
	}
	return nil
}

// Run plays the building until everybody has arrived and every call is
// answered, or until Grace after the last arrival. The same configuration gives
// the same events. An error is a fault of the program or of the configuration,
// never of the traffic.
func Run(cfg Config) (Summary, error) {
	if err := cfg.validate(); err != nil {
		return Summary{}, err
	}
	law := cfg.Law
	if law == nil {
		law = motion.NewLaw(cfg.Building)
	}
	var sum Summary
	plant := dispatch.Plant{Building: cfg.Building, Law: law}
	var d dispatch.Dispatcher
	var foresight *dispatch.Foresight
	if cfg.Dispatcher.Clairvoyant != nil {
		foresight = &dispatch.Foresight{Passengers: cfg.Passengers}
		d = cfg.Dispatcher.Clairvoyant(plant, foresight)
	} else {
		d = cfg.Dispatcher.New(plant)
	}
	opt := group.Options{Parker: cfg.Dispatcher.Parker(plant)}
	e := newEngine(cfg.Building, law, d, opt, func(ev *elevator.Event) {
		sum.Events++
		if cfg.OnEvent != nil {
			cfg.OnEvent(ev)
		}
	})
	if foresight != nil {
		foresight.Waits = e.waits
	}
	e.expect(cfg.Passengers)
	deadline := Grace
	if n := len(cfg.Passengers); n > 0 {
		deadline += cfg.Passengers[n-1].ArrivesAt
	}
	g := e.group.Group()
	drills := cfg.Drills
	for g.Carried < len(cfg.Passengers) || len(g.Calls) > 0 {
		if cfg.givenUp() {
			return Summary{}, ErrGivenUp
		}
		if len(drills) > 0 && e.next(drills[0].At) {
			continue
		}
		if len(drills) > 0 {
			e.command(&drills[0])
			drills = drills[1:]
			continue
		}
		if !e.next(deadline) {
			e.now = deadline
			break
		}
	}
	if e.err != nil {
		return Summary{}, fmt.Errorf("simulate %q: %w", cfg.Building.Name, e.err)
	}
	sum.End = e.now
	sum.Left = e.left(cfg.Passengers)
	return sum, nil
}

// waits reports whether somebody has come and is in no car yet.
func (e *engine) waits(id elevator.PassengerID) bool {
	j, ok := e.group.Group().Journey(id)
	return ok && j.Car == elevator.NoCar
}

// left lists who has not arrived: those who wait or ride, and those who never
// came.
func (e *engine) left(passengers []elevator.Passenger) []elevator.PassengerID {
	g := e.group.Group()
	if g.Carried == len(passengers) {
		return nil
	}
	var ids []elevator.PassengerID
	for i := range passengers {
		if _, ok := g.Journey(passengers[i].ID); ok {
			ids = append(ids, passengers[i].ID)
		}
	}
	return ids
}
