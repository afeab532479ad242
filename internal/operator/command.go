package operator

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"elevator/internal/elevator"
)

// Command is what an operator wants the group to do: the body of POST
// /api/v1/commands. Cars, floors, modes and faults are named as in the building
// file and by BACnet. Which fields a command takes its CommandForm says; the
// others are empty.
type Command struct {
	RequestID  string `json:"request_id"` // the same id again is answered again, and not carried out again
	Name       string `json:"command"`
	Car        string `json:"car,omitempty"`
	Floor      string `json:"floor,omitempty"`
	To         string `json:"to,omitempty"`
	Direction  string `json:"direction,omitempty"`
	Mode       string `json:"mode,omitempty"`
	GroupMode  string `json:"group_mode,omitempty"`
	Fault      string `json:"fault,omitempty"`
	Doors      string `json:"doors,omitempty"`
	On         *bool  `json:"on,omitempty"`
	Dispatcher string `json:"dispatcher,omitempty"`
	Task       string `json:"task,omitempty"`  // as GET /api/v1/tasks names it
	Alarm      string `json:"alarm,omitempty"` // as GET /api/v1/group names it, or "all"
}

// Result is the answer to a command that was carried out.
type Result struct {
	RequestID string `json:"request_id"`
	Result    string `json:"result"`        // what was done, in a few words
	Seq       uint64 `json:"seq,omitempty"` // of the journal's event about it; 0 where that is not known
}

// RefusedError is a command that was understood and not carried out.
type RefusedError struct {
	Reason string
}

// Error gives the reason.
func (e *RefusedError) Error() string { return e.Reason }

// ErrNotReady is wrapped by Config.Command's errors while the group cannot
// take commands; nothing was done then.
var ErrNotReady = errors.New("the group takes no commands yet")

// CommandForm is one command and the fields it takes, in the order of its
// words on a command line. Fields are named as in JSON; "direction|to" is a
// choice, of which there must be exactly one.
type CommandForm struct {
	Name     string
	Summary  string
	Required []string
	Optional []string // they follow the required ones
}

// directionOrTo is the choice of a landing call.
const directionOrTo = "direction|to"

var commandForms = []CommandForm{
	{Name: elevator.AcknowledgeAlarm, Summary: "say that an alarm, or all of them, was seen; every desk and the journal show by whom", Required: []string{"alarm"}},
	{Name: "all-cars-mode", Summary: "change how all cars are operated, but those under inspection or driven by firefighters", Required: []string{"mode"}, Optional: []string{"floor"}},
	{Name: "car-call", Summary: "press a button in a car, as a passenger does", Required: []string{"car", "floor"}},
	{Name: "car-doors", Summary: "hold the door button of a car that firefighters drive, or let it go before the doors have moved", Required: []string{"car", "doors"}},
	{Name: "car-mode", Summary: "change how a car is operated", Required: []string{"car", "mode"}, Optional: []string{"floor"}},
	{Name: "clear-car-calls", Summary: "put out the car calls of one car or all", Optional: []string{"car"}},
	{Name: "clear-landing-calls", Summary: "put out landing calls that nobody waits for, of one floor or all", Optional: []string{"floor"}},
	{Name: "dispatcher", Summary: "let another algorithm assign landing calls", Required: []string{"dispatcher"}},
	{Name: "fault", Summary: "raise or clear a fault, as a drill; it lasts until it is cleared, also over a restart of the task", Required: []string{"car", "fault", "on"}},
	{Name: "group-mode", Summary: "change the traffic mode of the group", Required: []string{"group_mode"}},
	{Name: "landing-call", Summary: "press a button at a landing", Required: []string{"floor", directionOrTo}},
	{Name: "lock-car-calls", Summary: "refuse car calls for a floor, in one car or all", Required: []string{"floor", "on"}, Optional: []string{"car"}},
	{Name: "lock-floor", Summary: "refuse calls from and to a floor", Required: []string{"floor", "on"}},
	{Name: "lock-landing-calls", Summary: "refuse landing calls at a floor", Required: []string{"floor", "on"}},
	{Name: "park", Summary: "let an idle car wait at a floor with closed doors, or where the dispatcher likes", Required: []string{"car"}, Optional: []string{"floor"}},
	{Name: "reset-faults", Summary: "let a car's latched faults clear and try at once what failed", Required: []string{"car"}, Optional: []string{"fault"}},
	{Name: "restart-task", Summary: "start the task of a car or a floor anew; one that failed waits no longer", Required: []string{"task"}},
	{Name: "send", Summary: "send a car to a floor, where it opens; also to one locked for car calls, and in every mode but a recall, inspection or out-of-service", Required: []string{"car", "floor"}},
	{Name: "vip-call", Summary: "send a car to a floor for a priority ride, in mode vip; it returns to normal when its doors have closed after the ride", Required: []string{"floor"}, Optional: []string{"car"}},
}

// CommandForms returns all commands, by name.
func CommandForms() []CommandForm { return slices.Clone(commandForms) }

// formOf returns the form of the command of that name.
func formOf(name string) (*CommandForm, error) {
	i := slices.IndexFunc(commandForms, func(f CommandForm) bool { return f.Name == name })
	if i < 0 {
		names := make([]string, len(commandForms))
		for i := range commandForms {
			names[i] = commandForms[i].Name
		}
		return nil, fmt.Errorf("command %.40q is unknown; want %s", name, strings.Join(names, ", "))
	}
	return &commandForms[i], nil
}

// Usage is the command as words on a command line: "park CAR [FLOOR]".
func (f *CommandForm) Usage() string {
	var text strings.Builder
	text.WriteString(f.Name)
	for _, field := range f.Required {
		text.WriteString(" " + placeholder(field))
	}
	for _, field := range f.Optional {
		text.WriteString(" [" + placeholder(field) + "]")
	}
	return text.String()
}

func placeholder(field string) string {
	switch field {
	case "on":
		return "on|off"
	case "doors":
		return "open|close|none"
	case directionOrTo:
		return "up|down|TO"
	case "alarm":
		return "ALARM|" + elevator.AllAlarms
	}
	return strings.ToUpper(field)
}

// Fields are the fields that the command takes, in the order of its words.
func (f *CommandForm) Fields() []string { return slices.Concat(f.Required, f.Optional) }

// KnownWords are the words that a field of a command can be in every building;
// nil where they depend on the building or on the program.
func KnownWords(field string) []string {
	switch field {
	case "direction", directionOrTo:
		return []string{elevator.Up.String(), elevator.Down.String()}
	case "on":
		return []string{"on", "off"}
	case "doors":
		return names(elevator.NoDoorCommand, elevator.CloseDoors)
	case "mode":
		return names(elevator.ModeNormal, elevator.ModeOccupantEvacuation)
	case "group_mode":
		return names(elevator.GroupNormal, elevator.GroupUpPeak)
	case "fault":
		return names(elevator.FaultController, elevator.FaultOverload)
	case "alarm":
		return []string{elevator.AllAlarms}
	}
	return nil
}

// names returns the names of the values from first to last.
func names[T interface {
	~uint8
	String() string
}](first, last T) []string {
	var list []string
	for v := first; v <= last; v++ {
		list = append(list, v.String())
	}
	return list
}

// CommandFromWords reads a command as a command line gives it, without a
// request id: {"car-call", "A", "3"}. Names are left for the server to check.
func CommandFromWords(words []string) (Command, error) {
	if len(words) == 0 {
		return Command{}, errors.New("a command is needed")
	}
	form, err := formOf(words[0])
	if err != nil {
		return Command{}, err
	}
	c := Command{Name: form.Name}
	fields, args := form.Fields(), words[1:]
	if len(args) < len(form.Required) || len(args) > len(fields) {
		return Command{}, fmt.Errorf("want %s", form.Usage())
	}
	for i, word := range args {
		field := fields[i]
		switch {
		case field == "on" && (word == "on" || word == "off"):
			c.On = new(word == "on")
			continue
		case field == "on" || word == "":
			return Command{}, fmt.Errorf("%q: want %s", word, form.Usage())
		case field == directionOrTo && (word == "up" || word == "down"):
			field = "direction"
		case field == directionOrTo:
			field = "to"
		}
		*c.text(field) = word
	}
	return c, nil
}

// Words is the inverse of CommandFromWords. Of a command that has no form only
// its name is known.
func (c *Command) Words() []string {
	words := []string{c.Name}
	form, err := formOf(c.Name)
	if err != nil {
		return words
	}
	for _, field := range form.Fields() {
		for choice := range strings.SplitSeq(field, "|") {
			switch {
			case !c.has(choice):
			case choice != "on":
				words = append(words, *c.text(choice))
			case *c.On:
				words = append(words, "on")
			default:
				words = append(words, "off")
			}
		}
	}
	return words
}

// text returns where the field of that JSON name is kept; nil for a name that
// no field with a text has.
func (c *Command) text(field string) *string {
	switch field {
	case "request_id":
		return &c.RequestID
	case "command":
		return &c.Name
	case "car":
		return &c.Car
	case "floor":
		return &c.Floor
	case "to":
		return &c.To
	case "direction":
		return &c.Direction
	case "mode":
		return &c.Mode
	case "group_mode":
		return &c.GroupMode
	case "fault":
		return &c.Fault
	case "doors":
		return &c.Doors
	case "dispatcher":
		return &c.Dispatcher
	case "task":
		return &c.Task
	case "alarm":
		return &c.Alarm
	}
	return nil
}

// commandFields are the JSON names of all fields beside request_id and command.
var commandFields = []string{"car", "floor", "to", "direction", "mode", "group_mode", "fault", "doors", "on", "dispatcher", "task", "alarm"}

// has reports whether the field is given.
func (c *Command) has(field string) bool {
	if field == "on" {
		return c.On != nil
	}
	return *c.text(field) != ""
}

// same reports whether the commands say the same.
func (c *Command) same(other *Command) bool {
	a, b := *c, *other
	if (a.On == nil) != (b.On == nil) || a.On != nil && *a.On != *b.On {
		return false
	}
	a.On, b.On = nil, nil
	return a == b
}
