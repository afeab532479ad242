package elevator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// EventDecoder reads the journal's lines. It keeps the names of one
// building's floors and cars, so that decoding an ordinary event allocates
// nothing. It belongs to one goroutine.
type EventDecoder struct {
	building *Building
	floors   map[string]FloorIndex
	cars     map[string]CarIndex
	kinds    map[string]EventKind
	fields   map[string]eventField
	values   [fieldCount][]byte
	later    bool // the journal is of a later format than JournalFormat
	passed   int
}

// NewEventDecoder returns a decoder of events in building b. With nil, the
// first line must be a building line; every building line decoded replaces the
// building.
func NewEventDecoder(b *Building) *EventDecoder {
	d := &EventDecoder{kinds: make(map[string]EventKind, len(eventForms)), fields: make(map[string]eventField, fieldCount)}
	for k := BuildingLoaded; int(k) < len(eventForms); k++ {
		d.kinds[eventForms[k].name] = k
	}
	for f := range fieldCount {
		if _, second := d.fields[fieldNames[f]]; !second {
			d.fields[fieldNames[f]] = f
		}
	}
	d.use(b)
	return d
}

// Passed returns how many lines so far had something in them that only a later
// format of the journal has, and was passed over.
func (d *EventDecoder) Passed() int { return d.passed }

// Building returns the building whose names the decoder understands, or nil.
func (d *EventDecoder) Building() *Building { return d.building }

func (d *EventDecoder) use(b *Building) {
	d.building = b
	d.floors, d.cars = make(map[string]FloorIndex), make(map[string]CarIndex)
	if b == nil {
		return
	}
	for i := range b.Floors {
		d.floors[b.Floors[i].Name] = FloorIndex(i)
	}
	for i := range b.Cars {
		d.cars[b.Cars[i].Name] = CarIndex(i)
	}
}

// ParseEvent decodes one line that AppendEvent wrote, with or without its
// newline. For many lines of one building an EventDecoder is faster.
func ParseEvent(b *Building, line []byte) (Event, error) {
	return NewEventDecoder(b).Decode(line)
}

// Decode reads one line, with or without its newline. It is strict: a field
// that is unknown, missing, given twice, of another type, or that names no
// floor, car, mode or fault, or a checksum that is not the line's, is an error
// that names the field. After a building line of a later format unknown fields are
// passed over, and of a line that makes no sense without them, or whose kind is
// unknown, the event is EventNone. Nothing of line is kept.
func (d *EventDecoder) Decode(line []byte) (Event, error) {
	e := NewEvent(0, EventNone)
	verified, err := VerifyChecksum(line)
	if err != nil {
		return e, fmt.Errorf("event: %w", err)
	}
	if !utf8.Valid(line) {
		return e, errors.New("event: not UTF-8 text")
	}
	kind, present, strange, err := d.split(line, verified, &e)
	if err != nil {
		return e, fmt.Errorf("event: %w", err)
	}
	if kind != EventNone {
		if err = d.fill(&e, kind, present, &strange); err != nil {
			err = fmt.Errorf("event %s: %w", kind, err)
		}
	}
	switch {
	case err == nil && strange == nil:
		return e, nil
	case !d.later || kind == BuildingLoaded && err != nil:
		return e, cmp.Or(err, fmt.Errorf("event: %w", strange))
	}
	d.passed++
	if kind == EventNone || err != nil {
		nothing := NewEvent(e.T, EventNone)
		nothing.Seq = e.Seq
		return nothing, nil
	}
	return e, nil
}

// split sets e.T and e.Seq and leaves the other values in d.values. A line that
// was verified ends with the field of its checksum. What is strange a later
// version may know: a field, or the kind of event, which is EventNone then.
func (d *EventDecoder) split(line []byte, verified bool, e *Event) (kind EventKind, present fieldSet, strange, err error) {
	var seenT, seenSeq, seenKind bool
	s := objectScanner{rest: line}
	for {
		key, value, ok, err := s.next()
		if err != nil {
			return kind, present, nil, err
		}
		if !ok {
			break
		}
		switch string(key) {
		case "t":
			if seenT {
				return kind, present, nil, errors.New("field t is given twice")
			}
			if e.T, err = ParseSeconds(value); err == nil && e.T < 0 {
				err = errors.New("is negative")
			}
			seenT = true
		case "seq":
			if seenSeq {
				return kind, present, nil, errors.New("field seq is given twice")
			}
			e.Seq, err = parseUint(value)
			seenSeq = true
		case "event":
			if seenKind {
				return kind, present, nil, errors.New("field event is given twice")
			}
			seenKind = true
			var known bool
			name, textErr := parseText(value)
			if textErr != nil {
				err = textErr
			} else if kind, known = d.kinds[string(name)]; !known {
				strange = fmt.Errorf("field event: %.40q is no kind of event", name)
			}
		case "crc":
			if !verified || len(bytes.TrimSpace(s.rest)) != 1 {
				err = errors.New("is not the last, or not one of eight hexadecimal digits")
			}
		default:
			f, known := d.fields[string(key)]
			if !known {
				strange = cmp.Or(strange, fmt.Errorf("unknown field %.40q", key))
				continue
			}
			if present.has(f) {
				return kind, present, nil, fmt.Errorf("field %s is given twice", key)
			}
			present |= fields(f)
			d.values[f] = value
		}
		if err != nil {
			return kind, present, nil, fmt.Errorf("field %s: %w", key, err)
		}
	}
	switch {
	case !seenT:
		err = errors.New("field t is missing")
	case !seenSeq:
		err = errors.New("field seq is missing")
	case !seenKind:
		err = errors.New("field event is missing")
	}
	return kind, present, strange, err
}

// fill checks that the fields are those of the kind and reads them. A field of
// another kind is strange as well.
func (d *EventDecoder) fill(e *Event, kind EventKind, present fieldSet, strange *error) error {
	form := &eventForms[kind]
	// Which of the two places of "car" is meant is known only with the kind.
	if allowed := form.required | form.optional | form.choice; allowed.has(fieldAssignedCar) && present.has(fieldCar) {
		present = present&^fields(fieldCar) | fields(fieldAssignedCar)
		d.values[fieldAssignedCar] = d.values[fieldCar]
	}
	for f := range fieldCount {
		switch {
		case present.has(f) && !(form.required | form.optional | form.choice).has(f):
			*strange = cmp.Or(*strange, fmt.Errorf("field %s does not belong to this event", fieldNames[f]))
			present &^= fields(f)
		case form.required.has(f) && !present.has(f):
			return fmt.Errorf("field %s is missing", fieldNames[f])
		}
	}
	if choice := present & form.choice; form.choice != 0 && (choice == 0 || choice&(choice-1) != 0) {
		return fmt.Errorf("exactly one of the fields %s is wanted", form.choice)
	}
	if kind >= TaskStateChanged || kind <= SnapshotTaken || kind == CarRecovered || present.has(fieldBy) {
		e.Detail = &Detail{}
	}
	if kind == BuildingLoaded {
		e.Detail.Header = &Header{}
	}
	if d.building == nil && kind != BuildingLoaded {
		return errors.New("the building's names are not known: a journal begins with a building line")
	}
	e.Kind = kind
	for f := range fieldCount {
		if !present.has(f) {
			continue
		}
		if err := d.read(e, f, d.values[f]); err != nil {
			return fmt.Errorf("field %s: %w", fieldNames[f], err)
		}
	}
	return d.finish(e, present)
}

// finish derives what a line leaves out and checks fields against each other.
func (d *EventDecoder) finish(e *Event, present fieldSet) error {
	switch e.Kind {
	case BuildingLoaded:
		d.use(e.Detail.Header.Building)
		d.later = e.Detail.Header.Format > JournalFormat
	case LandingCallRegistered, LandingCallAssigned, LandingCallAnswered:
		if e.To != NoFloor {
			e.Direction = Toward(e.Floor, e.To)
		}
		if e.Direction == None {
			return errors.New("a landing call leads up or down")
		}
		if present.has(fieldCars) && e.Car != NoCar && !e.Cars.Has(e.Car) {
			return errors.New("field cars: does not hold the car that field car names")
		}
	case FaultRaised, FaultCleared:
		if e.Fault == NoFault {
			return errors.New("field fault: none is no fault")
		}
	case PassengerArrived:
		if e.To == e.Floor {
			return errors.New("field to: the passenger is there already")
		}
		if e.MassKg < 0 {
			return errors.New("field mass_kg: is negative")
		}
		if e.Transfer.Board < 0 || e.Transfer.Alight < 0 {
			return errors.New("field board_s or alight_s: is negative")
		}
	}
	return nil
}

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
			d.passed++
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
