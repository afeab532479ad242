package dispatch

import "elevator/internal/elevator"

// parker sends cars without work to where the next calls are likely: a share of
// them to the main terminal, as large as the terminal's share of those who came
// of late, and the others to spots spread over the building, one car to each.
// In up-peak that is all to the terminal, in down-peak none, and so it is where
// the operator has set one of these modes.
//
// Invariant: who is sent where follows from idle, places and wanted alone. They are
// kept from one call of park to the next: while they stay the same, and the last call
// sent nobody, nobody is sent.
type parker struct {
	terminal elevator.FloorIndex
	spots    []elevator.FloorIndex
	idle     elevator.CarSet
	places   []elevator.FloorIndex // where each idle car is, or will be when it has parked; of others: nothing
	wanted   int                   // how many of the idle cars belong to the terminal
	sent     bool                  // the last call sent somebody
}

// parkShares are the spots as shares of the building's height, in the order in
// which they are taken: with the floors of Crites and Barto (1996), 8, 4, 6
// and 2 had the shortest waits in down-peak. Fewer cars stand further apart.
func parkShares(cars int) []float64 {
	switch cars {
	case 1:
		return []float64{0.5}
	case 2:
		return []float64{0.8, 0.2}
	case 3:
		return []float64{0.8, 0.5, 0.2}
	}
	return []float64{0.8, 0.4, 0.6, 0.2}
}

// atHome is how near to a spot a car is as good as there, in floors.
const atHome = 1

func newParker(b *elevator.Building) parker {
	p := parker{terminal: b.MainTerminal(), places: make([]elevator.FloorIndex, len(b.Cars))}
	top := float64(len(b.Floors) - 1)
	for _, share := range parkShares(len(b.Cars)) {
		p.spots = append(p.spots, elevator.FloorIndex(share*top+0.5))
	}
	return p
}

// park tells idle cars where to wait.
func (p *parker) park(v *View, r *rates, out []Decision) []Decision {
	if !p.look(v, r) {
		return out
	}
	wanted := p.wanted
	for c := range p.idle.All() {
		if p.places[c] == p.terminal {
			wanted--
		}
	}
	told := len(out)
	for c := range p.idle.All() {
		at := p.places[c]
		switch {
		case at == p.terminal && wanted >= 0:
			continue
		case at != p.terminal && wanted > 0 && v.Building.Cars[c].Serves.Has(p.terminal):
			wanted--
			out = p.send(c, p.terminal, out)
			continue
		}
		if spot := p.spot(v, c); spot != elevator.NoFloor {
			if at == p.terminal {
				wanted++
			}
			out = p.send(c, spot, out)
		}
	}
	p.sent = len(out) > told
	return out
}

// look finds out who is idle, where they are, and how many of them belong to the
// terminal. It reports whether somebody may have to be sent.
func (p *parker) look(v *View, r *rates) bool {
	idle, changed := elevator.CarSet(0), p.sent
	for i := range v.Cars {
		car := &v.Cars[i]
		if !hasNothingToDo(car) {
			continue
		}
		idle = idle.With(elevator.CarIndex(i))
		if at := waitingPlace(car); at != p.places[i] {
			p.places[i], changed = at, true
		}
	}
	if idle != p.idle {
		p.idle, changed = idle, true
	}
	if idle == 0 {
		return false
	}
	if wanted := int(p.terminalShare(v.Mode, r)*float64(idle.Len()) + 0.5); wanted != p.wanted {
		p.wanted, changed = wanted, true
	}
	return changed
}

// hasNothingToDo reports whether the car is in service without work, be it on
// its way to park.
func hasNothingToDo(car *CarView) bool {
	return car.InGroup && car.Doors == elevator.DoorsAreClosed && car.Persons == 0 && car.CarCalls.Empty() &&
		car.Assigned[0].Empty() && car.Assigned[1].Empty()
}

// terminalShare returns the share of the idle cars that belongs to the terminal:
// that of those who came of late, where the group's mode leaves it open.
func (p *parker) terminalShare(mode elevator.GroupMode, r *rates) float64 {
	switch mode {
	case elevator.GroupUpPeak:
		return 1
	case elevator.GroupDownPeak:
		return 0
	case elevator.GroupTwoWay:
		return 0.5
	}
	return r.entering.share()
}

// spot returns the first spot with no other idle car near it, NoFloor where the
// car is near one already or none is left.
func (p *parker) spot(v *View, c elevator.CarIndex) elevator.FloorIndex {
	for _, spot := range p.spots {
		switch {
		case !v.Building.Cars[c].Serves.Has(spot) || p.taken(spot, c):
			continue
		case p.places[c] == spot:
			return elevator.NoFloor
		}
		return spot
	}
	return elevator.NoFloor
}

// taken reports whether an idle car other than c is near the spot.
func (p *parker) taken(spot elevator.FloorIndex, c elevator.CarIndex) bool {
	for other := range p.idle.Without(c).All() {
		if floorsBetween(p.places[other], spot) <= atHome {
			return true
		}
	}
	return false
}

// send has car c wait at floor f.
func (p *parker) send(c elevator.CarIndex, f elevator.FloorIndex, out []Decision) []Decision {
	if p.places[c] == f {
		return out
	}
	p.places[c] = f
	return append(out, ParkCar(c, f))
}
