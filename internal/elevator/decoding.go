package elevator

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
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
	later    bool // the journal is of a later format than JournalFormat
	passed   int

	// Of the line that is being decoded:
	values  [fieldCount][]byte
	strange error // the first thing in it that this version does not know, but a later one may
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
// that names the field. Nothing of line is kept.
//
// After a building line of a later format, unknown fields are passed over. A line
// of an unknown kind, or one that makes no sense without its unknown fields, becomes
// an event of kind EventNone.
func (d *EventDecoder) Decode(line []byte) (Event, error) {
	e := NewEvent(0, EventNone)
	verified, err := VerifyChecksum(line)
	if err != nil {
		return e, fmt.Errorf("event: %w", err)
	}
	if !utf8.Valid(line) {
		return e, errors.New("event: not UTF-8 text")
	}
	d.strange = nil
	kind, present, err := d.split(line, verified, &e)
	if err != nil {
		return e, fmt.Errorf("event: %w", err)
	}
	if kind != EventNone {
		if err = d.fill(&e, kind, present); err != nil {
			err = fmt.Errorf("event %s: %w", kind, err)
		}
	}
	switch {
	case err == nil && d.strange == nil:
		return e, nil
	case !d.later || kind == BuildingLoaded && err != nil:
		return e, cmp.Or(err, fmt.Errorf("event: %w", d.strange))
	}
	d.passed++
	if kind == EventNone || err != nil {
		nothing := NewEvent(e.T, EventNone)
		nothing.Seq = e.Seq
		return nothing, nil
	}
	return e, nil
}

// note takes note of something that a later version may know.
func (d *EventDecoder) note(strange error) { d.strange = cmp.Or(d.strange, strange) }

// split sets e.T and e.Seq and leaves the other values in d.values. A line that
// was verified ends with the field of its checksum. An unknown kind is EventNone.
func (d *EventDecoder) split(line []byte, verified bool, e *Event) (kind EventKind, present fieldSet, err error) {
	var seenT, seenSeq, seenKind bool
	s := objectScanner{rest: line}
	for {
		key, value, ok, err := s.next()
		if err != nil {
			return kind, present, err
		}
		if !ok {
			break
		}
		switch string(key) {
		case "t":
			if seenT {
				return kind, present, errors.New("field t is given twice")
			}
			if e.T, err = ParseSeconds(value); err == nil && e.T < 0 {
				err = errors.New("is negative")
			}
			seenT = true
		case "seq":
			if seenSeq {
				return kind, present, errors.New("field seq is given twice")
			}
			e.Seq, err = parseUint(value)
			seenSeq = true
		case "event":
			if seenKind {
				return kind, present, errors.New("field event is given twice")
			}
			seenKind = true
			var known bool
			name, textErr := parseText(value)
			if textErr != nil {
				err = textErr
			} else if kind, known = d.kinds[string(name)]; !known {
				d.strange = fmt.Errorf("field event: %.40q is no kind of event", name) // tells more than any field
			}
		case "crc":
			if !verified || len(bytes.TrimSpace(s.rest)) != 1 {
				err = errors.New("is not the last, or not one of eight hexadecimal digits")
			}
		default:
			f, known := d.fields[string(key)]
			if !known {
				d.note(fmt.Errorf("unknown field %.40q", key))
				continue
			}
			if present.has(f) {
				return kind, present, fmt.Errorf("field %s is given twice", key)
			}
			present |= fields(f)
			d.values[f] = value
		}
		if err != nil {
			return kind, present, fmt.Errorf("field %s: %w", key, err)
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
	return kind, present, err
}

// fill checks that the fields are those of the kind and reads them.
func (d *EventDecoder) fill(e *Event, kind EventKind, present fieldSet) error {
	form := &eventForms[kind]
	// Which of the two places of "car" is meant is known only with the kind.
	if allowed := form.required | form.optional | form.choice; allowed.has(fieldAssignedCar) && present.has(fieldCar) {
		present = present&^fields(fieldCar) | fields(fieldAssignedCar)
		d.values[fieldAssignedCar] = d.values[fieldCar]
	}
	for f := range fieldCount {
		switch {
		case present.has(f) && !(form.required | form.optional | form.choice).has(f):
			d.note(fmt.Errorf("field %s does not belong to this event", fieldNames[f]))
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
