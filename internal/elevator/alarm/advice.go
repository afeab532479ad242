package alarm

import (
	"strings"

	"elevator/internal/elevator"
)

// Advice returns in one sentence, with the names of commands, what an operator can
// do about an alarm that a Watch has raised, and "" for any other.
func Advice(a *elevator.Alarm) string {
	kind, _, _ := strings.Cut(a.Name, ":")
	switch {
	case kind == kindFault && strings.HasSuffix(a.Name, ":"+elevator.FaultOverload.String()):
		return "ask those aboard to let some get off; the car goes on by itself"
	case kind == kindFault:
		return "speak to those aboard and send a lift engineer; once it is mended, reset-faults lets the car go on"
	case kind == kindStuck:
		return "speak to those aboard and send a lift engineer; if the car itself is sound, restart-task starts its task anew"
	case kind == kindFire:
		return "follow the fire plan; when the fire service has given the building back, all-cars-mode normal"
	case kind == kindLongWait:
		return "see which cars are out of service or full, and put back what can run with car-mode CAR normal"
	case kind == kindTask:
		return "see the reason and the agent; where tasks are restarted it comes back by itself, and restart-task does it at once"
	}
	return ""
}
