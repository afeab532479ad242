package sim

import (
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/group"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/traffic"
)

// Once a run has reached its steady state nothing is allocated for an event: in
// two hours of lunch after two hours of it a queue may grow longer than ever a
// few times, no more.
func TestEngineAllocatesNothingForAnEvent(t *testing.T) {
	b, err := building.Named("lunch20")
	if err != nil {
		t.Fatal(err)
	}
	law := motion.NewLaw(b)
	passengers := people(t, b, traffic.Spec{Profile: "lunch", RatePercent: 3}, 4*time.Hour)
	for _, d := range entries(t, "uncoordinated", "nearest-car", "eta") {
		t.Run(d.Name, func(t *testing.T) {
			events := 0
			e := newEngine(b, law, d.New(dispatch.Plant{Building: b, Law: law}), group.Options{}, func(*elevator.Event) { events++ })
			e.expect(passengers)
			for e.next(2 * time.Hour) {
			}
			warm := events
			until := 2 * time.Hour
			allocations := testing.AllocsPerRun(1, func() { // runs twice
				until += time.Hour
				for e.next(until) {
				}
			})
			if e.err != nil {
				t.Fatal(e.err)
			}
			if each := (events - warm) / 2; allocations > 0.001*float64(each) {
				t.Errorf("%v allocations for %d events", allocations, each)
			}
		})
	}
}
