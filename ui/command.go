package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/operator"
)

// scheduler is what a dashboard asks beside its feeds; *operator.Client is one.
type scheduler interface {
	Assignments(ctx context.Context) (operator.Assignments, error)
	Command(ctx context.Context, c operator.Command) (operator.Result, error)
}

// commandPatience is how long the answer to a command may take.
const commandPatience = 10 * time.Second

// giveTwice gives a command and, where it is not known what came of it, once
// more: the request id lets the scheduler carry it out only once.
func giveTwice(ctx context.Context, to scheduler, c operator.Command) (operator.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, commandPatience)
	defer cancel()
	c.RequestID = operator.NewRequestID()
	result, err := to.Command(ctx, c)
	if _, answered := errors.AsType[*operator.StatusError](err); err == nil || answered || ctx.Err() != nil {
		return result, err
	}
	return to.Command(ctx, c)
}

// splitLine takes a command line apart at its blanks; between quotation marks
// blanks belong to a word.
func splitLine(line string) []string {
	var words []string
	word, inside, quoted := strings.Builder{}, false, false
	for _, r := range line {
		switch {
		case r == '"':
			quoted, inside = !quoted, true
		case r == ' ' && !quoted:
			if inside {
				words = append(words, word.String())
				word.Reset()
			}
			inside = false
		default:
			word.WriteRune(r)
			inside = true
		}
	}
	if inside {
		words = append(words, word.String())
	}
	return words
}

// readCommand reads a command line for the site's building. The danger is the
// sentence to confirm; it is empty for commands that strand nobody.
func readCommand(s *site, line string) (c operator.Command, danger string, err error) {
	words := splitLine(line)
	if c, err = operator.CommandFromWords(words); err != nil {
		return c, "", err
	}
	for i, word := range words[1:] {
		known := fieldWords(s, fieldOf(words[0], i))
		if known != nil && !slices.Contains(known, word) {
			return c, "", fmt.Errorf("%s: there is no %q; tab shows what there is", c.Name, word)
		}
	}
	return c, dangerOf(s, &c), nil
}

// fieldOf returns the field that the i-th word after a command's name is for,
// or "".
func fieldOf(name string, i int) string {
	for _, form := range operator.CommandForms() {
		if form.Name == name {
			if fields := form.Fields(); i < len(fields) {
				return fields[i]
			}
		}
	}
	return ""
}

// fieldWords returns what a field of a command can be; nil where nobody here
// knows.
func fieldWords(s *site, field string) []string {
	switch field {
	case "car":
		return carNames(s)
	case "floor":
		return floorNames(s)
	case "direction|to":
		return append(operator.KnownWords(field), floorNames(s)...)
	case "task":
		return taskNames(s)
	case "alarm":
		return append(alarmNames(s), operator.KnownWords(field)...)
	case "dispatcher":
		return s.dispatchers
	}
	return operator.KnownWords(field)
}

// completions returns the words that may follow those already typed.
func completions(s *site, typed []string) []string {
	var words []string
	if len(typed) > 0 {
		words = fieldWords(s, fieldOf(typed[0], len(typed)-1))
	} else {
		for _, form := range operator.CommandForms() {
			words = append(words, form.Name)
		}
	}
	for i, w := range words {
		if strings.Contains(w, " ") {
			words[i] = `"` + w + `"`
		}
	}
	return words
}

// dangerOf says what a command may do to people as things are; "" for harmless
// ones.
func dangerOf(s *site, c *operator.Command) string {
	on := c.On != nil && *c.On
	switch c.Name {
	case "car-mode":
		if was := s.modeOf(c.Car); was.EndsByHand() && c.Mode != was.String() {
			return fmt.Sprintf("Car %s leaves %v: %s.", c.Car, was, c.Mode)
		}
		if mode, ok := elevator.ParseMode(c.Mode); !ok || !mode.InGroup() {
			return fmt.Sprintf("Car %s leaves the group: %s.", c.Car, c.Mode)
		}
	case "all-cars-mode":
		if fire := s.carsOf(elevator.ModeFireOperation, elevator.ModeEarthquakeOperation); len(fire) > 0 {
			return fmt.Sprintf("Cars %s leave fire or earthquake operation: %s.", strings.Join(fire, " "), c.Mode)
		}
		if mode, ok := elevator.ParseMode(c.Mode); !ok || !mode.InGroup() {
			return fmt.Sprintf("All cars leave the group: %s.", c.Mode)
		}
	case "fault":
		if on {
			return fmt.Sprintf("Car %s stops for the fault %s.", c.Car, c.Fault)
		}
	case "clear-car-calls":
		return "People aboard must press their floors again."
	case "lock-floor":
		if on {
			return "Nobody gets to or from floor " + c.Floor + " by lift."
		}
	case "lock-landing-calls":
		if on {
			return "Nobody at floor " + c.Floor + " can call a car."
		}
	case "lock-car-calls":
		if on {
			return "Nobody gets to floor " + c.Floor + " by lift."
		}
	case "group-mode":
		if c.GroupMode == elevator.GroupEmergencyPower.String() {
			return "All cars change to emergency power."
		}
		if s.group.Mode == elevator.GroupEmergencyPower {
			return "Emergency power ends: the cars go back to service."
		}
	case "restart-task":
		return fmt.Sprintf("Task %s ends and starts anew; its people wait.", c.Task)
	}
	return ""
}

// modeOf returns the mode of the car of that name, or unknown.
func (s *site) modeOf(car string) elevator.Mode {
	if c := s.building.CarByName(car); c != elevator.NoCar {
		return s.group.Cars[c].Mode
	}
	return elevator.ModeUnknown
}

// carsOf returns the names of the cars in one of the modes.
func (s *site) carsOf(modes ...elevator.Mode) []string {
	var list []string
	for c := range s.group.Cars {
		if slices.Contains(modes, s.group.Cars[c].Mode) {
			list = append(list, s.carName(elevator.CarIndex(c)))
		}
	}
	return list
}

func carNames(s *site) []string {
	var list []string
	for i := range s.building.Cars {
		list = append(list, s.building.Cars[i].Name)
	}
	return list
}

// alarmNames returns the names of the alarms that nobody has acknowledged.
func alarmNames(s *site) []string {
	var list []string
	for _, a := range s.sortedAlarms() {
		if !a.Acknowledged && !s.isOwn(&a) && !slices.Contains(list, a.Name) {
			list = append(list, a.Name)
		}
	}
	return list
}

func taskNames(s *site) []string {
	var list []string
	for _, t := range s.tasks() {
		list = append(list, t.Name)
	}
	return list
}

func floorNames(s *site) []string {
	var list []string
	for i := range s.building.Floors {
		list = append(list, s.building.Floors[i].Name)
	}
	return list
}
