package dispatch

import (
	"time"

	"elevator/internal/elevator"
)

// mayStop asks whether car i stops for a lit call at the next floor: the opposite
// of what eta would do.
func (l *lookahead) mayStop(v *View, i int) bool {
	p, ok := l.question(v, i)
	if !ok || l.decided == p {
		return false
	}
	l.decided = p
	p.serve = !l.wouldServe(v, &p)
	own := p
	own.serve = !p.serve
	l.other, l.own = append(l.other[:0], p), append(l.own[:0], own)
	return true
}

// question returns the decision that car i is about to make: the call it could
// stop for at the next floor, and the last moment to say so. There is none where
// it must stop there, is full, or is not about to.
func (l *lookahead) question(v *View, i int) (pin, bool) {
	car := &v.Cars[i]
	f, last, ok := l.nextStop(v, car)
	if !ok || car.Full || car.CarCalls.Has(f) {
		return pin{}, false
	}
	d := car.Direction
	if l.turnsAt(car, f) {
		d = -d
	}
	key := elevator.ConventionalCall(f, d)
	at := callIndex(v, key)
	if at < 0 || v.Available(key).Without(elevator.CarIndex(i)) == 0 {
		return pin{}, false
	}
	return pin{call: key, car: elevator.CarIndex(i), until: last + 1}, true
}

// turnsAt reports whether the car, empty, would turn at f for a call of the
// other direction.
func (l *lookahead) turnsAt(car *CarView, f elevator.FloorIndex) bool {
	return car.Persons == 0 && car.CarCalls.Empty() && car.Target == f && !car.Assigned[Side(car.Direction)].Has(f)
}

// mayTurn asks whether car i, empty and about to pass a call of the other
// direction on its way to a further one, turns there and leaves all further calls
// to other cars.
func (l *lookahead) mayTurn(v *View, i int) bool {
	car := &v.Cars[i]
	f, last, ok := l.nextStop(v, car)
	if !ok || f == car.Target || car.Persons > 0 || !car.CarCalls.Empty() || car.Assigned[Side(car.Direction)].Has(f) {
		return false
	}
	p := pin{call: elevator.ConventionalCall(f, -car.Direction), car: elevator.CarIndex(i), serve: true, until: last + 1}
	if l.decided == p || callIndex(v, p.call) < 0 {
		return false
	}
	l.decided = p
	l.other, l.own = append(l.other[:0], p), l.own[:0]
	for j := range v.Calls {
		key := v.Calls[j].Key
		if key == p.call || elevator.FloorIndex(car.Direction)*(key.Floor-f) < 0 {
			continue
		}
		if !l.leave(v, key, p.car, p.until) {
			return false
		}
	}
	return true
}

// mayStay asks whether car i, idle, leaves the calls that eta gives it to other
// cars for the moment.
func (l *lookahead) mayStay(v *View, i int) bool {
	if car := &v.Cars[i]; !car.InGroup || !car.Idle() || len(v.Calls) == 0 {
		return false
	}
	l.eta.read(v)
	l.eta.search(v)
	l.other, l.own = l.other[:0], l.own[:0]
	for j := range l.eta.calls {
		if l.eta.owner[j] == int8(i) && !l.leave(v, v.Calls[j].Key, elevator.CarIndex(i), v.Now+decisionLead) {
			return false
		}
	}
	if len(l.other) == 0 || l.decided == l.other[0] {
		return false
	}
	l.decided = l.other[0]
	return true
}

// leave adds to the alternative that the car does not go for the call. It returns
// false where no other car can.
func (l *lookahead) leave(v *View, call elevator.CallKey, car elevator.CarIndex, until time.Duration) bool {
	if v.Available(call).Without(car) == 0 {
		return false
	}
	l.other = append(l.other, pin{call: call, car: car, until: until})
	return true
}

// nextStop returns the next floor at which a moving car can stop and the last
// moment to say so, and false unless that moment has come.
func (l *lookahead) nextStop(v *View, car *CarView) (f elevator.FloorIndex, last time.Duration, ok bool) {
	if !car.Moving || !car.InGroup || car.Target == elevator.NoFloor {
		return elevator.NoFloor, 0, false
	}
	f = l.eta.law.NextStop(car.Floor, car.Target, v.Now-car.DepartedAt)
	last = car.DepartedAt + l.eta.law.CommitTime(car.Floor, f)
	return f, last, last >= v.Now && last-v.Now <= decisionLead+time.Millisecond
}
