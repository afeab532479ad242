// Package building reads and writes building files: what an elevator group
// serves and how its cars move, as strict YAML.
//
// A file becomes a tree of YAML nodes, the tree an elevator.Building in which
// what the file leaves out has its default, and Building.Validate, which owns
// the rules of what is possible, has the last word. On the way the parser
// remembers the line of every key, so that each error says file, line, key,
// what was found and what was expected.
//
// The functions have no state; a Building is never changed after it was
// returned.
package building

import (
	"embed"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// The buildings of the benchmarks. Each file says what it stands for.
//
//go:embed files/*.yaml
var files embed.FS

// maxFileBytes bounds what Parse looks at; 256 floors and 64 cars need less
// than a tenth of it.
const maxFileBytes = 1 << 20

// ReadFile reads and parses the building file at path.
func ReadFile(path string) (*elevator.Building, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read building file: %w", err)
	}
	return Parse(path, data)
}

// Named returns the building embedded under that name; Names lists them. An
// unknown name is an error that lists them too.
func Named(name string) (*elevator.Building, error) {
	file := name + ".yaml"
	data, err := files.ReadFile(path.Join("files", file))
	if err != nil {
		return nil, fmt.Errorf("no building is named %.40q; there are %s", name, strings.Join(Names(), ", "))
	}
	return Parse(file, data)
}

// Names lists the embedded buildings in alphabetical order.
func Names() []string {
	entries, err := files.ReadDir("files")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// Builtin returns the building used where no file is given: floors 1 to 8 of
// 3.6 m with the main terminal at 1 and 40 people on each floor above, served
// by cars A to D of 10 persons (750 kg) at 1.6 m/s.
func Builtin() *elevator.Building {
	const floors, heightM = 8, 3.6
	b := withDefaults(elevator.SCurve)
	b.Name = "Built-in"
	b.Motion.SpeedMps = 1.6
	elevation := 0.0
	for i := range floors {
		f := elevator.Floor{Name: fmt.Sprint(i + 1), ElevationM: elevation, Population: 40}
		if i == 0 {
			f.Population, f.MainTerminal = 0, true
		}
		b.Floors = append(b.Floors, f)
		elevation = elevator.NextElevation(elevation, heightM)
	}
	for _, name := range []string{"A", "B", "C", "D"} {
		b.Cars = append(b.Cars, elevator.CarSpec{Name: name, CapacityPersons: 10, RatedLoadKg: 750, Serves: b.AllFloors()})
	}
	return b
}

// withDefaults returns a building without floors and cars in which everything
// else has its default.
func withDefaults(model elevator.MotionModel) *elevator.Building {
	b := &elevator.Building{
		Transfer: elevator.Transfer{Mean: 1200 * time.Millisecond},
		Load:     elevator.Load{PassengerKg: 75, FullRatio: 1, BypassRatio: 0.8, OverloadRatio: 1.1},
	}
	if model == elevator.FloorTime {
		b.Motion = elevator.Motion{
			Model: elevator.FloorTime, FloorTime: 1450 * time.Millisecond,
			StopOverhead: 5740 * time.Millisecond, TurnTime: time.Second,
		}
		return b
	}
	b.Motion = elevator.Motion{SpeedMps: 2.5, AccelerationMps2: 1, JerkMps3: 1.2, StartDelay: 500 * time.Millisecond}
	b.Doors = elevator.Doors{
		Open: 1800 * time.Millisecond, Close: 2900 * time.Millisecond,
		DwellCarCall: 2 * time.Second, DwellLandingCall: 3 * time.Second,
	}
	return b
}

// erlangDefaults are the transfer times of Crites and Barto (1996).
func erlangDefaults() elevator.Transfer {
	return elevator.Transfer{
		Distribution: elevator.ErlangTransfer, Mean: time.Second, K: 20,
		Min: 600 * time.Millisecond, Max: 6 * time.Second,
	}
}
