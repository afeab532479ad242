package dispatch

import (
	"fmt"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// Plant is what a dispatcher's predictions rest on: the building and the law
// its cars move by.
type Plant struct {
	Building *elevator.Building
	Law      *motion.Law
}

// Entry is one line of the table of dispatchers.
type Entry struct {
	Name             string
	About            string              // one line for the help text
	NeedsDestination bool                // wants signalling destination or hybrid
	Signalling       elevator.Signalling // the one it is made for
	New              func(Plant) Dispatcher
	Park             func(Plant) Parker                 // parks the cars; nil: the dispatcher does
	Clairvoyant      func(Plant, *Foresight) Dispatcher // instead of New: it knows what nobody can know
}

// All lists the dispatchers, the simplest first.
var All = []Entry{
	{Name: "original", About: "the rule of the example this project descends from", New: newOriginal},
	{Name: "uncoordinated", About: "every car goes for every call", New: newUncoordinated},
	{Name: "nearest-car", About: "figure of suitability, once assigned stays", New: newNearestCar},
	{Name: "eta", About: "least cost by predicted waits, reconsidered at every event", New: newETA},
	{Name: "lookahead", About: "eta that tries its narrow decisions on sampled futures", New: newLookahead},
	{Name: "destination", About: "each passenger is promised a car and a trip at the panel", NeedsDestination: true, Signalling: elevator.Destination, New: newDestination},
	{Name: "hybrid", About: "the same where the main terminal alone has a panel", NeedsDestination: true, Signalling: elevator.Hybrid, New: newHybrid},
}

// Variants are for benchmarks, beside the dispatchers of All: what parking adds,
// and what it would be worth to know the next minute.
var Variants = []Entry{
	{Name: "eta-no-parking", About: "eta that leaves idle cars where they are", New: newETAWithoutParking},
	{Name: "lookahead-no-parking", About: "lookahead that leaves idle cars where they are", New: newLookaheadWithoutParking},
	{Name: "lookahead-clairvoyant", About: "lookahead that knows who waits and who will come, which nobody can", Clairvoyant: newClairvoyant},
}

func newETAWithoutParking(p Plant) Dispatcher {
	t := defaultTuning()
	t.park = false
	return newTunedETA(p, t)
}

func newLookaheadWithoutParking(p Plant) Dispatcher {
	t := defaultTuning()
	t.park = false
	return newTunedLookahead(p, t)
}

// Parked is the same dispatcher with its cars parked by a policy; its name says
// so.
func (e Entry) Parked(p Parking) Entry {
	if p.New != nil {
		e.Name, e.Park = e.Name+"/"+p.Name, p.New
	}
	return e
}

// Parker returns who parks the cars instead of the dispatcher, or nil.
func (e Entry) Parker(p Plant) Parker {
	if e.Park == nil {
		return nil
	}
	return e.Park(p)
}

// Fits returns why the dispatcher cannot run in building b, or nil.
func (e Entry) Fits(b *elevator.Building) error {
	if e.NeedsDestination && b.Signalling == elevator.Conventional {
		return fmt.Errorf("dispatcher %s needs signalling: destination or hybrid; building %q has up and down buttons", e.Name, b.Name)
	}
	return nil
}

// ByName returns the entry of that name, and false where there is none.
func ByName(name string) (Entry, bool) {
	for _, e := range All {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// Default is the name of the dispatcher used where none is asked for.
const Default = "eta"
