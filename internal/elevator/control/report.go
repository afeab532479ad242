package control

import (
	"elevator/internal/elevator"
)

// Report is what a car or a landing tells a group control that has come back:
// what only the two of them know, and no journal. Everything that happened
// before has been sent before it, so the receiver can tell from it which of its
// predecessor's last messages got lost. A landing that starts anew is told its
// Stops and Promises in one.
type Report struct {
	// Calls are the landing calls that a car goes for, or the lit lamps of a
	// landing.
	Calls []elevator.CallKey `json:",omitempty"`

	// Of a car.

	Active      bool                // it has done something, so RestoreCar comes too late; else it does nothing before that comes
	Stands      bool                // its doors are not closed: the announcement that follows is good
	Boards      bool                // … and they are not closing
	Answered    bool                // … and the landing has answered it
	Stop        uint32              // number of its last announcement
	Direction   elevator.Direction  // of the announcement
	RoomPersons int                 // as it is now
	RoomKg      float64             // as it is now
	Park        elevator.FloorIndex // where it waits for work, or NoFloor
	Recall      elevator.FloorIndex // named with its mode, or NoFloor
	Floors      elevator.FloorSet   // for which car calls are refused
	Faults      elevator.FaultSet   // of its plant

	Boarding []elevator.PassengerID `json:",omitempty"` // whom the landing has sent and who have not stepped in

	// Of a landing.

	Arrived  elevator.PassengerID   `json:",omitempty"` // the last one who has come since its controller began; 0 for nobody
	Waiting  []elevator.PassengerID `json:",omitempty"` // in their order, also those who are boarding
	Queue    []elevator.Passenger   `json:",omitempty"` // who waits for certain: nobody whom a car has asked in
	Stops    []CarStop              `json:",omitempty"` // the cars that stand here, as far as it knows
	Promises []Promise              `json:",omitempty"` // at a destination panel, to those who are not boarding
	Locked   bool
}

// CarStop is the announcement of a car at a landing. The landing that tells it
// names Car and Stop alone.
type CarStop struct {
	Car         elevator.CarIndex
	Stop        uint32
	Direction   elevator.Direction     `json:",omitempty"`
	RoomPersons int                    `json:",omitempty"` // left, beside those who are boarding
	RoomKg      float64                `json:",omitempty"`
	Boarding    []elevator.PassengerID `json:",omitempty"`
}

// Promise says to how many who keyed in a destination a car was promised.
type Promise struct {
	To      elevator.FloorIndex
	Car     elevator.CarIndex
	Persons int
}

// report tells the group control what this car knows.
func (c *Car) report(number uint32) {
	r := &Report{
		Active: c.active, Stop: c.stop.number, Direction: c.direction, Park: c.park, Recall: c.asked, Floors: c.locked,
		Faults: c.plant.Sense(c.now).Faults,
		Stands: c.phase == opening || c.phase == open || c.phase == closing,
		Boards: c.phase == opening || c.phase == open,
	}
	r.Answered = r.Stands && !c.stop.awaits()
	r.RoomPersons, r.RoomKg = c.room()
	for i := range c.boarders {
		r.Boarding = append(r.Boarding, c.boarders[i].ID)
	}
	for _, d := range [...]elevator.Direction{elevator.Down, elevator.Up} {
		for f := range c.pressed[side(d)].All() {
			r.Calls = append(r.Calls, elevator.ConventionalCall(f, d))
		}
	}
	r.Calls = append(r.Calls, c.promised...)
	m := NewMessage(Know)
	m.Car, m.Floor, m.Stop, m.Report = c.index, c.floor, number, r
	c.out = append(c.out, Output{Message: m})
}

// report tells the group control what this landing knows.
func (l *Landing) report(number uint32) {
	r := &Report{Park: elevator.NoFloor, Recall: elevator.NoFloor, Locked: l.locked, Arrived: l.arrived}
	for key := range l.buttons {
		if !l.buttons[key].lit {
			continue
		}
		call := elevator.CallKey{Floor: l.floor, To: elevator.NoFloor, Direction: l.directionOf(key)}
		if key >= 2 {
			call.To = elevator.FloorIndex(key - 2)
		}
		r.Calls = append(r.Calls, call)
	}
	for i := range l.queue {
		w := &l.queue[i]
		r.Waiting = append(r.Waiting, w.ID)
		if w.car == elevator.NoCar && !w.unsure {
			r.Queue = append(r.Queue, w.Passenger)
		}
		if l.destination && w.car == elevator.NoCar && w.promised != elevator.NoCar {
			r.promised(w.To, w.promised)
		}
	}
	for i := range l.stops {
		r.Stops = append(r.Stops, CarStop{Car: l.stops[i].car, Stop: l.stops[i].stop})
	}
	m := NewMessage(Know)
	m.Floor, m.Stop, m.Report = l.floor, number, r
	l.out = append(l.out, Output{Message: m})
}

// promised counts one more person who was promised the car.
func (r *Report) promised(to elevator.FloorIndex, car elevator.CarIndex) {
	for i := range r.Promises {
		if p := &r.Promises[i]; p.To == to && p.Car == car {
			p.Persons++
			return
		}
	}
	r.Promises = append(r.Promises, Promise{to, car, 1})
}
