package dispatch

import "elevator/internal/elevator"

// promise is what one car has promised to the people behind one call.
type promise struct {
	floor   elevator.FloorIndex
	to      elevator.FloorIndex // NoFloor: an up or down button, guess says where to
	side    int8                // see Side
	trip    int                 // which departure from the terminal takes them; anyTrip elsewhere
	persons float64
	guess   elevator.FloorSet
	urgency float64 // what a second of their waiting counts
	offered bool    // the car has opened for them
}

// anyTrip is the trip of promises at other landings than the terminal: the next
// time the car comes.
const anyTrip = -1

// ledger holds the promises of one car. Trips from the main terminal are
// numbered; next is the number of the next departure.
type ledger struct {
	promises []promise
	next     int
	loading  elevator.FloorIndex // where the car stands open and takes its people aboard; NoFloor: nowhere
	side     int8                // the direction it will go
}

// loads reports whether the promise is for the people who board now or at the
// next stop at that floor and side.
func (p *promise) loads(f elevator.FloorIndex, side int, trip int) bool {
	return p.floor == f && int(p.side) == side && (p.trip == anyTrip || p.trip == trip)
}

// add takes a promise into the ledger.
func (l *ledger) add(p promise) {
	for i := range l.promises {
		q := &l.promises[i]
		if q.floor == p.floor && q.to == p.to && q.side == p.side && q.trip == p.trip && !q.offered {
			q.persons += p.persons
			return
		}
	}
	l.promises = append(l.promises, p)
}

// departed forgets whom the car has taken aboard. Who came too late for its
// doors is taken on the trip after.
func (l *ledger) departed(terminal elevator.FloorIndex) {
	kept := l.promises[:0]
	for i := range l.promises {
		p := l.promises[i]
		if p.offered {
			continue
		}
		if p.trip == l.next && p.loads(l.loading, int(l.side), l.next) {
			p.trip++
		}
		kept = append(kept, p)
	}
	l.promises = kept
	if l.loading == terminal && l.side == 1 {
		l.next++
	}
	l.loading = elevator.NoFloor
}

// seats returns how many people a trip holds, and for which floors.
func (l *ledger) seats(trip int) (persons float64, floors elevator.FloorSet) {
	for i := range l.promises {
		if p := &l.promises[i]; p.trip == trip {
			persons += p.persons
			floors.Add(p.to)
		}
	}
	return persons, floors
}

// boards reports whether people for floor to who are promised the trip board that
// one and do not take the seats of others: they see which floors a car goes to,
// not which of its trips it is. Trips that go there before must be full, of
// people who stand before them in the queue, and none after may go there.
func (l *ledger) boards(trip int, to elevator.FloorIndex, capacity float64) bool {
	for i := range l.promises {
		p := &l.promises[i]
		if p.trip < l.next || p.trip == trip || p.to != to {
			continue
		}
		if taken, _ := l.seats(p.trip); p.trip > trip || taken+1 <= capacity {
			return false
		}
	}
	return true
}

// firstFree returns the first trip with seats for so many people.
func (l *ledger) firstFree(capacity, persons float64) int {
	for trip := l.next; ; trip++ {
		if taken, _ := l.seats(trip); taken+persons <= capacity || taken == 0 {
			return trip
		}
	}
}

// holds reports whether anybody is promised this car for the call, other than
// those who are boarding.
func (l *ledger) holds(call elevator.CallKey) bool {
	for i := range l.promises {
		p := &l.promises[i]
		if p.floor == call.Floor && p.to == call.To && !p.offered {
			return true
		}
	}
	return false
}

// withdraw takes everybody out of the ledger who waits behind the call and
// returns how many that were.
func (l *ledger) withdraw(call elevator.CallKey) float64 {
	persons := 0.0
	kept := l.promises[:0]
	for i := range l.promises {
		p := &l.promises[i]
		if p.floor == call.Floor && p.to == call.To && int(p.side) == Side(call.Direction) && !p.offered {
			persons += p.persons
			continue
		}
		kept = append(kept, *p)
	}
	l.promises = kept
	return persons
}
