package operator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"elevator/internal/elevator"
)

const longestID = 64 // characters of a request id

// parseCommand reads a command. It is strict: a field that is unknown, given
// twice, empty or of another type is an error that names it, and so is
// anything but one object.
func parseCommand(body []byte) (Command, error) {
	var c Command
	if !utf8.Valid(body) {
		return c, errors.New("the body is no UTF-8 text")
	}
	in := json.NewDecoder(bytes.NewReader(body))
	if err := expect(in, json.Delim('{')); err != nil {
		return c, err
	}
	var given []string
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return c, badJSON(err)
		}
		field, _ := token.(string)
		if slices.Contains(given, field) {
			return c, fmt.Errorf("field %.40q is given twice", field)
		}
		given = append(given, field)
		if err := c.read(in, field); err != nil {
			return c, err
		}
	}
	if err := expect(in, json.Delim('}')); err != nil {
		return c, err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return c, errors.New("something follows the JSON object")
	}
	return c, nil
}

func expect(in *json.Decoder, want json.Delim) error {
	token, err := in.Token()
	switch {
	case err != nil:
		return badJSON(err)
	case token != want:
		return errors.New(`the body is no JSON object; want {"request_id": …, "command": …}`)
	}
	return nil
}

func badJSON(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("the body is no JSON: %w", err)
}

// read reads the value of one field.
func (c *Command) read(in *json.Decoder, field string) error {
	value, err := in.Token()
	if err != nil {
		return badJSON(err)
	}
	if field == "on" {
		on, ok := value.(bool)
		if !ok {
			return errors.New(`field "on" is neither true nor false`)
		}
		c.On = &on
		return nil
	}
	to := c.text(field)
	if to == nil {
		return fmt.Errorf("field %.40q is unknown; want request_id, command, %s", field, strings.Join(commandFields, ", "))
	}
	text, ok := value.(string)
	if !ok || text == "" {
		return fmt.Errorf("field %q is no text with something in it", field)
	}
	*to = text
	return nil
}

// check returns what is wrong with the command for this building, or nil: 400
// for what no building could carry out, 404 for a car or floor that this one
// does not have, 409 for what its landings cannot do.
func (c *Command) check(b *elevator.Building) *StatusError {
	if err := c.checkForm(); err != nil {
		return &StatusError{Status: http.StatusBadRequest, Sentence: err.Error()}
	}
	if err := c.checkWords(); err != nil {
		return &StatusError{Status: http.StatusBadRequest, Sentence: err.Error()}
	}
	if c.Car != "" && b.CarByName(c.Car) == elevator.NoCar {
		return &StatusError{Status: http.StatusNotFound, Sentence: fmt.Sprintf("car %.40q: the building has none of that name", c.Car)}
	}
	for _, name := range []string{c.Floor, c.To} {
		if name != "" && b.FloorByName(name) == elevator.NoFloor {
			return &StatusError{Status: http.StatusNotFound, Sentence: fmt.Sprintf("floor %.40q: the building has none of that name", name)}
		}
	}
	if reason := c.checkLanding(b); reason != "" {
		return &StatusError{Status: http.StatusConflict, Sentence: reason}
	}
	return nil
}

// checkForm checks that the fields are those that the command takes.
func (c *Command) checkForm() error {
	if err := checkRequestID(c.RequestID); err != nil {
		return err
	}
	if c.Name == "" {
		return errors.New("field command is missing")
	}
	form, err := formOf(c.Name)
	if err != nil {
		return err
	}
	var taken []string
	for _, field := range form.Fields() {
		taken = append(taken, strings.Split(field, "|")...)
	}
	for _, field := range commandFields {
		if c.has(field) && !slices.Contains(taken, field) {
			return fmt.Errorf("command %s takes no %s; want %s", c.Name, field, form.Usage())
		}
	}
	for _, field := range form.Required {
		given := 0
		for name := range strings.SplitSeq(field, "|") {
			if c.has(name) {
				given++
			}
		}
		if given != 1 {
			return fmt.Errorf("command %s needs %s; want %s", c.Name, strings.ReplaceAll(field, "|", " or "), form.Usage())
		}
	}
	return nil
}

func checkRequestID(id string) error {
	if id == "" {
		return errors.New("field request_id is missing; want a text that no other command has, and the same again when a command is sent again")
	}
	if len(id) > longestID || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("request_id %.70q: want 1 to %d printable ASCII characters without blanks", id, longestID)
	}
	return nil
}

// checkWords checks the fields that take one of some words.
func (c *Command) checkWords() error {
	if c.Direction != "" && c.Direction != elevator.Up.String() && c.Direction != elevator.Down.String() {
		return fmt.Errorf("direction %.40q: want up or down", c.Direction)
	}
	if c.Mode != "" {
		if mode, ok := elevator.ParseMode(c.Mode); !ok || mode == elevator.ModeUnknown {
			return fmt.Errorf("mode %.40q is no BACnet car mode; want one such as %v or %v", c.Mode, elevator.ModeNormal, elevator.ModeOutOfService)
		}
	}
	if c.GroupMode != "" {
		if mode, ok := elevator.ParseGroupMode(c.GroupMode); !ok || mode == elevator.GroupUnknown {
			return fmt.Errorf("group_mode %.40q is no BACnet group mode; want one such as %v or %v", c.GroupMode, elevator.GroupNormal, elevator.GroupUpPeak)
		}
	}
	if c.Doors != "" {
		if _, ok := elevator.ParseDoorCommand(c.Doors); !ok {
			return fmt.Errorf("doors %.40q is no BACnet door command; want open, close or none", c.Doors)
		}
	}
	if c.Fault != "" {
		if fault, ok := elevator.ParseFault(c.Fault); !ok || fault == elevator.NoFault {
			return fmt.Errorf("fault %.40q is no BACnet fault signal; want one such as %v", c.Fault, elevator.FaultDoorClosing)
		}
	}
	return nil
}

// checkLanding returns why no landing has the button that a landing call would
// press, or nothing.
func (c *Command) checkLanding(b *elevator.Building) string {
	if c.Direction == "" && c.To == "" {
		return ""
	}
	floor := b.FloorByName(c.Floor)
	destination := b.DestinationAt(floor)
	switch {
	case c.To == c.Floor:
		return fmt.Sprintf("floor %s is no destination from itself", c.Floor)
	case c.To != "" && !destination:
		return fmt.Sprintf("the landing of floor %s has up and down buttons; name a direction", c.Floor)
	case c.Direction != "" && destination:
		return fmt.Sprintf("the landing of floor %s has a destination panel; name the floor to go to", c.Floor)
	case c.Direction == elevator.Up.String() && int(floor) == len(b.Floors)-1:
		return fmt.Sprintf("floor %s is the highest and has no up button", c.Floor)
	case c.Direction == elevator.Down.String() && floor == 0:
		return fmt.Sprintf("floor %s is the lowest and has no down button", c.Floor)
	}
	return ""
}
