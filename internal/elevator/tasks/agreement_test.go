package tasks

import (
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/sim"
	"elevator/internal/journal"
)

// boardings are the times at which passengers began to board.
type boardings map[elevator.PassengerID]time.Duration

func (b boardings) event(e *elevator.Event) {
	if _, again := b[e.Passenger]; e.Kind == elevator.PassengerBoarded && !again {
		b[e.Passenger] = e.T
	}
}

// parties draws people who go anywhere from anywhere, four at a time. The
// building comes to rest before the next four come, so that what a late message
// changes for some changes nothing for those after them.
func parties(b *elevator.Building, seed uint64, until time.Duration) []elevator.Passenger {
	rng := rand.New(rand.NewPCG(seed, 1))
	var people []elevator.Passenger
	for at := time.Duration(0); at < until; at += 50 * time.Second {
		arrives := at
		for range 4 {
			arrives += time.Duration(rng.ExpFloat64() * 2 * float64(time.Second))
			from := rng.IntN(len(b.Floors))
			to := (from + 1 + rng.IntN(len(b.Floors)-1)) % len(b.Floors)
			people = append(people, elevator.Passenger{
				ID: elevator.PassengerID(len(people) + 1), ArrivesAt: arrives, MassKg: 75,
				Floor: elevator.FloorIndex(from), To: elevator.FloorIndex(to),
			})
		}
	}
	return people
}

// Tasks and scheduler, between whom messages take their time, carry the same
// people at the same times as a simulation, in which they take none: what is late
// counts from when it was said. Only where a car has done something meanwhile,
// such as to close its doors, is the message too late.
func TestAgreesWithSimulation(t *testing.T) {
	for seed := range uint64(4) {
		synctest.Test(t, func(t *testing.T) { agree(t, seed) })
	}
}

func agree(t *testing.T, seed uint64) {
	const speed, until = 10, 10 * time.Minute
	b := building.Builtin()
	law := motion.NewLaw(b)
	entry, _ := dispatch.ByName(dispatch.Default)
	people := parties(b, seed, until)
	simulated, live := boardings{}, boardings{}
	if _, err := sim.Run(sim.Config{Building: b, Passengers: people, Dispatcher: entry, OnEvent: simulated.event}); err != nil {
		t.Fatal(err)
	}
	h := newHall(t, b)
	defer h.end()
	err := h.run(t.Context(), Config{
		Building: b, Law: law, Dispatcher: entry.New(dispatch.Plant{Building: b, Law: law}), Source: &list{people: people},
		Header: elevator.Header{Building: b, Speed: speed}, Speed: speed, Duration: until,
		Publish: func([]elevator.Event) error { return nil }, Logger: slog.New(slog.DiscardHandler),
	}, troubles{})
	if err != nil {
		t.Fatal(err)
	}
	h.read(live.event)
	same, later := 0, time.Duration(0)
	for id, at := range simulated {
		boarded, ok := live[id]
		if !ok {
			t.Errorf("seed %d: passenger %d boarded in the simulation only", seed, id)
		}
		later += boarded - at
		// One step of the wall clock is some of the building's nanoseconds.
		if boarded-at <= speed && at-boarded <= speed {
			same++
		}
	}
	mean := later / time.Duration(len(simulated))
	if same < len(simulated)/2 || mean.Abs() > time.Second {
		t.Errorf("seed %d: %d of %d board at the same time, all on average %v later; want at least half, and at most 1 s", seed, same, len(simulated), mean)
	}
}

// read passes on the events of the journal.
func (h *hall) read(event func(*elevator.Event)) {
	reader, err := journal.Open(h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	defer reader.Close()
	for {
		e, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			h.t.Fatal(err)
		}
		event(&e)
	}
}
