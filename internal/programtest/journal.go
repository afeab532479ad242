package programtest

import (
	"errors"
	"io"
	"path/filepath"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/sim/simtest"
	"elevator/internal/gotask"
	"elevator/internal/journal"
)

// Journal reads the events at path, with those of all files that it was
// continued from. While it is being written it can happen that a file is just
// getting another name, which is an error that goes away.
func Journal(path string) ([]elevator.Event, error) {
	reader, err := journal.Open(path)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	var events []elevator.Event
	for {
		e, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
}

// Judgement is what a reader of a journal saw who knows nothing but its events.
type Judgement struct {
	Events  int
	Carried int
	Files   int                        // of the journal: one for each scheduler where none was rotated
	Used    map[elevator.CarIndex]bool // cars that carried somebody
	Tasks   map[string]string          // last known states
	Checker *simtest.Checker           // has read it all
}

// Judge shows the whole journal at path to an independent checker, which
// allows for events that were journaled with a time up to late after they
// happened: what a car does while nobody hears it is journaled when it arrives.
// Files that do not belong together fail the test.
func Judge(t testing.TB, path string, late time.Duration) *Judgement {
	t.Helper()
	events, err := Journal(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) == 0 || events[0].Kind != elevator.BuildingLoaded {
		t.Fatalf("%s is no journal", path)
	}
	header := events[0].Detail.Header
	j := &Judgement{
		Events: len(events), Used: make(map[elevator.CarIndex]bool), Tasks: make(map[string]string),
		Checker: simtest.NewChecker(header.Building),
	}
	j.Checker.Late = late
	for i := range events {
		e := &events[i]
		j.Checker.Event(e)
		switch e.Kind {
		case elevator.BuildingLoaded:
			j.Files++
			if h := e.Detail.Header; !h.WallTime.Equal(header.WallTime) || h.Speed != header.Speed {
				t.Errorf("the clock began %v, speed %v; the journal goes on with %v, %v", header.WallTime, header.Speed, h.WallTime, h.Speed)
			}
			if j.Files > 1 && (i+1 == len(events) || events[i+1].Kind != elevator.SnapshotTaken) {
				t.Error("a file that continues another has no snapshot")
			}
		case elevator.PassengerAlighted:
			j.Carried++
			j.Used[e.Car] = true
		case elevator.TaskStateChanged:
			j.Tasks[e.Detail.Task] = e.Detail.State
		}
	}
	return j
}

// Whole fails the test where a rule was broken, or where the run is over and
// somebody has not arrived or a call is still lit.
func (j *Judgement) Whole(t testing.TB) {
	t.Helper()
	if err := j.Checker.End(); err != nil {
		t.Error(err)
	}
}

// SoFar fails the test where a rule was broken.
func (j *Judgement) SoFar(t testing.TB) {
	t.Helper()
	if err := j.Checker.Err(); err != nil {
		t.Error(err)
	}
}

// FrameworkID returns the framework that a state directory belongs to.
func FrameworkID(state string) (string, error) {
	stored, err := gotask.NewFileStore(filepath.Join(state, "framework.json")).Load()
	return stored.FrameworkID, err
}
