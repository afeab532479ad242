package dispatch

import (
	"math"

	"elevator/internal/elevator"
)

// Bid is what a dispatcher holds of giving a call to one car.
type Bid struct {
	Car    elevator.CarIndex
	Cost   float64 // what it would add, in the dispatcher's own unit: the least wins; NaN where it does not say
	OpensS float64 // seconds until the car could open there at the earliest; NaN where it does not say
	Unfit  string  // why the car cannot take the call; "" where it can
}

// Explainer is a Dispatcher that can say what each car would cost for a call.
// Being asked changes none of its decisions.
type Explainer interface {
	Dispatcher
	// explain fills in the costs and times of those who are fit to take the i-th
	// call of the view. prepare was called with the same view before.
	explain(v *View, i int, bids []Bid)
	prepare(v *View)
}

// Explain returns for each call of the view what the dispatcher holds of each
// car, which for one that is no Explainer is only who cannot take it.
func Explain(d Dispatcher, v *View) [][]Bid {
	explainer, _ := d.(Explainer)
	if explainer != nil {
		explainer.prepare(v)
	}
	all := make([][]Bid, len(v.Calls))
	for i := range v.Calls {
		all[i] = make([]Bid, len(v.Cars))
		available := v.Available(v.Calls[i].Key)
		for c := range v.Cars {
			bid := Bid{Car: elevator.CarIndex(c), Cost: math.NaN(), OpensS: math.NaN()}
			if !available.Has(bid.Car) {
				bid.Unfit = v.unfit(bid.Car, v.Calls[i].Key)
			}
			all[i][c] = bid
		}
		if explainer != nil {
			explainer.explain(v, i, all[i])
		}
	}
	return all
}

// unfit says why car c is not Available for the call.
func (v *View) unfit(c elevator.CarIndex, call elevator.CallKey) string {
	switch serves := &v.Building.Cars[c].Serves; {
	case !v.Cars[c].InGroup:
		return "not in the group"
	case !serves.Has(call.Floor) || call.To != elevator.NoFloor && !serves.Has(call.To):
		return "does not serve the floor"
	}
	return "opened there and nobody wanted it"
}

func (e *eta) prepare(v *View) {
	e.read(v)
	e.keep(v)
}

// explain prices each car with the calls that the cars have now, the one in
// question aside.
func (e *eta) explain(_ *View, i int, bids []Bid) {
	if i >= len(e.calls) {
		return // more calls than are planned for at once
	}
	owner := int(e.owner[i])
	e.move(i, -1)
	for c := range bids {
		if bids[c].Unfit == "" {
			bids[c].Cost, bids[c].OpensS = e.rise(i, c, unlimited), e.reach[i*len(e.starts)+c]
		}
	}
	e.move(i, owner)
}

func (l *lookahead) prepare(v *View) { l.eta.prepare(v) }

func (l *lookahead) explain(v *View, i int, bids []Bid) { l.eta.explain(v, i, bids) }

func (nearestCar) prepare(*View) {}

// explain turns the figures of suitability round, so that the least wins.
func (nearestCar) explain(v *View, i int, bids []Bid) {
	highest := len(v.Building.Floors) + 1
	for c := range bids {
		switch {
		case bids[c].Unfit != "":
		case v.Cars[c].Full:
			bids[c].Cost = float64(highest)
		default:
			bids[c].Cost = float64(highest - suitability(&v.Cars[c], v.Calls[i].Key, len(v.Building.Floors)-1))
		}
	}
}
