package elevator

import "bytes"

// eventField is a field of a journal line beside t, seq and event.
type eventField uint8

// The fields, in the order in which lines write them.
const (
	fieldTask eventField = iota
	fieldState
	fieldAgent
	fieldReason
	fieldRequestID
	fieldPassenger
	fieldCar
	fieldFloor
	fieldTo
	fieldDirection
	fieldAssignedCar
	fieldCars
	fieldPositionM
	fieldMassKg
	fieldBoardS
	fieldAlightS
	fieldRiders
	fieldMode
	fieldGroupMode
	fieldFault
	fieldDoors
	fieldOn
	fieldAlarm
	fieldBy
	fieldCommand
	fieldResult
	fieldBuilding
	fieldSnapshot
	fieldWallTime
	fieldSpeed
	fieldSeed
	fieldDispatcher
	fieldVersion
	fieldFormat
	fieldCount
)

var fieldNames = [fieldCount]string{
	"task", "state", "agent", "reason", "request_id", "passenger", "car", "floor", "to", "direction", "car", "cars",
	"position_m", "mass_kg", "board_s", "alight_s", "riders", "mode", "group_mode", "fault", "doors", "on", "alarm", "by", "command", "result",
	"building", "snapshot", "wall_time", "speed", "seed", "dispatcher", "version", "format",
}

// fieldSet is a set of fields, one bit each.
type fieldSet uint64

func fields(list ...eventField) fieldSet {
	var s fieldSet
	for _, f := range list {
		s |= 1 << f
	}
	return s
}

func (s fieldSet) has(f eventField) bool { return s&(1<<f) != 0 }

// String lists the names of the fields.
func (s fieldSet) String() string {
	var names []byte
	for f := range fieldCount {
		if s.has(f) {
			names = append(append(names, fieldNames[f]...), ' ')
		}
	}
	return string(bytes.TrimSpace(names))
}

// eventForm is the form of one kind of event in the journal. A line has all
// required fields, may have the optional ones, and has exactly one of each
// choice.
type eventForm struct {
	name                       string
	required, optional, choice fieldSet
}

// eventForms is the journal's table. Beside the table of the public format it
// knows direction in doors_opening (the way the car announces), cars in
// landing_call_assigned (when more than one car goes), and board_s and
// alight_s in passenger_arrived (when the building's transfer times are
// drawn), and what a command takes in command. landing_call_assigned without
// car takes the call from its car.
var eventForms = [...]eventForm{
	BuildingLoaded: {name: "building", required: fields(fieldBuilding, fieldWallTime, fieldSpeed, fieldSeed, fieldDispatcher, fieldVersion), optional: fields(fieldFormat)},
	SnapshotTaken:  {name: "snapshot", required: fields(fieldSnapshot)},
	PassengerArrived: {
		name: "passenger_arrived", required: fields(fieldPassenger, fieldFloor, fieldTo, fieldMassKg),
		optional: fields(fieldBoardS, fieldAlightS),
	},
	LandingCallRegistered: {
		name: "landing_call_registered", required: fields(fieldFloor), choice: fields(fieldDirection, fieldTo),
	},
	LandingCallAssigned: {
		name: "landing_call_assigned", required: fields(fieldFloor), choice: fields(fieldDirection, fieldTo),
		optional: fields(fieldAssignedCar, fieldCars),
	},
	LandingCallAnswered: {
		name: "landing_call_answered", required: fields(fieldFloor), choice: fields(fieldDirection, fieldTo),
		optional: fields(fieldAssignedCar),
	},
	CarCallRegistered: {name: "car_call_registered", required: fields(fieldCar, fieldFloor)},
	CarCallAnswered:   {name: "car_call_answered", required: fields(fieldCar, fieldFloor)},
	CarDeparted:       {name: "car_departed", required: fields(fieldCar, fieldFloor, fieldTo, fieldDirection, fieldPositionM)},
	CarTargetChanged:  {name: "car_target_changed", required: fields(fieldCar, fieldTo)},
	CarArrived:        {name: "car_arrived", required: fields(fieldCar, fieldFloor)},
	DoorsOpening:      {name: "doors_opening", required: fields(fieldCar, fieldFloor), optional: fields(fieldDirection)},
	DoorsOpened:       {name: "doors_opened", required: fields(fieldCar, fieldFloor)},
	DoorsClosing:      {name: "doors_closing", required: fields(fieldCar, fieldFloor)},
	DoorsClosed:       {name: "doors_closed", required: fields(fieldCar, fieldFloor)},
	PassengerBoarded:  {name: "passenger_boarded", required: fields(fieldPassenger, fieldCar, fieldFloor)},
	PassengerAlighted: {name: "passenger_alighted", required: fields(fieldPassenger, fieldCar, fieldFloor)},
	CarRecovered:      {name: "car_recovered", required: fields(fieldCar, fieldRiders), choice: fields(fieldFloor, fieldPositionM)},
	ModeChanged:       {name: "mode_changed", required: fields(fieldMode), optional: fields(fieldCar, fieldBy)},
	FaultRaised:       {name: "fault_raised", required: fields(fieldCar, fieldFault), optional: fields(fieldBy)},
	FaultCleared:      {name: "fault_cleared", required: fields(fieldCar, fieldFault), optional: fields(fieldBy)},
	TaskStateChanged:  {name: "task_state", required: fields(fieldTask, fieldState, fieldAgent, fieldReason)},
	CommandGiven: {
		name: "command", required: fields(fieldRequestID, fieldBy, fieldCommand, fieldResult, fieldWallTime),
		optional: fields(fieldTask, fieldCar, fieldFloor, fieldTo, fieldDirection, fieldMode, fieldGroupMode, fieldFault, fieldDoors, fieldOn, fieldAlarm, fieldDispatcher),
	},
}

// String returns the journal's name of the kind, such as "car_departed", and
// "none" for no event.
func (k EventKind) String() string {
	if k == EventNone || int(k) >= len(eventForms) {
		return "none"
	}
	return eventForms[k].name
}

// ParseEventKind returns the kind of that name, and false where there is none.
func ParseEventKind(name string) (EventKind, bool) {
	for k := BuildingLoaded; int(k) < len(eventForms); k++ {
		if eventForms[k].name == name {
			return k, true
		}
	}
	return EventNone, false
}
