package dispatch

import "elevator/internal/elevator"

// parker sends cars without work to where the next calls are likely: a share of
// them to the main terminal, as large as the terminal's share of those who came
// of late, and the others to spots spread over the building, one car to each.
// In up-peak that is all to the terminal, in down-peak none, and so it is where
// the operator has set one of these modes.
type parker struct {
	terminal elevator.FloorIndex
	spots    []elevator.FloorIndex
	told     []elevator.FloorIndex // of each car, during one call of park: where it was sent
	idle     elevator.CarSet       // during one call of park
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
	p := parker{terminal: b.MainTerminal(), told: make([]elevator.FloorIndex, len(b.Cars))}
	top := float64(len(b.Floors) - 1)
	for _, share := range parkShares(len(b.Cars)) {
		p.spots = append(p.spots, elevator.FloorIndex(share*top+0.5))
	}
	return p
}

// park tells idle cars where to wait.
func (p *parker) park(v *View, r *rates, out []Decision) []Decision {
	p.idle = 0
	for i := range v.Cars {
		p.told[i] = elevator.NoFloor
		if hasNothingToDo(&v.Cars[i]) {
			p.idle = p.idle.With(elevator.CarIndex(i))
		}
	}
	if p.idle == 0 {
		return out
	}
	wanted := int(p.terminalShare(v.Mode, r)*float64(p.idle.Len()) + 0.5)
	for c := range p.idle.All() {
		if p.place(v, int(c)) == p.terminal {
			wanted--
		}
	}
	for c := range p.idle.All() {
		i := int(c)
		at := p.place(v, i)
		switch {
		case at == p.terminal && wanted >= 0:
			continue
		case at != p.terminal && wanted > 0 && v.Building.Cars[i].Serves.Has(p.terminal):
			wanted--
			out = p.send(v, i, p.terminal, out)
			continue
		}
		if spot := p.spot(v, i); spot != elevator.NoFloor {
			if at == p.terminal {
				wanted++
			}
			out = p.send(v, i, spot, out)
		}
	}
	return out
}

// hasNothingToDo reports whether the car is in service without work, be it on
// its way to park.
func hasNothingToDo(car *CarView) bool {
	return car.InGroup && car.Doors == elevator.DoorsAreClosed && car.Persons == 0 && car.CarCalls.Empty() &&
		car.Assigned[0].Empty() && car.Assigned[1].Empty()
}

// place returns where an idle car is, or will be when it has parked.
func (p *parker) place(v *View, i int) elevator.FloorIndex {
	if p.told[i] != elevator.NoFloor {
		return p.told[i]
	}
	return waitingPlace(&v.Cars[i])
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
func (p *parker) spot(v *View, i int) elevator.FloorIndex {
	for _, spot := range p.spots {
		if !v.Building.Cars[i].Serves.Has(spot) {
			continue
		}
		taken := false
		for j := range p.idle.Without(elevator.CarIndex(i)).All() {
			if floorsBetween(p.place(v, int(j)), spot) <= atHome {
				taken = true
				break
			}
		}
		if taken {
			continue
		}
		if floorsBetween(p.place(v, i), spot) == 0 {
			return elevator.NoFloor
		}
		return spot
	}
	return elevator.NoFloor
}

func (p *parker) send(v *View, i int, f elevator.FloorIndex, out []Decision) []Decision {
	if p.place(v, i) == f {
		return out
	}
	p.told[i] = f
	return append(out, ParkCar(elevator.CarIndex(i), f))
}
