package ui

import (
	"slices"
	"strings"

	"elevator/internal/elevator"
)

// keptEvents is how many events the log keeps.
const keptEvents = 4000

// eventLog keeps the newest events.
//
// Invariant: events is in the order of their arrival.
type eventLog struct {
	events []elevator.Event
}

func (l *eventLog) add(e *elevator.Event) {
	if len(l.events) >= 2*keptEvents {
		l.events = slices.Delete(l.events, 0, keptEvents)
	}
	l.events = append(l.events, *e)
}

func (l *eventLog) clone() eventLog { return eventLog{slices.Clone(l.events)} }

// eventGroup is a choice of events that belong together.
type eventGroup uint8

const (
	allEvents eventGroup = iota
	callEvents
	carEvents
	doorEvents
	passengerEvents
	abnormalEvents
	eventGroups
)

// String names the choice as the event page's title does.
func (g eventGroup) String() string {
	return [...]string{"all", "calls", "cars", "doors", "passengers", "modes, faults, tasks, commands"}[g]
}

func (g eventGroup) has(k elevator.EventKind) bool {
	switch g {
	case callEvents:
		return k >= elevator.LandingCallRegistered && k <= elevator.CarCallAnswered
	case carEvents:
		return k >= elevator.CarDeparted && k <= elevator.CarArrived || k == elevator.CarRecovered
	case doorEvents:
		return k >= elevator.DoorsOpening && k <= elevator.DoorsClosed
	case passengerEvents:
		return k == elevator.PassengerArrived || k == elevator.PassengerBoarded || k == elevator.PassengerAlighted
	case abnormalEvents:
		return k >= elevator.CarRecovered || k == elevator.BuildingLoaded
	}
	return true
}

// filter is what the operator typed after '/': words that must all fit, with
// an exclamation mark those that must not. A word "car:A" or "floor:7" names
// what an event is about; any other is looked for in the text.
type filter string

func (f filter) match(s *site, e *elevator.Event) bool {
	if f == "" {
		return true
	}
	text := ""
	for word := range strings.FieldsSeq(string(f)) {
		bare := strings.TrimPrefix(word, "!")
		if bare == "" {
			continue
		}
		var found bool
		switch name, value, _ := strings.Cut(bare, ":"); {
		case name == "car" && value != "":
			found = e.Car != elevator.NoCar && strings.EqualFold(s.carName(e.Car), value)
		case name == "floor" && value != "":
			found = e.Floor != elevator.NoFloor && strings.EqualFold(s.floorName(e.Floor), value) ||
				e.To != elevator.NoFloor && strings.EqualFold(s.floorName(e.To), value)
		default:
			if text == "" {
				text = strings.ToLower(Sentence(s.building, e))
			}
			found = strings.Contains(text, strings.ToLower(bare))
		}
		if found == strings.HasPrefix(word, "!") {
			return false
		}
	}
	return true
}

// matchText reports whether the words fit a line that is no event.
func (f filter) matchText(line string) bool {
	line = strings.ToLower(line)
	for word := range strings.FieldsSeq(strings.ToLower(string(f))) {
		bare := strings.TrimPrefix(word, "!")
		if strings.Contains(line, bare) == strings.HasPrefix(word, "!") && bare != "" {
			return false
		}
	}
	return true
}
