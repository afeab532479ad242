package operator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/stats"
)

// TestState reads what operators see from events: testdata/state.
//
//	events        publishes journal lines
//	state at=5s   the group's state at that time of the building
func TestState(t *testing.T) {
	datadriven.Walk(t, "testdata/state", func(t *testing.T, path string) {
		b := small(t)
		h := newHub(t, b)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "events":
				events := parseEvents(t, b, d.Input)
				h.mu.Lock()
				seq := h.ring.next()
				h.mu.Unlock()
				for i := range events {
					events[i].Seq = seq + uint64(i)
				}
				if err := h.Publish(events); err != nil {
					return err.Error()
				}
				return ""
			case "state":
				var text string
				d.ScanArgs(t, "at", &text)
				at, err := time.ParseDuration(text)
				if err != nil {
					t.Fatal(err)
				}
				return describe(t, h.State(epoch.Add(at)))
			}
			return "unknown command " + d.Cmd
		})
	})
}

// describe is the JSON of a state with each car, call and floor on a line.
func describe(t *testing.T, s GroupState) string {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, list := range []string{`"cars":[`, `"landing_calls":[`, `"floors":[`, `"stats":`} {
		text = strings.ReplaceAll(text, list, "\n"+list)
	}
	return strings.ReplaceAll(text, `{"name":`, "\n  {\"name\":")
}

func TestPublishPassesRefusedEventsOn(t *testing.T) {
	b := small(t)
	h := newHub(t, b)
	bad := elevator.NewEvent(time.Second, elevator.PassengerBoarded)
	bad.Seq, bad.Passenger, bad.Car, bad.Floor = 2, 7, 0, 0
	err := h.Publish([]elevator.Event{bad})
	if err == nil || !strings.Contains(err.Error(), "passenger 7 is not in the building") {
		t.Errorf("error %v does not say what was refused", err)
	}
	if lines, _, err := h.read(2, nil, 10); err != nil || len(lines) != 1 {
		t.Errorf("a reader sees %d lines, %v; want the refused event", len(lines), err)
	}
	publish(t, h, tick(2*time.Second))
	if got := h.Group(); got.Seq != 3 || got.T != 2*time.Second {
		t.Errorf("the group is at %d, %v; want the event after the refused one", got.Seq, got.T)
	}
}

func TestOpeningIsAJournalThatContinuesAnother(t *testing.T) {
	b := small(t)
	h := NewHub(b, motion.NewLaw(b))
	if lines, next, _ := h.opening(nil); len(lines) != 0 || next != 0 {
		t.Errorf("before the run: %d lines, next %d", len(lines), next)
	}
	publish(t, h, header(b))
	publish(t, h, parseEvents(t, b, `{"t":1,"event":"passenger_arrived","passenger":1,"floor":"G","to":"3","mass_kg":75}`)...)
	lines, next, _ := h.opening(nil)
	if len(lines) != 2 || next != 3 {
		t.Fatalf("%d lines, next %d; want 2, next 3", len(lines), next)
	}
	d := elevator.NewEventDecoder(nil)
	if first, err := d.Decode(lines[0]); err != nil || first.Kind != elevator.BuildingLoaded {
		t.Errorf("first line: %v, %v", first.Kind, err)
	}
	second, err := d.Decode(lines[1])
	if err != nil || second.Kind != elevator.SnapshotTaken || second.Seq != 2 {
		t.Fatalf("second line: %v, %d, %v", second.Kind, second.Seq, err)
	}
	if got, want := second.Detail.Snapshot.Snapshot(), h.Group().Snapshot(); !reflect.DeepEqual(got, want) {
		t.Errorf("snapshot\n%+v\nwant\n%+v", got, want)
	}
}

func TestResumeGoesOnFromARecoveredGroup(t *testing.T) {
	b := small(t)
	first := newHub(t, b)
	publish(t, first, parseEvents(t, b, `{"t":1,"event":"passenger_arrived","passenger":1,"floor":"G","to":"3","mass_kg":75}`)...)
	second := NewHub(b, motion.NewLaw(b))
	second.Resume(first.Group())
	second.SetClock(epoch, 1)
	again := header(b)
	again.T = time.Minute
	publish(t, second, again)
	s := second.State(epoch.Add(time.Minute + time.Second))
	if s.Seq != 3 || s.T != 61 || s.Floors[0].Waiting != 1 || s.Stats.Passengers != 1 {
		t.Errorf("seq %d, t %v, %d waiting, %d counted; want 3, 61, 1, 1", s.Seq, s.T, s.Floors[0].Waiting, s.Stats.Passengers)
	}
	if _, _, err := second.read(2, nil, 1); err == nil {
		t.Error("an event of the run before is read as if it were kept")
	}
}

// journeys draws events of passengers who come and go in car A at floor G.
func journeys(t *rapid.T) []elevator.Event {
	var events []elevator.Event
	var waiting, riding []elevator.PassengerID
	now, number := time.Duration(0), elevator.PassengerID(0)
	for range rapid.IntRange(0, 200).Draw(t, "events") {
		now += time.Duration(rapid.IntRange(0, 5000).Draw(t, "ms")) * time.Millisecond
		e := elevator.NewEvent(now, elevator.PassengerArrived)
		e.Floor = 0
		switch kind := rapid.IntRange(0, 2).Draw(t, "kind"); {
		case kind == 1 && len(waiting) > 0:
			e.Kind, e.Car, e.Passenger = elevator.PassengerBoarded, 0, waiting[0]
			waiting, riding = waiting[1:], append(riding, waiting[0])
		case kind == 2 && len(riding) > 0:
			e.Kind, e.Car, e.Passenger, e.Floor = elevator.PassengerAlighted, 0, riding[0], 1
			riding = riding[1:]
		default:
			number++
			e.Passenger, e.To, e.MassKg = number, 1, 75
			waiting = append(waiting, number)
		}
		events = append(events, e)
	}
	return events
}

func TestStatisticsAreThoseOfAllEvents(t *testing.T) {
	b := small(t)
	rapid.Check(t, func(rt *rapid.T) {
		h, want := newHub(t, b), stats.NewCollector(b)
		for _, e := range journeys(rt) {
			publish(t, h, e)
			want.Apply(&e)
			if rapid.IntRange(0, 9).Draw(rt, "ask") == 0 {
				h.Statistics()
			}
		}
		if got := h.Statistics(); got != want.Result() {
			rt.Fatalf("got %+v\nwant %+v", got, want.Result())
		}
	})
}

func TestStatisticsForgetOldPassengersOfALongRun(t *testing.T) {
	const most = 20
	b := small(t)
	rapid.Check(t, func(rt *rapid.T) {
		h := newHub(t, b)
		h.statistics.most = most
		arrived := 0
		for _, e := range journeys(rt) {
			publish(t, h, e)
			if e.Kind == elevator.PassengerArrived {
				arrived++
			}
			got, underway := h.Statistics().Passengers, len(h.Group().Journeys)
			if got-underway > most || got < min(arrived, most/2) {
				rt.Fatalf("the figures are those of %d of %d passengers, of whom %d are on the way; want %d to %d beside those",
					got, arrived, underway, most/2, most)
			}
		}
	})
}

func TestStatisticsReadWithoutBeingAsked(t *testing.T) {
	h := newHub(t, small(t))
	departed := elevator.NewEvent(time.Second, elevator.CarDeparted)
	departed.Car, departed.Floor, departed.To, departed.Direction = 0, 0, 1, elevator.Up
	for range 3 * mostUnread {
		publish(t, h, departed)
	}
	if n := len(h.unread); n > mostUnread {
		t.Errorf("%d events are unread", n)
	}
	if got := h.Statistics().Cars.Starts; got != 3*mostUnread {
		t.Errorf("%d starts counted, want %d", got, 3*mostUnread)
	}
}

func TestLinesOutliveTheirEvent(t *testing.T) {
	b := small(t)
	h := newHub(t, b)
	publish(t, h, ticks(3, time.Second)...)
	lines, _, err := h.read(1, nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprintf("%s", lines)
	publish(t, h, ticks(100, time.Minute)...)
	if after := fmt.Sprintf("%s", lines); after != before {
		t.Errorf("lines that were read changed from\n%s\nto\n%s", before, after)
	}
	if !bytes.HasSuffix(lines[1], []byte("}\n")) {
		t.Errorf("line %q does not end as one", lines[1])
	}
}
