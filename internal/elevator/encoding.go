package elevator

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendEvent appends the event as one line of the journal, ended by a
// newline: {"t":12.5,"seq":7,"event":"car_arrived","car":"A","floor":"3"}.
// Floors and cars are written by their names in b, t in seconds exact to the
// nanosecond, other numbers in their shortest form. A line for an ordinary
// event allocates nothing where dst has room. b is needed by all events that
// name a floor or car; a building line names its own. What a line cannot say
// (an unknown kind, a floor outside the building, NaN) is written as null,
// which ParseEvent refuses.
func AppendEvent(dst []byte, b *Building, e *Event) []byte {
	dst = append(dst, `{"t":`...)
	dst = AppendSeconds(dst, e.T)
	dst = append(dst, `,"seq":`...)
	dst = strconv.AppendUint(dst, e.Seq, 10)
	dst = append(dst, `,"event":`...)
	if e.Kind == EventNone || int(e.Kind) >= len(eventForms) {
		return append(dst, "null}\n"...)
	}
	form := &eventForms[e.Kind]
	dst = appendString(dst, form.name)
	written := form.required | form.optional&e.present() | e.chosen(form.choice)
	for f := range fieldCount {
		if !written.has(f) {
			continue
		}
		dst = append(dst, ',', '"')
		dst = append(dst, fieldNames[f]...)
		dst = append(dst, '"', ':')
		dst = appendField(dst, b, e, f)
	}
	return append(dst, '}', '\n')
}

// present returns the optional fields that hold something.
func (e *Event) present() fieldSet {
	var s fieldSet
	if e.Car != NoCar {
		s |= fields(fieldCar, fieldAssignedCar)
		if e.Cars&^(1<<e.Car) != 0 {
			s |= fields(fieldCars)
		}
	} else if e.Cars != 0 {
		s |= fields(fieldCars)
	}
	if e.Direction != None {
		s |= fields(fieldDirection)
	}
	if e.Transfer.Board != 0 {
		s |= fields(fieldBoardS)
	}
	if e.Transfer.Alight != 0 {
		s |= fields(fieldAlightS)
	}
	if e.Detail == nil {
		return s
	}
	if e.Detail.By != "" {
		s |= fields(fieldBy)
	}
	if h := e.Detail.Header; h != nil && h.Format != 0 {
		s |= fields(fieldFormat)
	}
	if e.Kind == CommandGiven {
		s |= e.presentInCommand()
	}
	return s
}

// presentInCommand returns what else is optional in a command alone.
func (e *Event) presentInCommand() fieldSet {
	var s fieldSet
	for _, field := range []struct {
		f    eventField
		here bool
	}{
		{fieldFloor, e.Floor != NoFloor},
		{fieldTo, e.To != NoFloor},
		{fieldMode, e.Mode != ModeUnknown},
		{fieldGroupMode, e.GroupMode != GroupUnknown},
		{fieldFault, e.Fault != NoFault},
		{fieldDoors, e.Detail.Doors != NoDoorCommand},
		{fieldOn, e.Detail.On != nil},
		{fieldTask, e.Detail.Task != ""},
		{fieldAlarm, e.Detail.Alarm != ""},
		{fieldDispatcher, e.Detail.Dispatcher != ""},
	} {
		if field.here {
			s |= fields(field.f)
		}
	}
	return s
}

// chosen returns the one field of a choice that the event holds: to before
// direction, floor before position_m.
func (e *Event) chosen(choice fieldSet) fieldSet {
	switch {
	case choice.has(fieldTo) && e.To != NoFloor:
		return fields(fieldTo)
	case choice.has(fieldDirection):
		return fields(fieldDirection)
	case choice.has(fieldFloor) && e.Floor != NoFloor:
		return fields(fieldFloor)
	}
	return choice & fields(fieldPositionM)
}

func appendField(dst []byte, b *Building, e *Event, f eventField) []byte {
	switch f {
	case fieldPassenger:
		return strconv.AppendInt(dst, int64(e.Passenger), 10)
	case fieldCar, fieldAssignedCar:
		return b.appendCar(dst, e.Car)
	case fieldFloor:
		return b.appendFloor(dst, e.Floor)
	case fieldTo:
		return b.appendFloor(dst, e.To)
	case fieldDirection:
		return appendString(dst, e.Direction.String())
	case fieldPositionM:
		return appendFloat(dst, e.PositionM)
	case fieldMassKg:
		return appendFloat(dst, e.MassKg)
	case fieldBoardS:
		return AppendSeconds(dst, e.Transfer.Board)
	case fieldAlightS:
		return AppendSeconds(dst, e.Transfer.Alight)
	case fieldMode:
		if e.Kind == ModeChanged && e.Car == NoCar {
			return appendString(dst, e.GroupMode.String())
		}
		return appendString(dst, e.Mode.String())
	case fieldGroupMode:
		return appendString(dst, e.GroupMode.String())
	case fieldFault:
		return appendString(dst, e.Fault.String())
	case fieldCars:
		dst = append(dst, '[')
		cars := e.Cars
		if e.Car != NoCar {
			cars = cars.With(e.Car)
		}
		for c := cars.First(); c != NoCar; c = cars.First() {
			dst = b.appendCar(dst, c)
			if cars = cars.Without(c); cars != 0 {
				dst = append(dst, ',')
			}
		}
		return append(dst, ']')
	}
	if e.Detail == nil {
		return append(dst, "null"...)
	}
	return appendDetail(dst, e.Detail, f)
}

func appendDetail(dst []byte, d *Detail, f eventField) []byte {
	header := d.Header
	if header == nil {
		header = &Header{WallTime: d.WallTime, Dispatcher: d.Dispatcher}
	}
	switch f {
	case fieldTask:
		return appendString(dst, d.Task)
	case fieldState:
		return appendString(dst, d.State)
	case fieldAgent:
		return appendString(dst, d.Agent)
	case fieldReason:
		return appendString(dst, d.Reason)
	case fieldRequestID:
		return appendString(dst, d.RequestID)
	case fieldBy:
		return appendString(dst, d.By)
	case fieldCommand:
		return appendString(dst, d.Command)
	case fieldResult:
		return appendString(dst, d.Result)
	case fieldAlarm:
		return appendString(dst, d.Alarm)
	case fieldDoors:
		return appendString(dst, d.Doors.String())
	case fieldOn:
		if d.On != nil {
			return strconv.AppendBool(dst, *d.On)
		}
	case fieldRiders:
		dst = append(dst, '[')
		for i, id := range d.Riders {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendInt(dst, int64(id), 10)
		}
		return append(dst, ']')
	case fieldSnapshot:
		if d.Snapshot != nil {
			return appendJSON(dst, d.Snapshot.Snapshot())
		}
	case fieldBuilding:
		if header.Building != nil {
			return appendJSON(dst, header.Building)
		}
	case fieldWallTime:
		dst = append(dst, '"')
		dst = header.WallTime.UTC().AppendFormat(dst, time.RFC3339Nano)
		return append(dst, '"')
	case fieldSpeed:
		return appendFloat(dst, header.Speed)
	case fieldSeed:
		return strconv.AppendUint(dst, header.Seed, 10)
	case fieldDispatcher:
		return appendString(dst, header.Dispatcher)
	case fieldVersion:
		return appendString(dst, header.Version)
	case fieldFormat:
		return strconv.AppendInt(dst, int64(header.Format), 10)
	}
	return append(dst, "null"...)
}

func (b *Building) appendFloor(dst []byte, f FloorIndex) []byte {
	if b == nil || f < 0 || int(f) >= len(b.Floors) {
		return append(dst, "null"...)
	}
	return appendString(dst, b.Floors[f].Name)
}

func (b *Building) appendCar(dst []byte, c CarIndex) []byte {
	if b == nil || c < 0 || int(c) >= len(b.Cars) {
		return append(dst, "null"...)
	}
	return appendString(dst, b.Cars[c].Name)
}

// appendJSON is for the rare large values. Those have no form that could fail
// but a number that is not finite.
func appendJSON(dst []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return append(dst, "null"...)
	}
	return append(dst, text...)
}

func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. Bytes that are no UTF-8 become the
// replacement character.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		case r < utf8.RuneSelf:
			dst = append(dst, byte(r))
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
