package dispatch

import "elevator/internal/elevator"

// parker sends idle cars to where the next calls are likely.
type parker struct {
	spots []elevator.FloorIndex
}

func newParker(b *elevator.Building) parker {
	var p parker
	top := elevator.FloorIndex(len(b.Floors) - 1)
	for _, share := range [...]float64{0.8, 0.4, 0.6, 0.2} {
		p.spots = append(p.spots, elevator.FloorIndex(share*float64(top)+0.5))
	}
	return p
}

// park sends each idle car to the first spot with no other idle car within one
// floor.
func (p *parker) park(v *View, _ *rates, out []Decision) []Decision {
	for i := range v.Cars {
		car := &v.Cars[i]
		if !car.Idle() || !car.InGroup || p.kept(v, i) {
			continue
		}
		for _, spot := range p.spots {
			if v.Building.Cars[i].Serves.Has(spot) && p.free(v, i, spot) {
				if car.Parking != spot {
					car.Parking = elevator.NoFloor
					out = append(out, ParkCar(elevator.CarIndex(i), spot))
				}
				break
			}
		}
	}
	return out
}

// kept reports whether the car stands at, or is on its way to, a spot.
func (p *parker) kept(v *View, i int) bool { return false }

// free reports whether no other idle car stands or parks within one floor of
// the spot.
func (p *parker) free(v *View, i int, spot elevator.FloorIndex) bool {
	for j := range v.Cars {
		other := &v.Cars[j]
		if j == i || !other.Idle() {
			continue
		}
		at := other.Floor
		if other.Parking != elevator.NoFloor {
			at = other.Parking
		}
		if floorsBetween(at, spot) <= 1 {
			return false
		}
	}
	return true
}
