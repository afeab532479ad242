package elevator

import (
	"fmt"
	"time"
)

// The detector looks at the traffic every detectorStep, over the last
// detectorSteps of them: the five minutes in which lift engineers count.
const (
	detectorStep  = 30 * time.Second
	detectorSteps = 10
)

// What it takes to detect a peak, and less to keep to it, so that the detected
// mode does not flutter.
const (
	peakLoad, peakLoadKept   = 0.5, 0.3  // people who boarded, as a share of the places in all cars
	peakShare, peakShareKept = 0.65, 0.5 // of them from or to the main terminal
	twoWayShare              = 0.2       // each way, of those of a two-way peak
)

// TrafficDetector tells up-peak, down-peak and two-way traffic from ordinary by
// what every group control can count: who steps into the cars and who steps out
// of them, at the main terminal and elsewhere. It is part of the fold of events,
// so that the dispatcher, the operators and a replay see the same.
//
// Every half minute it looks at those who boarded in the last five minutes. They
// are a peak when they would fill half of the places in all cars: up-peak when
// at least 65 % of them boarded at the main terminal, down-peak when as many left
// their car there, two-way when the two together are that many and neither is
// less than 20 %. A peak lasts until they would fill less than 30 % of the places
// or its share is below 50 %. Everything else is GroupNormal: little traffic, or
// traffic between the other floors. (Four-way traffic, with a second terminal, is
// not told apart.)
type TrafficDetector struct {
	mode    GroupMode
	since   time.Duration // when mode came to be detected
	places  int           // in all cars
	counted int64         // steps that are over; the present one is the next
	steps   [detectorSteps]trafficCount
	sum     trafficCount // of steps
}

// trafficCount counts people.
type trafficCount struct {
	Boarded int `json:"boarded"`
	In      int `json:"in"`  // of them at the main terminal
	Out     int `json:"out"` // who left a car at the main terminal
}

func (c *trafficCount) add(d trafficCount, sign int) {
	c.Boarded += sign * d.Boarded
	c.In += sign * d.In
	c.Out += sign * d.Out
}

func newTrafficDetector(b *Building) TrafficDetector {
	d := TrafficDetector{mode: GroupNormal}
	for i := range b.Cars {
		d.places += b.Cars[i].CapacityPersons
	}
	return d
}

// DetectedModes returns the modes that are told apart.
func DetectedModes() []GroupMode {
	return []GroupMode{GroupNormal, GroupUpPeak, GroupDownPeak, GroupTwoWay}
}

// Mode returns the detected mode, one of DetectedModes.
func (d *TrafficDetector) Mode() GroupMode { return d.mode }

// Since returns when the detected mode began.
func (d *TrafficDetector) Since() time.Duration { return d.since }

// Counts returns how many people boarded in the last five minutes, how many of
// them at the main terminal, and how many left a car there.
func (d *TrafficDetector) Counts() (boarded, in, out int) {
	return d.sum.Boarded, d.sum.In, d.sum.Out
}

// At returns the detector as it is at a later time, if nobody has moved since.
func (d TrafficDetector) At(now time.Duration) TrafficDetector {
	d.advance(now)
	return d
}

// advance looks at the traffic at the end of each step that is over.
func (d *TrafficDetector) advance(now time.Duration) {
	if now < time.Duration(d.counted+1)*detectorStep {
		return // as after nearly every event
	}
	over := int64(now / detectorStep)
	if over-d.counted > detectorSteps+1 {
		// Nobody moved for longer than anybody is remembered: the last of these
		// steps finds nobody, nor would all that follow.
		for range detectorSteps + 1 {
			d.step()
		}
		d.counted = over
	}
	for d.counted < over {
		d.step()
	}
}

// step ends the present step: it looks at the traffic and forgets the oldest.
func (d *TrafficDetector) step() {
	d.counted++
	if mode := d.detect(); mode != d.mode {
		d.mode, d.since = mode, time.Duration(d.counted)*detectorStep
	}
	oldest := &d.steps[d.present()]
	d.sum.add(*oldest, -1)
	*oldest = trafficCount{}
}

func (d *TrafficDetector) detect() GroupMode {
	kept := func(mode GroupMode, usual, kept float64) float64 {
		if d.mode == mode {
			return kept
		}
		return usual
	}
	in, out := float64(d.sum.In), float64(d.sum.Out)
	peak := func(mode GroupMode, people float64) bool {
		return float64(d.sum.Boarded) >= kept(mode, peakLoad, peakLoadKept)*float64(d.places) &&
			people >= kept(mode, peakShare, peakShareKept)*float64(d.sum.Boarded)
	}
	switch {
	case peak(GroupUpPeak, in):
		return GroupUpPeak
	case peak(GroupDownPeak, out):
		return GroupDownPeak
	case peak(GroupTwoWay, in+out) && min(in, out) >= twoWayShare*(in+out):
		return GroupTwoWay
	}
	return GroupNormal
}

// count takes note of an event: of somebody who stepped into a car or out of it.
func (d *TrafficDetector) count(e *Event, floors []Floor) {
	d.advance(e.T)
	var c trafficCount
	switch e.Kind {
	case PassengerBoarded:
		c.Boarded = 1
		if floors[e.Floor].MainTerminal {
			c.In = 1
		}
	case PassengerAlighted:
		if floors[e.Floor].MainTerminal {
			c.Out = 1
		}
	default:
		return
	}
	d.steps[d.present()].add(c, 1)
	d.sum.add(c, 1)
}

// present is the index of the present step, and of the oldest before it begins.
func (d *TrafficDetector) present() int64 { return d.counted % detectorSteps }

// TrafficSnapshot is a TrafficDetector written out.
type TrafficSnapshot struct {
	Mode   string         `json:"mode"`
	SinceS Seconds        `json:"since_s"`
	Steps  []trafficCount `json:"steps"` // of half a minute each, the oldest first, the present one last
}

func (d *TrafficDetector) snapshot() *TrafficSnapshot {
	s := TrafficSnapshot{Mode: d.mode.String(), SinceS: Seconds(d.since)}
	for i := range int64(detectorSteps) {
		s.Steps = append(s.Steps, d.steps[(d.counted+1+i)%detectorSteps])
	}
	return &s
}

// restore makes the detector what the snapshot, taken at time t, says.
func (d *TrafficDetector) restore(s *TrafficSnapshot, t time.Duration) error {
	mode, known := ParseGroupMode(s.Mode)
	if !known {
		return fmt.Errorf("mode: %.40q is no group mode", s.Mode)
	}
	if len(s.Steps) != detectorSteps {
		return fmt.Errorf("steps: %d, want %d", len(s.Steps), detectorSteps)
	}
	d.mode, d.since, d.counted, d.sum = mode, time.Duration(s.SinceS), int64(t/detectorStep), trafficCount{}
	for i, c := range s.Steps {
		if min(c.Boarded, c.In, c.Out) < 0 || c.In > c.Boarded {
			return fmt.Errorf("steps[%d]: %d boarded, %d of them at the main terminal, %d left there", i, c.Boarded, c.In, c.Out)
		}
		d.steps[(d.counted+1+int64(i))%detectorSteps] = c
		d.sum.add(c, 1)
	}
	return nil
}
