package dispatch

import (
	"math"
	"time"

	"elevator/internal/elevator"
)

// walkPlan walks car c through everything promised, and one more promise where
// extra is not nil, and returns the plan's cost in person-seconds. At the terminal
// everybody has a seat, for those are promised; elsewhere whoever finds no room waits
// until the walk comes again.
func (d *destination) walkPlan(c int, extra *promise) float64 {
	s, l := &d.starts[c], &d.ledgers[c]
	w := walk{at: s.floor, direction: s.direction, words: d.words, t: s.ready, persons: s.persons, carCalls: s.carCalls}
	clear(d.riders)
	if n := s.carCalls.Len(); n > 0 {
		for f := range s.carCalls.All() {
			d.riders[f] = s.persons / float64(n)
		}
	}
	d.setOut(&w, l, extra)
	trip := l.next
	if l.loading == d.terminal && l.side == 1 {
		trip++
	}
	if w.direction == elevator.None && l.loading != elevator.NoFloor && w.persons > 0 {
		w.direction = elevator.Direction(2*l.side - 1)
	}
	if s.moving {
		w.flying, w.flightFrom, w.flightAt, w.t = true, s.floor, -s.elapsed, 0
		w.at = s.first - elevator.FloorIndex(s.direction)
		if s.bound {
			trip = d.stopFor(&w, s, s.first, trip)
		}
	} else {
		w.cost += destinationRide * w.persons * w.t
	}
	legs := 0
	for ; legs < maxLegs; legs++ {
		next := d.nextStop(&w, s)
		if next == elevator.NoFloor {
			break
		}
		trip = d.stopFor(&w, s, next, trip)
	}
	if legs == maxLegs {
		// The rest takes as long as all before: see maxLegs.
		w.t *= 2
		for i := range d.unkept {
			w.cost += d.unkept[i].urgency * d.unkept[i].persons * w.t
		}
	}
	return w.cost + destinationBusy*(w.t+d.fly(w.at, d.terminal))
}

// setOut lets those into the car who board as it stands, and lights the landings
// where the others wait.
func (d *destination) setOut(w *walk, l *ledger, extra *promise) {
	d.again = [2]elevator.FloorSet{}
	d.unkept = append(d.unkept[:0], l.promises...)
	if extra != nil {
		d.unkept = append(d.unkept, *extra)
	}
	for i := range d.unkept {
		p := &d.unkept[i]
		isExtra := i == len(l.promises)
		switch {
		case !l.boarding(p) && p.floor == l.loading && p.side == l.side:
			d.again[p.side].Add(p.floor)
		case !l.boarding(p):
			w.landing[p.side].Add(p.floor)
		case isExtra:
			w.t += d.transfer
			d.aboard(w, p, p.persons)
		default:
			d.steppingIn(w, p)
		}
	}
}

// nextStop returns the floor of the walk's next stop, or NoFloor. Landings where
// somebody waits on are lit again once the car has left them.
func (d *destination) nextStop(w *walk, s *start) elevator.FloorIndex {
	next := d.next(w, s)
	if next == w.at || d.again[0].Empty() && d.again[1].Empty() {
		return next
	}
	for side := range d.again {
		for i := range d.again[side] {
			w.landing[side][i] |= d.again[side][i]
		}
	}
	d.again = [2]elevator.FloorSet{}
	if next == elevator.NoFloor {
		return d.next(w, s)
	}
	return next
}

// aboard takes so many of the people of a promise into the car.
func (d *destination) aboard(w *walk, p *promise, persons float64) {
	p.persons -= persons
	w.persons += persons
	if p.to != elevator.NoFloor {
		w.carCalls.Add(p.to)
		d.riders[p.to] += persons
		return
	}
	n := float64(p.guess.Len())
	for f := range p.guess.All() {
		w.carCalls.Add(f)
		d.riders[f] += persons / n
	}
}

// steppingIn takes the people of a promise into the car that stands open for
// them. They may have been counted and have pressed already.
func (d *destination) steppingIn(w *walk, p *promise) {
	if p.to == elevator.NoFloor || !w.carCalls.Has(p.to) {
		d.aboard(w, p, p.persons)
	}
	p.persons = 0
}

// stopFor lets the walk stop at floor f and returns the number of the next trip
// from the terminal.
func (d *destination) stopFor(w *walk, s *start, f elevator.FloorIndex, trip int) int {
	open := d.land(w, f) + d.open
	w.cost += destinationRide * w.persons * (open - w.t)
	out := 0.0
	if w.carCalls.Has(f) {
		out = d.riders[f]
		d.riders[f] = 0
		w.carCalls.Remove(f)
		w.persons = max(0, w.persons-out)
	}
	w.at = f
	before := w.persons
	side, served := d.serves(w, s, f)
	if served {
		for i := range d.unkept {
			if p := &d.unkept[i]; p.persons > 0 && p.loads(f, side, trip) {
				d.loadFor(w, s, p, open)
			}
		}
		if f == d.terminal && side == 1 {
			trip = d.nextTrip(trip)
		}
	}
	in := w.persons - before
	stay := d.timing.stop(out+in, served)
	w.cost += destinationRide * ((before+out/2+in/2)*stay + w.persons*d.close)
	w.t = open + stay + d.close
	return trip
}

// loadFor takes those of a promise into the car who find room when its doors are
// open; open is in seconds from now.
func (d *destination) loadFor(w *walk, s *start, p *promise, open float64) {
	persons := p.persons
	if p.trip == anyTrip {
		if persons = min(persons, d.capacity[s.car]-w.persons); persons <= 0 {
			d.again[p.side].Add(p.floor)
			return
		}
	}
	w.cost += p.urgency * persons * open
	d.aboard(w, p, persons)
	if p.persons > 0 {
		d.again[p.side].Add(p.floor)
	}
}

// nextTrip returns the number of the trip after this one, and has the terminal lit
// again when the car has left it where somebody waits for that trip.
func (d *destination) nextTrip(trip int) int {
	next := math.MaxInt
	for i := range d.unkept {
		if p := &d.unkept[i]; p.trip > trip {
			next = min(next, p.trip)
		}
	}
	if next == math.MaxInt {
		return trip + 1
	}
	d.again[1].Add(d.terminal)
	return next
}

// landingCalls assigns the calls of up and down buttons.
func (d *destination) landingCalls(v *View, out []Decision) []Decision {
	for c := range d.ledgers {
		l := &d.ledgers[c]
		kept := l.promises[:0]
		for i := range l.promises {
			if l.promises[i].to != elevator.NoFloor {
				kept = append(kept, l.promises[i])
			}
		}
		if len(kept) != len(l.promises) {
			l.promises = kept
			d.plans[c] = math.NaN()
		}
	}
	for i := range v.Calls {
		call := &v.Calls[i]
		if call.Key.To == elevator.NoFloor && call.Car != elevator.NoCar && v.Able(call.Car, call.Key) {
			d.ledgers[call.Car].promises = append(d.ledgers[call.Car].promises, d.guessed(v, call))
			d.plans[call.Car] = math.NaN()
		}
	}
	for i := range v.Calls {
		if v.Calls[i].Key.To == elevator.NoFloor {
			out = d.landingCall(v, &v.Calls[i], out)
		}
	}
	return out
}

// landingCall gives a call to the car whose plan grows least by it.
func (d *destination) landingCall(v *View, call *elevator.LandingCall, out []Decision) []Decision {
	p := d.guessed(v, call)
	owner := call.Car
	if owner != elevator.NoCar && !v.Able(owner, call.Key) {
		owner = elevator.NoCar
	}
	best, least := elevator.NoCar, math.Inf(1)
	if owner != elevator.NoCar {
		car := &v.Cars[owner]
		if car.Moving && car.Target == call.Key.Floor && v.Now-car.DepartedAt > d.law.CommitTime(car.Floor, car.Target) {
			return out
		}
		with := d.plan(int(owner))
		l := &d.ledgers[owner]
		l.withdraw(call.Key)
		d.plans[owner] = d.walkPlan(int(owner), nil)
		best, least = owner, with-d.plans[owner]-destinationMargin
	}
	for c := range v.Available(call.Key).All() {
		if c == owner || v.Cars[c].Full {
			continue
		}
		if rise := d.rise(int(c), &p); rise < least {
			best, least = c, rise
		}
	}
	if best == elevator.NoCar {
		return out
	}
	d.ledgers[best].promises = append(d.ledgers[best].promises, p)
	d.plans[best] = math.NaN()
	if best == call.Car {
		return out
	}
	return append(out, Give(call.Key, best))
}

func (d *destination) plan(c int) float64 {
	if math.IsNaN(d.plans[c]) {
		d.plans[c] = d.walkPlan(c, nil)
	}
	return d.plans[c]
}

// guessed is the promise behind an up or down button: how many there may be and
// where they may want to go. The longer they have waited the more a second
// counts.
func (d *destination) guessed(v *View, call *elevator.LandingCall) promise {
	side := Side(call.Key.Direction)
	age := seconds(v.Now - call.RegisteredAt)
	p := promise{
		floor: call.Key.Floor, to: elevator.NoFloor, side: int8(side), trip: anyTrip,
		persons: 1 + d.rates.perSecond(call.Key.Floor, side, v.Now)*age, urgency: 1 + age/30,
	}
	p.guess = d.destinations(call.Key, p.persons)
	return p
}

// arrivalRate counts arrivals, decayed exponentially.
type arrivalRate struct {
	count float64
	since time.Duration
}

const arrivalMemory = 120 * time.Second

func (r *arrivalRate) arrived(now time.Duration) {
	r.count = r.count*math.Exp(-float64(now-r.since)/float64(arrivalMemory)) + 1
	r.since = now
}

func (r *arrivalRate) perSecond(now time.Duration) float64 {
	return r.count * math.Exp(-float64(now-r.since)/float64(arrivalMemory)) / arrivalMemory.Seconds()
}

// stopLimit computes K, the number of stops of a trip from the terminal.
type stopLimit struct {
	population  float64
	upperFloors int
	perFloor    float64 // seconds a floor at speed
	perStop     float64 // seconds a stop costs beside that
}

func newStopLimit(t *timing, b *elevator.Building) stopLimit {
	l := stopLimit{upperFloors: t.floors - 1 - int(t.terminal)}
	for f := range b.Floors {
		l.population += float64(b.Floors[f].Population)
	}
	if l.upperFloors < 1 {
		return l
	}
	one := t.fly(t.terminal, t.terminal+1)
	l.perFloor = one
	if l.upperFloors > 1 {
		l.perFloor = (t.fly(t.terminal, elevator.FloorIndex(len(b.Floors)-1)) - one) / float64(l.upperFloors-1)
	}
	l.perStop = one + t.open + t.close - l.perFloor
	return l
}

// limit returns the largest number of stops with which so many cars still carry
// the load, in people in five minutes; fewer than three, with which people wait
// long, only where the load is clearly more than three carry. The round trip time of k stops among N
// floors is 2·tv·k(N+1)/(k+1) + (k+1)·ts + 2·P·tp.
func (l *stopLimit) limit(t *timing, load float64, cars int) int {
	seats := math.Inf(1)
	for _, c := range t.capacity {
		seats = min(seats, c)
	}
	people := 0.9 * seats
	for k := l.upperFloors; k > destinationFewestK; k-- {
		stops := float64(k)
		trip := 2*l.perFloor*stops*float64(l.upperFloors+1)/(stops+1) + (stops+1)*l.perStop + 2*people*t.transfer
		capacity := destinationMinutes * float64(cars) * people / trip
		if k <= destinationUsualK {
			capacity *= destinationReserve
		}
		if capacity >= load {
			return k
		}
	}
	return destinationFewestK
}
