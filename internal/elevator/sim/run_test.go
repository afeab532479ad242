package sim

import (
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

// passenger is somebody who goes from one floor to another.
func passenger(id elevator.PassengerID, at time.Duration, from, to elevator.FloorIndex) elevator.Passenger {
	return elevator.Passenger{ID: id, ArrivesAt: at, Floor: from, To: to, MassKg: 75}
}

// One passenger in the building of Crites and Barto, by the arithmetic of its
// file: the car at the terminal flies eight floors of 1.45 s, opens for 2.87 s,
// and the wait ends; the passenger boards for a second, the doors close for
// 2.87 s, the car turns for 1 s and flies back, opens, and the passenger leaves
// for a second.
func TestOneJourneyTakesWhatTheModelSays(t *testing.T) {
	b, err := building.Named("crites-barto")
	if err != nil {
		t.Fatal(err)
	}
	collected := stats.NewCollector(b)
	summary, err := Run(Config{
		Building: b, Passengers: []elevator.Passenger{passenger(1, time.Minute, 8, 0)},
		Dispatcher: entries(t, "uncoordinated")[0], OnEvent: collected.Apply,
	})
	if err != nil || len(summary.Left) > 0 {
		t.Fatal(err, summary.Left)
	}
	j := collected.Journeys()[0]
	flight, half, one := 8*1450*time.Millisecond, 2870*time.Millisecond, time.Second
	if want := flight + half; j.BoardedAt-j.ArrivedAt != want {
		t.Errorf("waited %v, want %v", j.BoardedAt-j.ArrivedAt, want)
	}
	if want := one + half + one + flight + half + one; j.LeftAt-j.BoardedAt != want {
		t.Errorf("travelled %v, want %v", j.LeftAt-j.BoardedAt, want)
	}
}

// Who cannot be carried within Grace of the last arrival is listed.
func TestWhoIsLeftIsListed(t *testing.T) {
	b, err := building.Named("crites-barto")
	if err != nil {
		t.Fatal(err)
	}
	heavy := passenger(2, 2*time.Second, 3, 0)
	heavy.MassKg = 75
	b.Cars = b.Cars[:1]
	b.Cars[0].Serves.Remove(3)
	summary, err := Run(Config{
		Building: b, Passengers: []elevator.Passenger{passenger(1, time.Second, 8, 0), heavy},
		Dispatcher: entries(t, "eta")[0],
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(summary.Left) != 1 || summary.Left[0] != 2 {
		t.Errorf("left %v, want passenger 2, whose floor no car serves", summary.Left)
	}
	if summary.End > 2*time.Second+Grace {
		t.Errorf("ended at %v", summary.End)
	}
}

func TestBadConfigurationsAreRefused(t *testing.T) {
	b, err := building.Named("crites-barto")
	if err != nil {
		t.Fatal(err)
	}
	eta := entries(t, "eta")[0]
	for _, test := range []struct {
		name   string
		config Config
		says   string
	}{
		{"no building", Config{Dispatcher: eta}, "no building"},
		{"no dispatcher", Config{Building: b}, "no dispatcher"},
		{"wrong signalling", Config{Building: b, Dispatcher: entries(t, "destination")[0]}, "needs signalling"},
		{"no such floor", Config{Building: b, Dispatcher: eta, Passengers: []elevator.Passenger{passenger(1, 0, 3, 10)}}, "from floor 3 to 10"},
		{"no journey", Config{Building: b, Dispatcher: eta, Passengers: []elevator.Passenger{passenger(1, 0, 3, 3)}}, "from floor 3 to 3"},
		{"out of order", Config{Building: b, Dispatcher: eta, Passengers: []elevator.Passenger{
			passenger(1, time.Second, 3, 0), passenger(2, 0, 3, 0),
		}}, "order of arrival"},
	} {
		if _, err := Run(test.config); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.says)
		}
	}
}

// The seeds of a trial come back in their order, whichever core was faster, and
// every dispatcher meets the same passengers.
func TestReplicationsMeetTheSamePassengers(t *testing.T) {
	trial := Trial{
		Building: building.Builtin(), Traffic: traffic.Spec{Profile: "lunch"}, Duration: 5 * time.Minute,
		Seeds: Seeds{First: 7, Replications: 8},
	}
	count := func(d dispatch.Entry) []int {
		n, err := Repeat(t.Context(), trial, d, func(c *stats.Collector) int { return len(c.Journeys()) })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	list := entries(t, "nearest-car", "eta")
	a, b := count(list[0]), count(list[1])
	for i := range a {
		if a[i] != b[i] || a[i] == 0 {
			t.Fatalf("passengers of the seeds: %v and %v", a, b)
		}
	}
}

// A table shows SATURATED where the queues of half the seeds grew.
func TestSaturatedRowsShowNoMeans(t *testing.T) {
	trial := Trial{
		Building: building.Builtin(), Traffic: traffic.Spec{Profile: "up-peak", RatePercent: 60}, Duration: 30 * time.Minute,
		Seeds: Seeds{First: 1, Replications: 4},
	}
	results, err := Replicate(t.Context(), trial, entries(t, "eta")[0])
	if err != nil {
		t.Fatal(err)
	}
	table := Table{Name: "peak", Replications: 4, Rows: []Row{newRow("eta", results, results)}}
	var text strings.Builder
	if err := table.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "SATURATED") {
		t.Errorf("60 %% in five minutes is too much for the building, but:\n%s", text.String())
	}
}
