package elevator

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// read sets the event's field f to what value says.
func (d *EventDecoder) read(e *Event, f eventField, value []byte) (err error) {
	switch f {
	case fieldPassenger:
		var id uint64
		if id, err = parseUint(value); err == nil && (id < 1 || id > math.MaxInt64) {
			err = fmt.Errorf("%s is no passenger, who are numbered from 1", value)
		}
		e.Passenger = PassengerID(id)
	case fieldCar, fieldAssignedCar:
		e.Car, err = d.car(value)
	case fieldFloor:
		e.Floor, err = d.floor(value)
	case fieldTo:
		e.To, err = d.floor(value)
	case fieldDirection:
		e.Direction, err = readDirection(value)
	case fieldPositionM:
		e.PositionM, err = parseFloat(value)
	case fieldMassKg:
		e.MassKg, err = parseFloat(value)
	case fieldBoardS:
		e.Transfer.Board, err = ParseSeconds(value)
	case fieldAlightS:
		e.Transfer.Alight, err = ParseSeconds(value)
	case fieldMode:
		// car stands before mode in fieldNames, so it is known here whose mode it is.
		if e.Kind == ModeChanged && e.Car == NoCar {
			e.GroupMode, err = parseNamed(value, "group mode", ParseGroupMode)
			return err
		}
		e.Mode, err = parseNamed(value, "car mode", ParseMode)
	case fieldGroupMode:
		e.GroupMode, err = parseNamed(value, "group mode", ParseGroupMode)
	case fieldFault:
		e.Fault, err = parseNamed(value, "fault", ParseFault)
	case fieldCars:
		e.Cars, err = d.carSet(value)
	default:
		err = d.readDetail(e.Detail, f, value)
	}
	return err
}

// readDetail is read for the fields of a Detail.
func (d *EventDecoder) readDetail(detail *Detail, f eventField, value []byte) (err error) {
	switch f {
	case fieldTask:
		detail.Task, err = parseString(value)
	case fieldState:
		detail.State, err = parseString(value)
	case fieldAgent:
		detail.Agent, err = parseString(value)
	case fieldReason:
		detail.Reason, err = parseString(value)
	case fieldRequestID:
		detail.RequestID, err = parseString(value)
	case fieldBy:
		detail.By, err = parseString(value)
	case fieldCommand:
		detail.Command, err = parseString(value)
	case fieldResult:
		detail.Result, err = parseString(value)
	case fieldAlarm:
		detail.Alarm, err = parseString(value)
	case fieldDoors:
		detail.Doors, err = parseNamed(value, "door command", ParseDoorCommand)
	case fieldOn:
		detail.On = new(bool)
		err = json.Unmarshal(value, detail.On)
	case fieldRiders:
		if value[0] != '[' {
			return fmt.Errorf("%.40q is no list of passengers", value)
		}
		err = json.Unmarshal(value, &detail.Riders)
		for _, id := range detail.Riders {
			if id < 1 {
				return fmt.Errorf("%d is no passenger, who are numbered from 1", id)
			}
		}
	case fieldSnapshot:
		var s Snapshot
		err = unmarshalStrict(value, &s)
		if err != nil && d.later {
			d.note(err)
			s = Snapshot{}
			err = json.Unmarshal(value, &s)
		}
		if err != nil {
			return err
		}
		detail.Snapshot, err = s.Group(d.building)
	case fieldBuilding:
		detail.Header.Building = &Building{}
		if value[0] != '{' {
			return fmt.Errorf("%.40q is no building", value)
		}
		err = detail.Header.Building.UnmarshalJSON(value)
	case fieldWallTime:
		var text string
		var t time.Time
		if text, err = parseString(value); err != nil {
			return err
		}
		if t, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return fmt.Errorf("%.60q is no time such as 2006-01-02T15:04:05.999Z", text)
		}
		if detail.Header != nil {
			detail.Header.WallTime = t.UTC()
			return nil
		}
		detail.WallTime = t.UTC()
	case fieldSpeed:
		detail.Header.Speed, err = parseFloat(value)
	case fieldSeed:
		detail.Header.Seed, err = parseUint(value)
	case fieldDispatcher:
		var name string
		name, err = parseString(value)
		if detail.Header != nil {
			detail.Header.Dispatcher = name
			return err
		}
		detail.Dispatcher = name
	case fieldVersion:
		detail.Header.Version, err = parseString(value)
	case fieldFormat:
		var n uint64
		n, err = parseUint(value)
		detail.Header.Format = int(min(n, math.MaxInt32))
	}
	return err
}

func (d *EventDecoder) floor(value []byte) (FloorIndex, error) {
	name, err := parseText(value)
	if err != nil {
		return NoFloor, err
	}
	f, ok := d.floors[string(name)]
	if !ok {
		return NoFloor, fmt.Errorf("the building has no floor %.40q", name)
	}
	return f, nil
}

func (d *EventDecoder) car(value []byte) (CarIndex, error) {
	name, err := parseText(value)
	if err != nil {
		return NoCar, err
	}
	c, ok := d.cars[string(name)]
	if !ok {
		return NoCar, fmt.Errorf("the building has no car %.40q", name)
	}
	return c, nil
}

func (d *EventDecoder) carSet(value []byte) (CarSet, error) {
	var names []string
	if err := json.Unmarshal(value, &names); err != nil || len(names) == 0 {
		return 0, fmt.Errorf("%.40q is no list of cars", value)
	}
	var s CarSet
	for _, name := range names {
		c, ok := d.cars[name]
		if !ok {
			return 0, fmt.Errorf("the building has no car %.40q", name)
		}
		s = s.With(c)
	}
	return s, nil
}

func readDirection(value []byte) (Direction, error) {
	text, err := parseText(value)
	if err != nil {
		return None, err
	}
	d, ok := parseDirection(string(text))
	if !ok {
		return None, fmt.Errorf("%.40q is neither up nor down nor none", text)
	}
	return d, nil
}

func parseDirection(name string) (Direction, bool) {
	for d := Down; d <= Up; d++ {
		if d.String() == name {
			return d, true
		}
	}
	return None, false
}
