package traffic

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"elevator/internal/elevator"
)

// trace is a source that reads a file. It holds one row at a time.
type trace struct {
	name     string
	floors   map[string]elevator.FloorIndex
	building *elevator.Building
	duration time.Duration
	file     io.Closer                               // nil when closed, or not ours
	read     func() (elevator.Passenger, int, error) // next passenger and its line; io.EOF at the end
	draw     *transferTimes
	previous time.Duration
	last     elevator.PassengerID
	err      error // io.EOF: the end
}

func openTrace(b *elevator.Building, path string, seed uint64, duration time.Duration) (Source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open traffic: %w", err)
	}
	var t *trace
	if filepath.Ext(path) == ".ndjson" {
		t = newJournalTrace(b, path, file, seed, duration)
	} else {
		t, err = newTrace(b, path, file, seed, duration)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	t.file = file
	return t, nil
}

// ReadCSV returns the source of a trace: the header time_s,from,to[,mass_kg],
// then one passenger a row, in the order of arrival. name is what errors call
// it. Transfer times are drawn from the building's distribution and the seed,
// so that a trace written from a profile repeats the profile's passengers
// exactly. Rows are read as they are asked for; a row that cannot be is an
// error of Next that names file and line.
func ReadCSV(b *elevator.Building, name string, r io.Reader, seed uint64) (Source, error) {
	t, err := newTrace(b, name, r, seed, 0)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// ReadJournal returns the source of the passengers who arrived in a journal,
// with the numbers and transfer times they had there; the floors are found in
// b by name. A last line that is torn is left out.
func ReadJournal(b *elevator.Building, name string, r io.Reader, seed uint64) Source {
	return newJournalTrace(b, name, r, seed, 0)
}

func emptyTrace(b *elevator.Building, name string, seed uint64, duration time.Duration) *trace {
	t := &trace{
		name: name, building: b, duration: duration, floors: make(map[string]elevator.FloorIndex, len(b.Floors)),
		draw: newTransferTimes(b, seed),
	}
	for i := range b.Floors {
		t.floors[b.Floors[i].Name] = elevator.FloorIndex(i)
	}
	return t
}

func newTrace(b *elevator.Building, name string, r io.Reader, seed uint64, duration time.Duration) (*trace, error) {
	t := emptyTrace(b, name, seed, duration)
	buffered := bufio.NewReaderSize(r, 1<<16)
	if mark, _ := buffered.Peek(3); string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3) // spreadsheets begin their files so; just seen
	}
	rows := csv.NewReader(buffered)
	rows.ReuseRecord = true
	header, err := rows.Read()
	want := []string{"time_s", "from", "to", "mass_kg"}
	if err != nil || !slices.Equal(header, want) && !slices.Equal(header, want[:3]) {
		if err == nil || errors.Is(err, io.EOF) {
			err = fmt.Errorf("found %.80q", header)
		}
		return nil, fmt.Errorf("%s:1: expected the header time_s,from,to or time_s,from,to,mass_kg: %w", name, err)
	}
	t.read = func() (elevator.Passenger, int, error) {
		row, err := rows.Read()
		if errors.Is(err, csv.ErrFieldCount) {
			line, _ := rows.FieldPos(0)
			return elevator.Passenger{}, line, fmt.Errorf("%d fields; expected %d, as the header has", len(row), rows.FieldsPerRecord)
		}
		if err != nil {
			if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
				return elevator.Passenger{}, syntax.Line, syntax.Err
			}
			return elevator.Passenger{}, 0, err
		}
		line, _ := rows.FieldPos(0)
		p, err := t.row(row)
		return p, line, err
	}
	return t, nil
}

func (t *trace) row(row []string) (elevator.Passenger, error) {
	p := elevator.Passenger{ID: t.last + 1, MassKg: t.building.Load.PassengerKg}
	var err error
	if p.ArrivesAt, err = elevator.ParseSeconds(row[0]); err != nil {
		return p, fmt.Errorf("time_s: %w", err)
	}
	if p.Floor, err = t.floor("from", row[1]); err != nil {
		return p, err
	}
	if p.To, err = t.floor("to", row[2]); err != nil {
		return p, err
	}
	if len(row) > 3 && row[3] != "" {
		if p.MassKg, err = strconv.ParseFloat(row[3], 64); err != nil {
			return p, fmt.Errorf("mass_kg: %.40q is no number", row[3])
		}
	}
	t.draw.draw(&p)
	return p, nil
}

func (t *trace) floor(field, name string) (elevator.FloorIndex, error) {
	f, ok := t.floors[name]
	if !ok {
		return elevator.NoFloor, fmt.Errorf("%s: the building has no floor %.40q", field, name)
	}
	return f, nil
}

// newJournalTrace reads the journal's own building line for the names of its
// floors.
func newJournalTrace(b *elevator.Building, name string, r io.Reader, seed uint64, duration time.Duration) *trace {
	t := emptyTrace(b, name, seed, duration)
	lines := bufio.NewReaderSize(r, 1<<16)
	decoder := elevator.NewEventDecoder(nil)
	number := 0
	t.read = func() (elevator.Passenger, int, error) {
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return elevator.Passenger{}, number + 1, err // io.EOF too where the last line is torn
			}
			number++
			e, err := decoder.Decode(line)
			if err != nil {
				return elevator.Passenger{}, number, err
			}
			if e.Kind != elevator.PassengerArrived {
				continue
			}
			p, err := t.arrival(&e, decoder.Building())
			return p, number, err
		}
	}
	return t
}

func (t *trace) arrival(e *elevator.Event, there *elevator.Building) (elevator.Passenger, error) {
	p := elevator.Passenger{ID: e.Passenger, MassKg: e.MassKg, ArrivesAt: e.T}
	var err error
	if p.Floor, err = t.floor("floor", there.Floors[e.Floor].Name); err != nil {
		return p, err
	}
	if p.To, err = t.floor("to", there.Floors[e.To].Name); err != nil {
		return p, err
	}
	t.draw.draw(&p)
	if e.Transfer != (elevator.TransferTimes{}) {
		p.BoardTime, p.AlightTime = e.Transfer.Board, e.Transfer.Alight
	}
	return p, nil
}

// Next returns the next row's passenger.
func (t *trace) Next() (elevator.Passenger, bool, error) {
	if t.err != nil {
		return elevator.Passenger{}, false, t.ended()
	}
	p, line, err := t.read()
	if err == nil {
		err = t.check(&p)
	}
	switch {
	case err == nil && t.duration > 0 && p.ArrivesAt >= t.duration:
		t.err = io.EOF
	case errors.Is(err, io.EOF):
		t.err = io.EOF
	case err != nil:
		t.err = fmt.Errorf("%s:%d: %w", t.name, line, err)
	default:
		t.previous, t.last = p.ArrivesAt, p.ID
		return p, true, nil
	}
	if err := t.Close(); err != nil && errors.Is(t.err, io.EOF) {
		t.err = fmt.Errorf("close %s: %w", t.name, err)
	}
	return elevator.Passenger{}, false, t.ended()
}

func (t *trace) ended() error {
	if errors.Is(t.err, io.EOF) {
		return nil
	}
	return t.err
}

// check looks for passengers who cannot be.
func (t *trace) check(p *elevator.Passenger) error {
	b := t.building
	switch {
	case p.ArrivesAt < 0:
		return fmt.Errorf("time_s: %v s is negative", p.ArrivesAt.Seconds())
	case p.ArrivesAt < t.previous:
		return fmt.Errorf("time_s: %v s after %v s; expected times that do not go backwards", p.ArrivesAt.Seconds(), t.previous.Seconds())
	case p.Floor == p.To:
		return fmt.Errorf("to: floor %q is where the passenger comes from", b.Floors[p.To].Name)
	case !(p.MassKg > 0):
		return fmt.Errorf("mass_kg: %v; expected more than 0", p.MassKg)
	case p.ID <= t.last:
		return fmt.Errorf("passenger %d after %d; expected ascending numbers", p.ID, t.last)
	}
	most := 0.0
	for i := range b.Cars {
		if b.Cars[i].Serves.Has(p.Floor) && b.Cars[i].Serves.Has(p.To) {
			most = max(most, b.RatedKg(elevator.CarIndex(i))*b.Load.FullRatio)
		}
	}
	if most == 0 {
		return fmt.Errorf("to: no car serves both %q and %q", b.Floors[p.Floor].Name, b.Floors[p.To].Name)
	}
	if p.MassKg > most {
		return fmt.Errorf("mass_kg: %v kg; no car that serves both floors takes more than %v kg", p.MassKg, most)
	}
	return nil
}

// Close closes the file of a trace that is not read to its end.
func (t *trace) Close() error {
	if t.file == nil {
		return nil
	}
	err := t.file.Close()
	t.file = nil
	return err
}

// WriteCSV writes passengers as a trace that ReadCSV reads back. Their numbers
// and transfer times are not part of a trace.
func WriteCSV(w io.Writer, b *elevator.Building, passengers []elevator.Passenger) error {
	rows := csv.NewWriter(w)
	row := []string{"time_s", "from", "to", "mass_kg"}
	if err := rows.Write(row); err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	var number []byte
	for i := range passengers {
		p := &passengers[i]
		number = elevator.AppendSeconds(number[:0], p.ArrivesAt)
		row[0], row[1], row[2] = string(number), b.Floors[p.Floor].Name, b.Floors[p.To].Name
		row[3] = strconv.FormatFloat(p.MassKg, 'f', -1, 64)
		if err := rows.Write(row); err != nil {
			return fmt.Errorf("write trace: %w", err)
		}
	}
	rows.Flush()
	if err := rows.Error(); err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	return nil
}
