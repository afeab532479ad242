package elevator

import "time"

// PassengerID identifies a passenger within a run, from 1. It does not depend
// on the dispatcher, so runs over the same traffic can be compared passenger
// by passenger.
type PassengerID int64

// Passenger is one person with a journey to make.
type Passenger struct {
	ID         PassengerID
	Floor, To  FloorIndex
	MassKg     float64
	ArrivesAt  time.Duration // when they reach the landing
	BoardTime  time.Duration // how long they take to step in
	AlightTime time.Duration // how long they take to step out
}

// Arrival is the event that the passenger reaches the landing, at the time t.
func (p *Passenger) Arrival(t time.Duration) Event {
	e := NewEvent(t, PassengerArrived)
	e.Passenger, e.Floor, e.To, e.MassKg = p.ID, p.Floor, p.To, p.MassKg
	e.Transfer = TransferTimes{Board: p.BoardTime, Alight: p.AlightTime}
	return e
}

// Direction returns the way the passenger wants to travel.
func (p *Passenger) Direction() Direction { return Toward(p.Floor, p.To) }
