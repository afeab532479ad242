package tasks

import (
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/group"
)

// A car that was cut off tells late that it stopped, answered a call and left.
// Whoever's word it is by which the group learns of the answer, it comes into the
// journal before the car leaves.
func TestAnswersComeBeforeTheCarLeaves(t *testing.T) {
	const car = 1
	for _, from := range []group.Input{{From: group.Car, Index: car}, {From: group.Landing, Index: 3}, {From: group.Nobody}} {
		s := &Scheduler{decided: 185 * time.Second, decidedFor: make([]time.Duration, 4)}
		answered := elevator.NewEvent(0, elevator.LandingCallAnswered)
		answered.Car, answered.Floor, answered.Direction = car, 3, elevator.Up
		s.hold(100*time.Second, &from, answered)
		departed := elevator.NewEvent(110*time.Second, elevator.CarDeparted)
		departed.Car = car
		s.hold(departed.T, &group.Input{From: group.Car, Index: car, Event: &departed}, departed)
		if first := s.held.pop(); first.Kind != elevator.LandingCallAnswered {
			t.Errorf("learnt from %v: %v comes first", from.From, first.Kind)
		}
	}
	// Operators put a call out: no car has answered it.
	s := &Scheduler{decidedFor: make([]time.Duration, 4)}
	s.hold(time.Second, &group.Input{}, elevator.NewEvent(0, elevator.LandingCallAnswered))
}
