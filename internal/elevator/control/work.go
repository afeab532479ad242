package control

import (
	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// work is what a car has to do: its car calls and the landing calls it goes
// for. The rule by which it is done is directional collective control: answer
// everything on the way in one direction, then everything on the way back.
type work struct {
	carCalls elevator.FloorSet
	landing  [2]elevator.FloorSet // see side
}

// side is the index of a direction in work.landing: 0 down, 1 up.
func side(d elevator.Direction) int {
	if d == elevator.Up {
		return 1
	}
	return 0
}

func (w *work) empty() bool {
	return w.carCalls.Empty() && w.landing[0].Empty() && w.landing[1].Empty()
}

// landingAt reports whether there is a landing call for direction d at f.
func (w *work) landingAt(f elevator.FloorIndex, d elevator.Direction) bool {
	return d != elevator.None && w.landing[side(d)].Has(f)
}

// beyond returns the nearest floor of the set that lies beyond f in direction d.
func beyond(s *elevator.FloorSet, f elevator.FloorIndex, d elevator.Direction) elevator.FloorIndex {
	if d == elevator.Up {
		return s.Above(f)
	}
	return s.Below(f)
}

// furthest returns the last floor of the set that lies beyond f in direction d.
func furthest(s *elevator.FloorSet, f elevator.FloorIndex, d elevator.Direction) elevator.FloorIndex {
	last := s.Below(elevator.MaxFloors)
	if d == elevator.Down {
		last = s.Above(elevator.NoFloor)
	}
	if last == elevator.NoFloor || elevator.Toward(f, last) != d {
		return elevator.NoFloor
	}
	return last
}

// nearer returns whichever of two floors in direction d comes first.
func nearer(a, b elevator.FloorIndex, d elevator.Direction) elevator.FloorIndex {
	switch {
	case a == elevator.NoFloor:
		return b
	case b == elevator.NoFloor:
		return a
	case d == elevator.Up:
		return min(a, b)
	}
	return max(a, b)
}

// ahead returns the next stop of a car at f that travels in direction d: the
// nearest floor with a car call or a landing call of that direction, else the
// furthest call of the other direction, its turning point, else NoFloor.
func (w *work) ahead(f elevator.FloorIndex, d elevator.Direction) elevator.FloorIndex {
	stop := nearer(beyond(&w.carCalls, f, d), beyond(&w.landing[side(d)], f, d), d)
	if stop != elevator.NoFloor {
		return stop
	}
	return furthest(&w.landing[side(-d)], f, d)
}

// nearest returns the nearest floor in direction d with any work.
func (w *work) nearest(f elevator.FloorIndex, d elevator.Direction) elevator.FloorIndex {
	landing := nearer(beyond(&w.landing[0], f, d), beyond(&w.landing[1], f, d), d)
	return nearer(beyond(&w.carCalls, f, d), landing, d)
}

// side of f on which a car without direction begins: that of the nearer work;
// ties go up.
func (w *work) begin(f elevator.FloorIndex, law *motion.Law) elevator.Direction {
	up, down := w.nearest(f, elevator.Up), w.nearest(f, elevator.Down)
	switch {
	case up == elevator.NoFloor && down == elevator.NoFloor:
		return elevator.None
	case down == elevator.NoFloor:
		return elevator.Up
	case up == elevator.NoFloor:
		return elevator.Down
	case law.FlightTime(f, up) <= law.FlightTime(f, down):
		return elevator.Up
	}
	return elevator.Down
}

// next returns the next stop of a car that stands at f and travelled in
// direction d last (None: it may go either way), or NoFloor.
func (w *work) next(f elevator.FloorIndex, d elevator.Direction, law *motion.Law) elevator.FloorIndex {
	if d == elevator.None {
		if d = w.begin(f, law); d == elevator.None {
			return elevator.NoFloor
		}
	}
	if stop := w.ahead(f, d); stop != elevator.NoFloor {
		return stop
	}
	return w.ahead(f, -d)
}

// serve returns the direction that a car travelling in direction d announces
// at a stop at f: whom it will take along. Arriving tells that it has just come
// to f and has not opened there yet.
func (w *work) serve(f elevator.FloorIndex, d elevator.Direction, arriving bool, law *motion.Law) elevator.Direction {
	if d == elevator.None {
		return w.serveEither(f, law)
	}
	switch {
	case beyond(&w.carCalls, f, d) != elevator.NoFloor:
		return d
	case w.landingAt(f, d):
		return d
	case arriving && !w.carCalls.Has(f) && w.landingAt(f, -d):
		// It has stopped for this call alone; that work turned up ahead while
		// it was braking is no reason to leave those waiting behind.
		return -d
	case w.ahead(f, d) != elevator.NoFloor:
		return d
	case w.landingAt(f, -d):
		return -d
	case w.ahead(f, -d) != elevator.NoFloor:
		return -d
	}
	return elevator.None
}

func (w *work) serveEither(f elevator.FloorIndex, law *motion.Law) elevator.Direction {
	up := beyond(&w.carCalls, f, elevator.Up) != elevator.NoFloor
	down := beyond(&w.carCalls, f, elevator.Down) != elevator.NoFloor
	switch {
	case w.landingAt(f, elevator.Up) && (up || !down):
		return elevator.Up
	case w.landingAt(f, elevator.Down) && (down || !up):
		return elevator.Down
	}
	return w.begin(f, law)
}
