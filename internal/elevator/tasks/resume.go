package tasks

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/journal"
)

// Resume is what a Scheduler goes on from when it takes a run over from a
// predecessor that has ended or died: what the journal says.
type Resume struct {
	Recovered *journal.Recovered
	// Epoch is when the building's time was zero, by the wall clock. The journal
	// says so for that of the machine where the run began; who knows of it being
	// set since may say something else.
	Epoch time.Time

	seen    map[string][]elevator.Event // by task: its latest events
	arrived []elevator.PassengerID      // by floor: the last one who reached it, 0 for nobody
	begins  time.Duration               // of the oldest file that was read; who came earlier has arrived
}

// alwaysSeen is how far back in wall time, at least, the events of each task
// are remembered, to know them when they are delivered once more. It is far
// longer than a message stays unconfirmed after its events were journaled. On a slow
// disk, too: a task with as many unconfirmed messages as it may have says no more.
const alwaysSeen = 10 * time.Minute

// Recover reads the journal at path, cuts off a torn last line, and returns
// where the run stands, or nil where there is no journal or it holds no run.
func Recover(path string) (*Resume, error) {
	files, err := journal.Files(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	recovered, err := journal.Recover(path)
	if err != nil || recovered.Group == nil {
		return nil, err
	}
	r := &Resume{
		Recovered: recovered,
		Epoch:     recovered.Header.WallTime,
		seen:      make(map[string][]elevator.Event),
		arrived:   make([]elevator.PassengerID, len(recovered.Group.Building.Floors)),
	}
	since := recovered.Group.T - time.Duration(float64(alwaysSeen)*recovered.Header.Speed)
	for begins := recovered.Group.T; len(files) > 0 && (begins > since || slices.Contains(r.arrived, 0)); {
		last := len(files) - 1
		if begins, err = r.read(files[last], since); err != nil {
			return nil, fmt.Errorf("recover the journal: %w", err)
		}
		r.begins = begins
		files = files[:last]
	}
	return r, nil
}

// read takes in one file, which is older than those read before it, and
// returns when it begins.
func (r *Resume) read(file string, since time.Duration) (begins time.Duration, err error) {
	reader, err := journal.OpenFiles(file)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	begins = r.Recovered.Group.T
	seen := make(map[string][]elevator.Event)
	arrived := make([]elevator.PassengerID, len(r.arrived))
	for {
		e, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if _, lost := errors.AsType[*journal.DamageError](err); lost {
			continue // Recovered tells
		}
		if err != nil {
			return 0, err
		}
		begins = min(begins, e.T)
		if e.Kind == elevator.PassengerArrived {
			arrived[e.Floor] = e.Passenger
		}
		if task := owner(&e); task != "" && e.T >= since {
			seen[task] = append(seen[task], e)
		}
	}
	for f := range arrived {
		if r.arrived[f] == 0 {
			r.arrived[f] = arrived[f]
		}
	}
	for task, events := range seen {
		r.seen[task] = append(events, r.seen[task]...)
	}
	return begins, nil
}

// owner returns the task that an event comes from, or "" where the scheduler
// made it itself.
func owner(e *elevator.Event) string {
	switch e.Kind {
	case elevator.PassengerArrived:
		return elevator.TaskName(FloorTask, int(e.Floor))
	case elevator.CarCallRegistered, elevator.CarCallAnswered, elevator.CarDeparted, elevator.CarTargetChanged,
		elevator.CarArrived, elevator.DoorsOpening, elevator.DoorsOpened, elevator.DoorsClosing, elevator.DoorsClosed,
		elevator.PassengerBoarded, elevator.PassengerAlighted, elevator.CarRecovered, elevator.ModeChanged,
		elevator.FaultRaised, elevator.FaultCleared:
		if e.Car != elevator.NoCar {
			return elevator.TaskName(CarTask, int(e.Car))
		}
	}
	return ""
}
