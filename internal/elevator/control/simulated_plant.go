package control

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// drillKg is what is put into the car to try its overload device.
const drillKg = 100_000

// SimulatedPlant is a Plant that moves as the motion law says and fails as it
// is told to.
type SimulatedPlant struct {
	law         *motion.Law
	open, close time.Duration

	drive      Drive
	levelling  bool
	from, to   elevator.FloorIndex
	fromM      float64 // where the levelling run began, or where the car was stopped
	departedAt time.Duration
	arrivesAt  time.Duration

	doors     elevator.DoorState
	doorsDone time.Duration // when moving doors reach their end
	faults    elevator.FaultSet
}

// NewSimulatedPlant returns the plant of a car that stands at a floor with
// closed doors. In the floor-time model a stop's overhead is its door times:
// half before the transfers, half after.
func NewSimulatedPlant(law *motion.Law, b *elevator.Building) *SimulatedPlant {
	p := &SimulatedPlant{law: law, open: b.Doors.Open, close: b.Doors.Close}
	if b.Motion.Model == elevator.FloorTime {
		p.open = b.Motion.StopOverhead / 2
		p.close = b.Motion.StopOverhead - p.open
	}
	return p
}

// Depart implements Plant.
func (p *SimulatedPlant) Depart(now time.Duration, from, to elevator.FloorIndex) {
	if p.faults.Has(elevator.FaultStartFailure) || p.doors != elevator.DoorsAreClosed {
		return
	}
	p.drive, p.levelling, p.from, p.to = DriveRuns, false, from, to
	p.departedAt, p.arrivesAt = now, now+p.law.FlightTime(from, to)
}

// Retarget implements Plant.
func (p *SimulatedPlant) Retarget(_ time.Duration, to elevator.FloorIndex) {
	if p.drive != DriveRuns || p.levelling {
		return
	}
	p.to, p.arrivesAt = to, p.departedAt+p.law.FlightTime(p.from, to)
}

// Level implements Plant.
func (p *SimulatedPlant) Level(now time.Duration, from, to elevator.FloorIndex) {
	if p.drive != DriveStopped || p.faults.Has(elevator.FaultCarStoppedOutsideLandingZone) {
		return
	}
	p.drive, p.levelling, p.from, p.to = DriveRuns, true, from, to
	p.departedAt, p.arrivesAt = now, now+p.law.LevellingTime(p.fromM, to)
}

// OpenDoors implements Plant. Doors that are still closing take as long to
// open again as they have been closing.
func (p *SimulatedPlant) OpenDoors(now time.Duration) {
	if p.drive != DriveStands {
		return
	}
	wait := p.open
	if p.doors == elevator.DoorsAreClosing && p.close > 0 && !p.blocked() {
		wait = time.Duration(float64(p.open) * (1 - float64(p.doorsDone-now)/float64(p.close)))
	}
	p.doors, p.doorsDone = elevator.DoorsAreOpening, now+wait
}

// CloseDoors implements Plant.
func (p *SimulatedPlant) CloseDoors(now time.Duration) {
	p.doors, p.doorsDone = elevator.DoorsAreClosing, now+p.close
}

// Sense implements Plant.
func (p *SimulatedPlant) Sense(now time.Duration) Sensors {
	p.settle(now)
	return Sensors{
		Drive: p.drive, PositionM: p.fromM, Doors: p.doors, Faults: p.faults,
		Obstructed: p.faults.Has(elevator.FaultDoorClosing) && p.doors != elevator.DoorsAreClosed,
	}
}

// LoadKg implements Plant.
func (p *SimulatedPlant) LoadKg(aboardKg float64) (float64, bool) {
	if p.faults.Has(elevator.FaultOverload) {
		aboardKg += drillKg
	}
	return aboardKg, !p.faults.Has(elevator.FaultLoadMeasurement)
}

// Next implements Plant.
func (p *SimulatedPlant) Next() time.Duration {
	switch {
	case p.drive == DriveRuns:
		return p.arrivesAt
	case p.doors == elevator.DoorsAreOpening && !p.faults.Has(elevator.FaultDoorOpening):
		return p.doorsDone
	case p.doors == elevator.DoorsAreClosing && !p.blocked():
		return p.doorsDone
	}
	return Never
}

// Inject implements Plant.
func (p *SimulatedPlant) Inject(now time.Duration, fault elevator.Fault, on bool) {
	p.settle(now)
	if !on {
		p.heal(now, fault)
		return
	}
	p.faults = p.faults.With(fault)
	if fault == elevator.FaultCarStoppedOutsideLandingZone && p.drive == DriveRuns {
		if p.levelling {
			p.fromM, _ = p.law.LevellingAt(p.fromM, p.to, now-p.departedAt)
		} else {
			p.fromM, _ = p.law.At(p.from, p.to, now-p.departedAt)
		}
		p.drive = DriveStopped
	}
}

// heal lets doors that were stuck begin their way again.
func (p *SimulatedPlant) heal(now time.Duration, fault elevator.Fault) {
	if !p.faults.Has(fault) {
		return
	}
	p.faults = p.faults.Without(fault)
	switch {
	case fault == elevator.FaultDoorOpening && p.doors == elevator.DoorsAreOpening:
		p.doorsDone = now + p.open
	case fault == elevator.FaultDoorClosing && p.doors == elevator.DoorsAreClosing:
		p.doorsDone = now + p.close
	}
}

// Place implements Plant.
func (p *SimulatedPlant) Place(_ time.Duration, positionM float64, drive Drive) {
	p.drive, p.fromM, p.levelling, p.doors = drive, positionM, false, elevator.DoorsAreClosed
}

// blocked reports whether closing doors get no further.
func (p *SimulatedPlant) blocked() bool {
	return p.faults.Has(elevator.FaultDoorClosing) && p.doors == elevator.DoorsAreClosing
}

// settle brings to their end the motions that were due by now.
func (p *SimulatedPlant) settle(now time.Duration) {
	if p.Next() > now {
		return
	}
	switch {
	case p.drive == DriveRuns:
		p.drive = DriveStands
	case p.doors == elevator.DoorsAreOpening:
		p.doors = elevator.DoorsAreOpen
	case p.doors == elevator.DoorsAreClosing:
		p.doors = elevator.DoorsAreClosed
	}
}
