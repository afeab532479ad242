package group

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"elevator/internal/elevator"
)

// The files in testdata/rules are the rules of the operators' commands: "as" says
// how things are, and what each command is answered then. Every command is given
// to a group of its own. The building has floors 0 to 7; car A (0) serves all of
// them, car B (1) those up to 4.
func TestRules(t *testing.T) {
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, path string) {
		var standard []string // commands that are tried in every state
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "commands" {
				standard = strings.Split(strings.TrimSpace(d.Input), "\n")
				return ""
			}
			situation, own, _ := strings.Cut(d.Input, "\n?\n")
			commands := standard
			if own != "" {
				commands = strings.Split(strings.TrimSpace(own), "\n")
			}
			var text strings.Builder
			for _, command := range commands {
				c := newControl(t, &datadriven.TestData{CmdArgs: []datadriven.CmdArg{
					{Key: "floors", Vals: []string{"8"}}, {Key: "cars", Vals: []string{"2"}}, {Key: "dispatcher", Vals: []string{"nearest-car"}},
				}})
				for f := elevator.FloorIndex(5); f < 8; f++ {
					c.building.Cars[1].Serves.Remove(f)
				}
				converse(t, c, time.Second, situation)
				fmt.Fprintf(&text, "%-40s %s\n", command, answer(t, c, command))
			}
			return text.String()
		})
	})
}

// answer gives a command and says its result, and what follows in one word.
func answer(t *testing.T, c *Control, command string) string {
	in := parseInput(t, strings.Fields("operator "+command))
	result, told := "not journaled", 0
	for _, out := range c.Step(2*time.Second, &in, nil) {
		switch {
		case out.Event.Kind == elevator.CommandGiven:
			result = out.Event.Detail.Result
		case out.To != Nobody:
			told++
		}
	}
	if result == "not journaled" && told == 0 {
		return "answered as before, and not carried out again"
	}
	if result != Accepted {
		if told > 0 {
			t.Errorf("%s: refused, and yet %d are told something", command, told)
		}
		return "refused: " + result
	}
	return fmt.Sprintf("ok, tells %d", told)
}
