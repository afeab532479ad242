package ui

import "elevator/internal/elevator"

// glyphs are the drawing characters. There are two sets: one for terminals
// that speak UTF-8, one of ASCII only. All take one column.
type glyphs struct {
	up, down string
	shaft    string // a floor that the car serves
	track    string // the same in a shaft drawn lengthwise
	carCall  string
	locked   string // a floor for which the car takes no calls
	person   string
	rule     string // a horizontal line
	wall     string // a vertical line between panels
	pointer  string // what is selected
	dot      string // between two words
	arrow    string // from a place to another
	none     string // no value
	more     string // something is cut off
	full     string // of a bar
	sparks   []string
	keys     map[string]string // names of keys that have a sign
}

var unicodeGlyphs = &glyphs{
	up: "▲", down: "▼", shaft: "│", track: "─", carCall: "●", locked: "×", person: "▪", rule: "─", wall: "│", pointer: "▸",
	dot: "·", arrow: "→", none: "–", more: "…", full: "█",
	sparks: []string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	keys:   map[string]string{"left": "←", "right": "→", "up": "↑", "down": "↓"},
}

var asciiGlyphs = &glyphs{
	up: "^", down: "v", shaft: ".", track: "-", carCall: "o", locked: "x", person: "*", rule: "-", wall: "|", pointer: ">",
	dot: "-", arrow: ">", none: "-", more: "~", full: "#",
	sparks: []string{" ", "_", ".", "-", "=", "+", "*", "%", "#"},
}

// key is a key's name on the screen.
func (g *glyphs) key(name string) string {
	if sign, ok := g.keys[name]; ok {
		return sign
	}
	return name
}

// direction is one column: an arrow or a blank.
func (g *glyphs) direction(d elevator.Direction) string {
	switch d {
	case elevator.Up:
		return g.up
	case elevator.Down:
		return g.down
	}
	return " "
}

// doors are the two sides of a car: closed [ ], opening < >, open | |,
// closing > <.
func doorSides(d elevator.DoorState) (left, right string) {
	switch d {
	case elevator.DoorsAreOpening:
		return "<", ">"
	case elevator.DoorsAreOpen:
		return "|", "|"
	case elevator.DoorsAreClosing:
		return ">", "<"
	}
	return "[", "]"
}
