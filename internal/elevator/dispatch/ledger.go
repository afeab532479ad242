package dispatch

import (
	"slices"

	"elevator/internal/elevator"
)

// promise is what one car has promised to the people behind one call.
type promise struct {
	floor   elevator.FloorIndex
	to      elevator.FloorIndex // NoFloor: an up or down button, guess says where to
	side    int8                // see Side
	trip    int                 // which departure from the terminal takes them; anyTrip elsewhere
	persons float64
	guess   elevator.FloorSet
	urgency float64 // what a second of their waiting counts
	stage   stage
}

// stage is how far a promise is kept.
type stage uint8

const (
	waiting stage = iota // they wait for the car
	asked                // the car stands open and has asked them in: who finds room is not known yet
	aboard               // they go along
	behind               // the car stands open and is too full for them: they wait until it comes again
)

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
	full     bool                // somebody stays behind there: whoever comes now waits, too
}

// loads reports whether the promise is for the people who board at the stop at
// that floor and side before the departure of that number from the terminal.
func (p *promise) loads(f elevator.FloorIndex, side int, trip int) bool {
	return p.floor == f && int(p.side) == side && (p.trip == anyTrip || p.trip == trip)
}

// add takes a promise into the ledger.
func (l *ledger) add(p promise) { l.promises = addTo(l.promises, p) }

// addTo appends a promise, or adds its people to those whom the same was promised.
func addTo(list []promise, p promise) []promise {
	for i := range list {
		q := &list[i]
		if q.floor == p.floor && q.to == p.to && q.side == p.side && q.trip == p.trip && q.stage == p.stage {
			q.persons += p.persons
			return list
		}
	}
	return append(list, p)
}

// ask opens the car at floor f for that side, asks its people in and returns the
// floors that they want to.
func (l *ledger) ask(f elevator.FloorIndex, side int) (to elevator.FloorSet) {
	l.loading, l.side, l.full = f, int8(side), false
	kept := l.promises[:0]
	for _, p := range l.promises {
		if p.to != elevator.NoFloor && p.loads(f, side, l.next) {
			to.Add(p.to)
			if p.stage != aboard {
				p.stage = asked
			}
		}
		kept = addTo(kept, p)
	}
	l.promises = kept
	return to
}

// board sorts those whom the car has asked in into who goes along, a floor for each
// of them, and who stays behind. A promise for a floor of neither, such as that of a
// button which an operator has pressed, has nobody behind it and ends with this stop.
// Whoever was promised a later trip and goes along all the same leaves a seat there.
func (l *ledger) board(along []elevator.FloorIndex, staying elevator.FloorSet) {
	l.full = !staying.Empty()
	for i := len(l.promises) - 1; i >= 0; i-- {
		p := &l.promises[i]
		if p.stage != asked {
			continue
		}
		p.stage = aboard
		left := *p
		for _, to := range along {
			if to == p.to {
				left.persons--
			}
		}
		l.leaveLater(p, -left.persons)
		if !staying.Has(p.to) || left.persons <= 0 && l.later(p) {
			continue // nobody stays but those of a later trip
		}
		left.persons, left.stage = max(1, left.persons), behind
		p.persons = max(0, p.persons-left.persons)
		l.promises = append(l.promises, left)
	}
	l.promises = slices.DeleteFunc(l.promises, func(p promise) bool { return p.stage == waiting && p.persons <= 0 })
}

// leaveLater takes so many people out of the later trips between the same floors.
func (l *ledger) leaveLater(p *promise, persons float64) {
	for i := 0; i < len(l.promises) && persons > 0; i++ {
		if q := &l.promises[i]; q.after(p) {
			gone := min(persons, q.persons)
			q.persons -= gone
			persons -= gone
		}
	}
}

// later reports whether somebody is promised a later trip between the same floors.
func (l *ledger) later(p *promise) bool {
	return slices.ContainsFunc(l.promises, func(q promise) bool { return q.after(p) && q.persons > 0 })
}

// after reports whether the promise is of a later trip than q between the same floors.
func (p *promise) after(q *promise) bool {
	return p.floor == q.floor && p.to == q.to && p.side == q.side && p.trip > q.trip
}

// departed forgets whom the car has taken along. Who stays behind, or came too
// late for its doors, is taken on the trip after.
func (l *ledger) departed(terminal elevator.FloorIndex) {
	kept := l.promises[:0]
	for i := range l.promises {
		p := l.promises[i]
		if p.stage == aboard {
			continue
		}
		if p.trip == l.next && p.loads(l.loading, int(l.side), l.next) {
			p.trip++
		}
		p.stage = waiting
		kept = addTo(kept, p)
	}
	l.promises = kept
	if l.loading == terminal && l.side == 1 {
		l.next++
	}
	l.loading, l.full = elevator.NoFloor, false
}

// boarding reports whether the promise is for people who board, or have boarded,
// while the car stands open as it does.
func (l *ledger) boarding(p *promise) bool {
	return p.stage != behind && (p.stage != waiting || !l.full) && p.loads(l.loading, int(l.side), l.next)
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

// holds reports whether anybody waits for this car behind the call.
func (l *ledger) holds(call elevator.CallKey) bool {
	for i := range l.promises {
		if l.promises[i].waits(call) {
			return true
		}
	}
	return false
}

// waiting returns how many people wait for this car behind the call.
func (l *ledger) waiting(call elevator.CallKey) (persons float64) {
	for i := range l.promises {
		if p := &l.promises[i]; p.waits(call) {
			persons += p.persons
		}
	}
	return persons
}

// waits reports whether the promise is for people who wait behind the call.
func (p *promise) waits(call elevator.CallKey) bool {
	return p.floor == call.Floor && p.to == call.To && int(p.side) == Side(call.Direction) && p.stage != aboard
}

// withdraw takes everybody out of the ledger who waits behind the call and
// returns how many that were.
func (l *ledger) withdraw(call elevator.CallKey) float64 {
	persons := 0.0
	kept := l.promises[:0]
	for i := range l.promises {
		p := &l.promises[i]
		if p.waits(call) {
			persons += p.persons
			continue
		}
		kept = append(kept, *p)
	}
	l.promises = kept
	return persons
}
