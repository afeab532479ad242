package tasks

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
)

// Task types and the prefixes of their names.
const (
	CarTask   = elevator.CarTask
	FloorTask = elevator.FloorTask
)

// hello is the first message to a task, and the first again from a scheduler
// that has come back. The task learns from it what it is.
type hello struct {
	Building *elevator.Building
	Run      time.Time     // names the run: a controller of another run is given up
	Fresh    bool          // the task is new: whatever it was told before was meant for an earlier attempt
	Epoch    time.Time     // wall time at which the building's time was zero
	Speed    float64       // how many times faster than the wall clock it runs
	SentAt   time.Duration // the building's time when this was sent
}

// toTask is what the scheduler function sends to a car or floor task.
type toTask struct {
	Hello    *hello `json:",omitempty"`
	Messages []told `json:",omitempty"`
}

// told is a control message and the building's time at which it was given. The
// task takes it at that time, as far as it has not done anything since: what a
// message needs on its way through the cluster delays no car.
type told struct {
	T time.Duration
	control.Message
}

// fromTask is what a task sends back: what one step of its controller gave.
type fromTask struct {
	T       time.Duration // the building's time of the step
	Outputs []output
}

// output is a control.Output with the half that is not meant left out.
type output struct {
	Event   *elevator.Event  `json:",omitempty"`
	Message *control.Message `json:",omitempty"`
}

func newOutputs(outs []control.Output) []output {
	wire := make([]output, len(outs))
	for i := range outs {
		if outs[i].Event.Kind != elevator.EventNone {
			wire[i].Event = &outs[i].Event
		} else {
			wire[i].Message = &outs[i].Message
		}
	}
	return wire
}
