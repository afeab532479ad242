package dispatch

import (
	"time"

	"elevator/internal/elevator"
)

// Foresight is what no group control can know: everybody who will come, and
// where they go. A benchmark gives it to a dispatcher that it labels as
// clairvoyant, to see how much there is to be gained by knowing.
type Foresight struct {
	Passengers []elevator.Passenger            // in the order of their arrival
	Waits      func(elevator.PassengerID) bool // whether somebody has come and is in no car yet

	first int // all before have left their floors
}

// see fills the future with what will happen within the horizon.
func (s *Foresight) see(now, horizon time.Duration, f *future) {
	f.waiting, f.coming = f.waiting[:0], f.coming[:0]
	for s.first < len(s.Passengers) && s.Passengers[s.first].ArrivesAt < now && !s.Waits(s.Passengers[s.first].ID) {
		s.first++
	}
	for i := s.first; i < len(s.Passengers); i++ {
		p := &s.Passengers[i]
		switch {
		case p.ArrivesAt >= now+horizon:
			return
		case p.ArrivesAt > now:
			f.coming = append(f.coming, person{p.ArrivesAt, p.Floor, p.To})
		case s.Waits(p.ID):
			f.waiting = append(f.waiting, person{p.ArrivesAt, p.Floor, p.To})
		}
	}
}
