package elevator

// CommandAccepted is the Detail.Result of a command that was carried out; any
// other says why it was not.
const CommandAccepted = "ok"

// The commands whose effect no other event tells: Group.Apply, and the fold of
// the alarms, read it from the CommandGiven itself.
const (
	LockFloor        = "lock-floor"         // Floor, On: LockLandingCalls and LockCarCalls in one
	LockLandingCalls = "lock-landing-calls" // Floor, On
	LockCarCalls     = "lock-car-calls"     // Floor, On, Car (NoCar: all cars)
	AcknowledgeAlarm = "acknowledge"        // Detail.Alarm
	ChangeDispatcher = "dispatcher"         // Detail.Dispatcher
)

// applyCommand folds a command that was carried out.
func (g *Group) applyCommand(e *Event) {
	d := e.Detail
	if d == nil || d.Result != CommandAccepted {
		return
	}
	if d.Command == ChangeDispatcher {
		g.Dispatcher = d.Dispatcher
	}
	if d.On == nil || e.Floor == NoFloor {
		return
	}
	if d.Command == LockFloor || d.Command == LockLandingCalls {
		g.LockedLandings.Set(e.Floor, *d.On)
	}
	if d.Command == LockFloor || d.Command == LockCarCalls {
		for i := range g.Cars {
			if e.Car == NoCar || e.Car == CarIndex(i) {
				g.Cars[i].LockedCalls.Set(e.Floor, *d.On)
			}
		}
	}
}
