package elevator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// TestTrafficDetector runs testdata/traffic_detector.txt. Its language:
//
//	traffic places=N    lines of "MINUTES: N in, N out, N between", people in
//	                    each of those minutes, evenly; prints each change of the
//	                    detected mode with the five minutes that it was made by
func TestTrafficDetector(t *testing.T) {
	datadriven.RunTest(t, "testdata/traffic_detector.txt", func(t *testing.T, d *datadriven.TestData) string {
		var places int
		d.ScanArgs(t, "places", &places)
		b := &Building{
			Floors: []Floor{{MainTerminal: true}, {}, {}},
			Cars:   []CarSpec{{CapacityPersons: places}},
		}
		traffic := newTrafficDetector(b)
		var seen strings.Builder
		var now time.Duration
		until := func(at time.Duration) {
			for ; now < at; now += time.Second {
				was := traffic.Mode()
				boarded, in, out := traffic.Counts()
				traffic.advance(now)
				if traffic.Mode() != was {
					fmt.Fprintf(&seen, "%v %v: %d boarded, %d in, %d out\n", traffic.Since(), traffic.Mode(), boarded, in, out)
				}
			}
			now = at
		}
		people := func(kind EventKind, floor FloorIndex, n int, minute time.Duration) {
			for range n {
				traffic.count(&Event{T: minute, Kind: kind, Floor: floor}, b.Floors)
			}
		}
		for line := range strings.SplitSeq(d.Input, "\n") {
			var minutes, in, out, between int
			if _, err := fmt.Sscanf(line, "%d: %d in, %d out, %d between", &minutes, &in, &out, &between); err != nil {
				d.Fatalf(t, "%q: %v", line, err)
			}
			for range minutes {
				start := now
				until(start + time.Second)
				people(PassengerBoarded, 0, in, now)
				people(PassengerAlighted, 1, in, now)
				people(PassengerBoarded, 1, out, now)
				people(PassengerAlighted, 0, out, now)
				people(PassengerBoarded, 1, between, now)
				people(PassengerAlighted, 2, between, now)
				until(start + time.Minute)
			}
		}
		return seen.String()
	})
}

// Whoever asks at a later time sees what the detector would have come to,
// however long nobody moved.
func TestTrafficDetectorLooksAheadWithoutEvents(t *testing.T) {
	b := &Building{Floors: []Floor{{MainTerminal: true}}, Cars: []CarSpec{{CapacityPersons: 10}}}
	d := newTrafficDetector(b)
	for range 20 {
		d.count(&Event{T: time.Second, Kind: PassengerBoarded}, b.Floors)
	}
	for _, tc := range []struct {
		at   time.Duration
		want GroupMode
	}{
		{29 * time.Second, GroupNormal},
		{30 * time.Second, GroupUpPeak},
		{5 * time.Minute, GroupUpPeak},
		{5*time.Minute + 30*time.Second, GroupNormal},
		{100 * time.Hour, GroupNormal},
	} {
		at := d.At(tc.at)
		if at.Mode() != tc.want {
			t.Errorf("after %v: %v, want %v", tc.at, at.Mode(), tc.want)
		}
		slow := d
		for now := time.Duration(0); now <= min(tc.at, time.Hour); now += 10 * time.Second {
			slow.advance(now)
		}
		if slow.advance(tc.at); slow != at {
			t.Errorf("after %v at once: %+v, step by step: %+v", tc.at, at, slow)
		}
	}
	if d.Mode() != GroupNormal {
		t.Error("At has changed the detector that it was asked of")
	}
}
