package elevator

import "time"

// Building is what an elevator group serves and how its cars move. It is
// made by package building from a file, is never changed afterwards, and may
// be read by any goroutine.
type Building struct {
	Name       string
	Floors     []Floor   // from the lowest up; 2 to MaxFloors
	Cars       []CarSpec // 1 to MaxCars
	Motion     Motion
	Doors      Doors
	Transfer   Transfer
	Load       Load
	Signalling Signalling
}

// Floor is one landing of the building.
type Floor struct {
	Name         string
	ElevationM   float64 // height above the lowest floor, in metres
	Population   int     // people who live or work here
	MainTerminal bool    // where people enter the building; exactly one floor has it
}

// CarSpec is one car as it was installed.
type CarSpec struct {
	Name            string
	CapacityPersons int
	RatedLoadKg     float64 // 0: unknown, the load is counted in persons
	Serves          FloorSet
	Home            FloorIndex // where it parks when told to go home
	Start           FloorIndex // where it stands when the run begins
}

// MotionModel chooses how travel times are computed.
type MotionModel uint8

// The motion models.
const (
	SCurve    MotionModel = iota // ideal kinematics with limited jerk (Peters 1996)
	FloorTime                    // a constant time for each floor, as in Crites and Barto 1996
)

// Motion holds the parameters of a car's drive. Those of the model that is
// not chosen are zero.
type Motion struct {
	Model MotionModel

	SpeedMps         float64       // rated speed, metres per second
	AccelerationMps2 float64       // metres per second squared
	JerkMps3         float64       // metres per second cubed
	StartDelay       time.Duration // from doors closed to the first movement
	Levelling        time.Duration // added at the end of each flight

	FloorTime    time.Duration // travel time of one floor at full speed
	StopOverhead time.Duration // what a stop costs beside floor times and transfers: half before the transfers, half after
	TurnTime     time.Duration // wait of a car that departs against its last direction
}

// Doors holds the door times. In the floor-time model they are zero.
type Doors struct {
	Open             time.Duration
	Close            time.Duration
	DwellCarCall     time.Duration // least time open at a stop for a car call
	DwellLandingCall time.Duration // least time open at a stop for a landing call
}

// TransferDistribution chooses how the time of one person stepping in or out
// is drawn.
type TransferDistribution uint8

// The distributions of transfer times.
const (
	FixedTransfer  TransferDistribution = iota
	ErlangTransfer                      // Erlang(K) with the given mean, drawn again outside Min to Max
)

// Transfer describes how long one person takes to step in or out.
type Transfer struct {
	Distribution TransferDistribution
	Mean         time.Duration
	K            int
	Min, Max     time.Duration
}

// Load holds the load limits as shares of the rated load (of the capacity in
// persons where a car has none).
type Load struct {
	PassengerKg   float64 // mass of a passenger for whom none is given
	FullRatio     float64 // boarding stops here
	BypassRatio   float64 // landing calls are passed from here on, see PassesLandings
	OverloadRatio float64 // a fault; the car does not start
}

// Signalling is what a landing offers its passengers.
type Signalling uint8

// The kinds of signalling.
const (
	Conventional Signalling = iota // up and down buttons
	Destination                    // a panel at every landing; the passenger names a floor and is given a car
	Hybrid                         // a panel at the main terminal, up and down buttons elsewhere
)

// MainTerminal returns the floor where people enter the building.
func (b *Building) MainTerminal() FloorIndex {
	for i := range b.Floors {
		if b.Floors[i].MainTerminal {
			return FloorIndex(i)
		}
	}
	return 0
}

// FloorByName returns the floor of that name, or NoFloor.
func (b *Building) FloorByName(name string) FloorIndex {
	for i := range b.Floors {
		if b.Floors[i].Name == name {
			return FloorIndex(i)
		}
	}
	return NoFloor
}

// CarByName returns the car of that name, or NoCar.
func (b *Building) CarByName(name string) CarIndex {
	for i := range b.Cars {
		if b.Cars[i].Name == name {
			return CarIndex(i)
		}
	}
	return NoCar
}

// DestinationAt reports whether the landing of floor f has a destination
// panel instead of up and down buttons.
func (b *Building) DestinationAt(f FloorIndex) bool {
	return b.Signalling == Destination || b.Signalling == Hybrid && b.Floors[f].MainTerminal
}

// RatedKg returns the load in kilograms that the load ratios of car c refer to.
func (b *Building) RatedKg(c CarIndex) float64 {
	if kg := b.Cars[c].RatedLoadKg; kg > 0 {
		return kg
	}
	return float64(b.Cars[c].CapacityPersons) * b.Load.PassengerKg
}

// IsJourney reports whether both are floors of the building, and not the same.
func (b *Building) IsJourney(from, to FloorIndex) bool {
	floors := FloorIndex(len(b.Floors))
	return from >= 0 && from < floors && to >= 0 && to < floors && from != to
}

// GraceKg forgives the rounding of sums of masses.
const GraceKg = 1e-6

// CountedKg is what a passenger weighs for car c: the mass, or the building's
// common value where the car's load is counted in persons.
func (b *Building) CountedKg(c CarIndex, p *Passenger) float64 {
	if b.Cars[c].RatedLoadKg > 0 && p.MassKg > 0 {
		return p.MassKg
	}
	return b.Load.PassengerKg
}

// PassesLandings reports whether car c, with so many people of so many kilograms
// aboard, passes landing calls: from the bypass load on, and where there is no room
// for one more of the mass that is counted for a passenger.
func (b *Building) PassesLandings(c CarIndex, persons int, kg float64) bool {
	rated := b.RatedKg(c)
	return persons >= b.Cars[c].CapacityPersons || kg >= b.Load.BypassRatio*rated-GraceKg ||
		kg+b.Load.PassengerKg > b.Load.FullRatio*rated+GraceKg
}
