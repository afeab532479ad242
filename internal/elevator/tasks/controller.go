package tasks

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/motion"
	"elevator/internal/gotask"
)

// Car is the task function of a car: control.Car in a goroutine, with a clock.
func Car(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, _ map[string]string) error {
	return run(in, out, args, func(b *elevator.Building, index int) (control.Controller, error) {
		if index >= len(b.Cars) {
			return nil, fmt.Errorf("car task %d: building %q has %d cars", index, b.Name, len(b.Cars))
		}
		return control.NewCar(motion.NewLaw(b), b, elevator.CarIndex(index)), nil
	})
}

// Floor is the task function of a landing: control.Landing in a goroutine,
// with a clock.
func Floor(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string, _ map[string]string) error {
	return run(in, out, args, func(b *elevator.Building, index int) (control.Controller, error) {
		if index >= len(b.Floors) {
			return nil, fmt.Errorf("floor task %d: building %q has %d floors", index, b.Name, len(b.Floors))
		}
		return control.NewLanding(b, elevator.FloorIndex(index)), nil
	})
}

// shell runs one controller: it waits for messages and for the controller's
// wake-up time, and sends what each step gives.
type shell struct {
	out        chan<- gotask.TaskMsg
	name       string
	controller control.Controller
	run        time.Time // names the controller's run
	clock      Clock
	now        time.Duration // of the last step; never decreases
	outputs    []control.Output
}

func run(
	in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, args []string,
	newController func(*elevator.Building, int) (control.Controller, error),
) error {
	index, err := taskIndex(args)
	if err != nil {
		return err
	}
	s := &shell{out: out, name: args[0]}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		var wake <-chan time.Time
		if s.controller != nil && s.controller.Wake() != control.Never {
			timer.Reset(max(0, s.clock.Until(time.Now(), s.controller.Wake())))
			wake = timer.C
		}
		msg, open, woken := await(in, wake)
		switch {
		case woken:
			if err := s.catchUp(s.clock.At(time.Now())); err != nil {
				return err
			}
			continue
		case !open:
			return nil
		}
		m, err := gotask.Decode[toTask](msg)
		if err != nil {
			return err
		}
		if err := s.receive(m, index, newController); err != nil {
			return err
		}
	}
}

// await waits for a message or for the controller's wake-up time. When both have
// come the message goes first, because it tells at what time it was given.
func await(in <-chan gotask.TaskMsg, wake <-chan time.Time) (msg gotask.TaskMsg, open, woken bool) {
	select {
	case msg, open = <-in:
		return msg, open, false
	case <-wake:
	}
	select {
	case msg, open = <-in:
		return msg, open, false
	default:
		return msg, true, true
	}
}

// taskIndex returns the number at the end of the task's name.
func taskIndex(args []string) (int, error) {
	if len(args) == 0 {
		return 0, errors.New("task without a name in its arguments")
	}
	name := args[0]
	index, err := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
	if err != nil || index < 0 {
		return 0, fmt.Errorf("task name %q does not end in -<index>", name)
	}
	return index, nil
}

func (s *shell) receive(m toTask, index int, newController func(*elevator.Building, int) (control.Controller, error)) error {
	// A controller that lives keeps its clock: a scheduler that has taken over asks
	// it what time it is.
	if h := m.Hello; h != nil && (s.controller == nil || h.Fresh || !h.Run.Equal(s.run)) {
		c, err := newController(h.Building, index)
		if err != nil {
			return err
		}
		s.controller, s.run = c, h.Run
		s.clock = Clock{h.Epoch, h.Speed}.Received(h.SentAt, time.Now())
		// The controller's life begins when it was told of it, but not before
		// the building's time does.
		s.now = max(0, h.SentAt)
	}
	if s.controller == nil {
		// Meant for an attempt before this one, which is told everything after
		// its hello.
		return nil
	}
	wall := time.Now()
	for i := range m.Messages {
		in := &m.Messages[i]
		if err := s.catchUp(s.given(in, wall)); err != nil {
			return err
		}
		if err := s.step(s.now, in.Message); err != nil {
			return err
		}
	}
	return nil
}

// given returns when, by this task's clock, the message was given. Before the
// building's time begins all have the time 0.
func (s *shell) given(in *told, wall time.Time) time.Duration {
	const alike = time.Millisecond // what the clocks of one machine differ by
	switch {
	case in.T > 0:
		s.clock = s.clock.NotBefore(in.T, wall, alike)
	case s.now > 0: // a scheduler that asks, or of a version that does not say when
		return s.clock.At(wall)
	}
	return min(in.T, s.clock.At(wall))
}

// catchUp takes the ticks that are due, each at exactly the time the controller
// asked for, however late the timer was: so a flight takes in the journal what
// the law of motion says. Messages are taken at the time they were given, before
// ticks that were due later: so a timer and a message that are both late do not
// change places.
func (s *shell) catchUp(now time.Duration) error {
	for s.controller.Wake() <= now {
		at := max(s.now, s.controller.Wake())
		if err := s.step(at, control.NewMessage(control.Tick)); err != nil {
			return err
		}
	}
	s.now = max(s.now, now)
	return nil
}

func (s *shell) step(now time.Duration, in control.Message) error {
	s.now = max(s.now, now)
	s.outputs = s.controller.Step(s.now, &in, s.outputs[:0])
	if len(s.outputs) == 0 {
		return nil
	}
	msg, err := gotask.NewMsg(s.name, fromTask{T: s.now, Outputs: newOutputs(s.outputs)})
	if err != nil {
		return fmt.Errorf("task %s: %w", s.name, err)
	}
	s.out <- msg
	return nil
}
