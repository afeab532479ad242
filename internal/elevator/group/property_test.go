package group

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
)

// drawInput draws anything that could reach the group control, sensible or not.
func drawInput(t *rapid.T, floors, cars int) Input {
	floor := func(name string) elevator.FloorIndex {
		return elevator.FloorIndex(rapid.IntRange(-1, floors).Draw(t, name))
	}
	direction := elevator.Direction(rapid.IntRange(-1, 1).Draw(t, "direction"))
	car := rapid.IntRange(-1, cars).Draw(t, "car")
	switch rapid.IntRange(0, 6).Draw(t, "input") {
	case 0:
		m := control.NewMessage(control.Button)
		m.Floor, m.Direction = floor("floor"), direction
		if rapid.Bool().Draw(t, "destination") {
			m.To = floor("to")
		}
		return Input{From: Landing, Index: int(m.Floor), Message: &m}
	case 1:
		m := control.NewMessage(control.Announce)
		m.Car, m.Floor, m.Direction = elevator.CarIndex(car), floor("floor"), direction
		m.Stop, m.RoomPersons = uint32(rapid.IntRange(0, 9).Draw(t, "stop")), rapid.IntRange(0, 9).Draw(t, "room")
		return Input{From: Car, Index: car, Message: &m}
	case 2:
		cmd := NewCommand(CommandKind(rapid.IntRange(0, 12).Draw(t, "command")))
		cmd.Car, cmd.Floor, cmd.Direction = elevator.CarIndex(car), floor("floor"), direction
		cmd.Mode = elevator.Mode(rapid.IntRange(0, 13).Draw(t, "mode"))
		cmd.On = rapid.Bool().Draw(t, "on")
		cmd.Dispatcher = rapid.SampledFrom([]string{"eta", "uncoordinated", "destination", "none"}).Draw(t, "dispatcher")
		return Input{From: Operator, Command: &cmd}
	case 3:
		return Input{From: Party(rapid.IntRange(1, 2).Draw(t, "party")), Index: car, Restore: true}
	default:
		e := elevator.NewEvent(0, elevator.EventKind(rapid.IntRange(int(elevator.PassengerArrived), int(elevator.FaultCleared)).Draw(t, "event")))
		e.Car, e.Floor, e.To, e.Direction = elevator.CarIndex(car), floor("floor"), floor("to"), direction
		e.Passenger = elevator.PassengerID(rapid.IntRange(1, 9).Draw(t, "passenger"))
		e.Mode, e.Fault = elevator.Mode(rapid.IntRange(1, 13).Draw(t, "mode")), elevator.FaultController
		if e.Kind == elevator.ModeChanged || e.Kind == elevator.CarRecovered {
			e.Detail = &elevator.Detail{}
		}
		switch e.Kind {
		case elevator.LandingCallRegistered, elevator.LandingCallAssigned, elevator.LandingCallAnswered:
			return Input{} // made by the group control alone
		}
		return Input{From: Car, Index: car, Event: &e}
	}
}

// Whatever is said to it in whatever order, the group control keeps its
// invariants: time and numbers go on, each car's assigned calls are exactly those
// that the lit calls name, and everything it says is said to somebody.
func TestNonsenseDoesNoHarm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := testBuilding(rapid.IntRange(2, 9).Draw(t, "floors"), rapid.IntRange(1, 4).Draw(t, "cars"))
		b.Signalling = elevator.Signalling(rapid.IntRange(0, 2).Draw(t, "signalling"))
		name := "eta"
		if b.Signalling != elevator.Conventional {
			name = rapid.SampledFrom([]string{"destination", "nearest-car"}).Draw(t, "first dispatcher")
		}
		entry, _ := dispatch.ByName(name)
		law := motion.NewLaw(b)
		c := New(b, law, entry.New(dispatch.Plant{Building: b, Law: law}), Options{})
		now := time.Minute
		var seq uint64
		for range rapid.IntRange(1, 60).Draw(t, "inputs") {
			now += time.Duration(rapid.IntRange(-1, 5).Draw(t, "seconds")) * time.Second
			in := drawInput(t, len(b.Floors), len(b.Cars))
			outs := c.Step(now, &in, nil)
			for range 10 {
				if c.Wake() > now {
					break
				}
				tick := Tick()
				outs = append(outs, c.Step(now, &tick, nil)...)
			}
			if c.Wake() == 0 {
				t.Fatal("the dispatcher wants to be asked for ever")
			}
			seq = checkOutputs(t, b, outs, seq)
			checkAssigned(t, c)
		}
	})
}

func checkOutputs(t *rapid.T, b *elevator.Building, outs []Output, seq uint64) uint64 {
	for i := range outs {
		switch o := &outs[i]; {
		case o.Refused != nil:
		case o.To == Nobody:
			if seq++; o.Event.Seq != seq {
				t.Fatalf("event %v has number %d, want %d", o.Event.Kind, o.Event.Seq, seq)
			}
		case o.To == Car && (o.Index < 0 || o.Index >= len(b.Cars)),
			o.To == Landing && (o.Index < 0 || o.Index >= len(b.Floors)),
			o.Message.Kind == control.Tick:
			t.Fatalf("message of kind %d to %d %d", o.Message.Kind, o.To, o.Index)
		}
	}
	return seq
}

func checkAssigned(t *rapid.T, c *Control) {
	for car := range c.view.Cars {
		var want [2]elevator.FloorSet
		for _, call := range c.group.Calls {
			if call.Cars.Has(elevator.CarIndex(car)) {
				want[dispatch.Side(call.Key.Direction)].Add(call.Key.Floor)
			}
		}
		if c.view.Cars[car].Assigned != want {
			t.Fatalf("car %d is assigned %v, the lit calls say %v", car, c.view.Cars[car].Assigned, want)
		}
	}
}
