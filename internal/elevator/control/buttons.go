package control

import (
	"time"

	"elevator/internal/elevator"
)

// lamp lights a lamp or puts it out. Those who wait for a lamp that goes out
// look on for a moment: it is the sign that a car is here.
func (l *Landing) lamp(in *Message) {
	if in.Floor != l.floor || in.Direction == elevator.None {
		return
	}
	key := keyOf(in.To, in.Direction)
	b := &l.buttons[key]
	if in.On {
		b.lit, b.asked, b.byHand = true, false, false
		if l.destination && in.Car != elevator.NoCar {
			l.promise(key, in.Car, in.RoomPersons, in.Instead)
		}
		return
	}
	if !b.lit && !b.asked {
		return
	}
	// A call that is answered before its lamp was lit is answered too.
	b.lit, b.asked = false, false
	for i := range l.queue {
		if w := &l.queue[i]; w.key == key {
			w.pressAt = max(w.pressAt, l.now+hesitation)
			if w.promised != elevator.NoCar {
				w.pressAt = l.now + promiseExpires
			}
		}
	}
}

// promise tells people who keyed in a destination which car to take: the first n
// who have none yet; where n is zero, those who were told one of the cars of instead;
// where that is empty, too, all of them.
func (l *Landing) promise(key int, car elevator.CarIndex, n int, instead elevator.CarSet) {
	anew := n == 0
	for i := range l.queue {
		w := &l.queue[i]
		if w.key != key || w.car != elevator.NoCar {
			continue
		}
		if anew {
			if instead == 0 || instead.Has(w.promised) {
				w.promised = car
			}
			continue
		}
		if w.promised != elevator.NoCar {
			continue
		}
		w.promised = car
		if n--; n == 0 {
			return
		}
	}
}

// pressByHand presses a button for the operator.
func (l *Landing) pressByHand(in *Message) {
	d := in.Direction
	if in.To != elevator.NoFloor {
		d = elevator.Toward(l.floor, in.To)
	}
	if d == elevator.None || l.destination != (in.To != elevator.NoFloor) {
		return
	}
	b := &l.buttons[keyOf(in.To, d)]
	b.byHand = !b.lit
	l.byHand = true
}

// press presses every dark button that somebody wants to see lit, and notes
// in wake when somebody will want to again. At a destination panel everybody
// keys in a destination of their own, lit or not, until they are told a car.
// Nobody presses who is boarding, before whom a car stands that cannot take
// them, or whom no car can carry.
func (l *Landing) press() {
	if l.locked {
		return
	}
	for i := range l.queue {
		w := &l.queue[i]
		if w.car != elevator.NoCar || w.passed != 0 || w.stranded {
			continue
		}
		if l.destination {
			l.keyIn(w)
		} else if !l.buttons[w.key].lit {
			l.pressFrom(w.key, w.pressAt)
		}
	}
	if !l.byHand {
		return
	}
	l.byHand = false
	for key := range l.buttons {
		if l.buttons[key].byHand {
			l.byHand = true
			l.pressFrom(key, l.now)
		}
	}
}

// keyIn lets a passenger who has no car key in their destination, or one whose
// promised car did not come long after the lamp has gone out.
func (l *Landing) keyIn(w *waiting) {
	if w.promised != elevator.NoCar && l.buttons[w.key].lit {
		return
	}
	if w.pressAt <= l.now {
		w.promised = elevator.NoCar
		w.pressAt = l.now + pressAgain
		l.pressed(w.key)
	}
	l.wake = min(l.wake, w.pressAt)
}

// pressFrom presses a dark button if its time has come: at, or a while after
// it was pressed in vain.
func (l *Landing) pressFrom(key int, at time.Duration) {
	b := &l.buttons[key]
	if b.asked {
		at = max(at, b.askedAt+pressAgain)
	}
	if at > l.now {
		l.wake = min(l.wake, at)
		return
	}
	b.asked, b.askedAt = true, l.now
	l.wake = min(l.wake, l.now+pressAgain)
	l.pressed(key)
}

// pressed reports a button.
func (l *Landing) pressed(key int) {
	m := NewMessage(Button)
	m.Floor, m.Direction = l.floor, l.directionOf(key)
	if key >= 2 {
		m.To = elevator.FloorIndex(key - 2)
	}
	l.out = append(l.out, Output{Message: m})
}
