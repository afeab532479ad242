package ui

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"elevator/internal/elevator"
)

// Command is what an operator wants a group to do, in the form of the
// operators' API: the body of POST /api/v1/commands. Fields that the command
// does not need are empty.
type Command struct {
	RequestID  string `json:"request_id"` // the same id again does nothing again
	Name       string `json:"command"`
	Car        string `json:"car,omitempty"`
	Floor      string `json:"floor,omitempty"`
	To         string `json:"to,omitempty"`
	Direction  string `json:"direction,omitempty"`
	Mode       string `json:"mode,omitempty"`
	Fault      string `json:"fault,omitempty"`
	On         bool   `json:"on,omitempty"`
	Dispatcher string `json:"dispatcher,omitempty"`
}

// Commander gives commands to the scheduler whose API is at address. It
// returns what came of the command in a few words, or why it was refused. It
// is called from goroutines of its own, one a command.
type Commander interface {
	Command(ctx context.Context, address string, c Command) (result string, err error)
}

// parameter is what a word of a command line names.
type parameter struct {
	name     string
	optional bool
	words    func(*site) []string
	set      func(*Command, string)
}

// verb is one command: its name and its parameters.
type verb struct {
	name       string
	help       string
	parameters []parameter
	danger     func(*Command) string // what may strand people; "" for harmless ones
}

func carNames(s *site) []string {
	var names []string
	for i := range s.building.Cars {
		names = append(names, s.building.Cars[i].Name)
	}
	return names
}

func floorNames(s *site) []string {
	var names []string
	for i := range s.building.Floors {
		names = append(names, s.building.Floors[i].Name)
	}
	return names
}

func named[T fmt.Stringer](from, to int, of func(int) T) func(*site) []string {
	return func(*site) []string {
		var names []string
		for i := from; i <= to; i++ {
			names = append(names, of(i).String())
		}
		return names
	}
}

func fixed(words ...string) func(*site) []string { return func(*site) []string { return words } }

var (
	carParameter   = parameter{name: "CAR", words: carNames, set: func(c *Command, w string) { c.Car = w }}
	floorParameter = parameter{name: "FLOOR", words: floorNames, set: func(c *Command, w string) { c.Floor = w }}
	onParameter    = parameter{name: "on|off", words: fixed("on", "off"), set: func(c *Command, w string) { c.On = w == "on" }}
	modeParameter  = parameter{
		name: "MODE", set: func(c *Command, w string) { c.Mode = w },
		words: named(int(elevator.ModeNormal), int(elevator.ModeOccupantEvacuation), func(i int) elevator.Mode { return elevator.Mode(i) }),
	}
	groupModeParameter = parameter{
		name: "MODE", set: func(c *Command, w string) { c.Mode = w },
		words: named(int(elevator.GroupNormal), int(elevator.GroupUpPeak), func(i int) elevator.GroupMode { return elevator.GroupMode(i) }),
	}
	faultParameter = parameter{
		name: "FAULT", set: func(c *Command, w string) { c.Fault = w },
		words: named(int(elevator.FaultController), int(elevator.FaultOverload), func(i int) elevator.Fault { return elevator.Fault(i) }),
	}
	callParameter = parameter{
		name: "up|down|TO", words: func(s *site) []string { return append([]string{"up", "down"}, floorNames(s)...) },
		set: func(c *Command, w string) {
			if w == "up" || w == "down" {
				c.Direction = w
			} else {
				c.To = w
			}
		},
	}
	dispatcherParameter = parameter{name: "NAME", set: func(c *Command, w string) { c.Dispatcher = w }}
)

func optional(p parameter) parameter {
	p.optional = true
	return p
}

// verbs are the commands of the operators' API.
func verbs() []verb {
	return []verb{
		{name: "acknowledge", help: "let a car's latched faults clear", parameters: []parameter{carParameter}},
		{name: "car-call", help: "press a button in a car", parameters: []parameter{carParameter, floorParameter}},
		{name: "car-mode", help: "change how a car is operated", parameters: []parameter{carParameter, modeParameter, optional(floorParameter)}, danger: modeDanger},
		{name: "clear-car-calls", help: "put out car calls, of one car or all", parameters: []parameter{optional(carParameter)}, danger: func(*Command) string { return "People aboard must press their floors again." }},
		{name: "clear-landing-calls", help: "put out landing calls that nobody waits for", parameters: []parameter{optional(floorParameter)}},
		{name: "dispatcher", help: "let another algorithm assign landing calls", parameters: []parameter{dispatcherParameter}},
		{name: "fault", help: "raise or clear a fault, as a drill", parameters: []parameter{carParameter, faultParameter, onParameter}, danger: faultDanger},
		{name: "group-mode", help: "change the traffic mode of the group", parameters: []parameter{groupModeParameter}, danger: func(c *Command) string {
			if c.Mode == elevator.GroupEmergencyPower.String() {
				return "All cars change to emergency power."
			}
			return ""
		}},
		{name: "landing-call", help: "press a button at a landing", parameters: []parameter{floorParameter, callParameter}},
		{name: "lock-floor", help: "refuse calls from and to a floor", parameters: []parameter{floorParameter, onParameter}, danger: func(c *Command) string {
			if c.On {
				return "Nobody gets to or from floor " + c.Floor + " by lift."
			}
			return ""
		}},
		{name: "park", help: "send an idle car somewhere", parameters: []parameter{carParameter, optional(floorParameter)}},
	}
}

// modeDanger says what leaving the group means for people.
func modeDanger(c *Command) string {
	if mode, ok := elevator.ParseMode(c.Mode); ok && mode.InGroup() {
		return ""
	}
	return fmt.Sprintf("Car %s leaves the group: %s.", c.Car, c.Mode)
}

func faultDanger(c *Command) string {
	if !c.On {
		return ""
	}
	return fmt.Sprintf("Car %s stops for the fault %s.", c.Car, c.Fault)
}

// parseCommand reads a command line for the site's building. The danger is the
// sentence to confirm; it is empty for commands that strand nobody.
func parseCommand(s *site, line string) (c Command, danger string, err error) {
	words := strings.Fields(line)
	all := verbs()
	i := slices.IndexFunc(all, func(v verb) bool { return v.name == words[0] })
	if i < 0 {
		return c, "", fmt.Errorf("%q is no command; tab shows them", words[0])
	}
	v := &all[i]
	c.Name = v.name
	rest := words[1:]
	for _, p := range v.parameters {
		if len(rest) == 0 {
			if p.optional {
				break
			}
			return c, "", fmt.Errorf("usage: %s", v.usage())
		}
		if p.words != nil && !slices.Contains(p.words(s), rest[0]) {
			return c, "", fmt.Errorf("%s: %q is no %s", v.name, rest[0], p.name)
		}
		p.set(&c, rest[0])
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return c, "", fmt.Errorf("usage: %s", v.usage())
	}
	if v.danger != nil {
		danger = v.danger(&c)
	}
	return c, danger, nil
}

// usage is the form of the command.
func (v *verb) usage() string {
	text := v.name
	for _, p := range v.parameters {
		if p.optional {
			text += " [" + p.name + "]"
		} else {
			text += " " + p.name
		}
	}
	return text
}

// completions returns the words that may follow those already typed.
func completions(s *site, typed []string) []string {
	var words []string
	for _, v := range verbs() {
		if len(typed) == 0 {
			words = append(words, v.name)
			continue
		}
		if v.name == typed[0] && len(typed)-1 < len(v.parameters) {
			if p := v.parameters[len(typed)-1]; p.words != nil {
				return p.words(s)
			}
		}
	}
	return words
}

// requestID returns a name for one command that no other has.
func requestID() string { return rand.Text() }
