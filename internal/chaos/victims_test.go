package chaos

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// turns counts how often each of some names had its turn.
type turns map[string]int

// next draws a name, and nobody a second time before all had their first turn.
func (t turns) next(r *rand.Rand, names []string) string {
	for _, name := range names {
		t[name] += 0 // who never has a turn is known, too
	}
	fewest := t[slices.MinFunc(names, func(a, b string) int { return t[a] - t[b] })]
	waiting := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return t[name] > fewest })
	return draw(r, waiting)
}

// victims knows by name who has been struck, and by which faults, so that
// everybody and everything has a turn. It belongs to the goroutine of its test.
type victims struct {
	faults turns
	struck map[deed]turns // of those who can suffer it
	now    []string       // what the strike of the moment has done to whom
}

// deed is what is done to a victim.
type deed string

const (
	killed   deed = "killed"
	frozen   deed = "frozen"
	cutOff   deed = "cut off"
	stuck    deed = "stuck"
	mistimed deed = "given another time" // its machine's clock was set
)

func newVictims() *victims {
	return &victims{faults: make(turns), struck: map[deed]turns{killed: {}, frozen: {}, cutOff: {}, stuck: {}, mistimed: {}}}
}

// fault draws the next fault.
func (v *victims) fault(r *rand.Rand, faults []fault) fault {
	var names []string
	for _, f := range faults {
		names = append(names, f.name)
	}
	name := v.faults.next(r, names)
	v.faults[name]++
	return faults[slices.Index(names, name)]
}

// next draws who is struck, of those of a kind who can be.
func (v *victims) next(r *rand.Rand, how deed, kind string, names []string) (name string) {
	named := make(map[string]string)
	for _, name := range names {
		named[kind+" "+name] = name
	}
	whom := v.struck[how].next(r, slices.Sorted(maps.Keys(named)))
	v.strike(how, whom)
	return named[whom]
}

// strike notes that somebody is struck.
func (v *victims) strike(how deed, name string) {
	v.struck[how][name]++
	v.now = append(v.now, fmt.Sprintf("%s %s", name, how))
}

// mention returns what has been done to whom since the last mention, in
// parentheses, or nothing.
func (v *victims) mention() string {
	if len(v.now) == 0 {
		return ""
	}
	defer func() { v.now = nil }()
	return " (" + strings.Join(v.now, ", ") + ")"
}

// everybody fails the test unless everybody who can be killed was killed at
// least so often.
func (v *victims) everybody(t testing.TB, times int) {
	t.Helper()
	for name, n := range v.struck[killed] {
		if n < times {
			t.Errorf("%s was killed %d times, was to be at least %d times", name, n, times)
		}
	}
}

// String says for each victim how often it was struck, a line each.
func (v *victims) String() string {
	var b strings.Builder
	for _, how := range []deed{killed, frozen, cutOff, stuck, mistimed} {
		for _, name := range slices.Sorted(maps.Keys(v.struck[how])) {
			fmt.Fprintf(&b, "%s: %s %d times\n", name, how, v.struck[how][name])
		}
	}
	return b.String()
}

func TestTurns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	v, names := newVictims(), []string{"1", "2", "3"}
	for round := range 5 {
		for range names {
			v.next(r, killed, "master", names)
		}
		for _, name := range names {
			if n := v.struck[killed]["master "+name]; n != round+1 {
				t.Fatalf("master %s was struck %d times after %d rounds", name, n, round+1)
			}
		}
	}
	v.strike(killed, "master 3") // who leads has no choice
	if first, second := v.next(r, killed, "master", names), v.next(r, killed, "master", names); first == "3" || second == "3" || first == second {
		t.Errorf("master 3 was struck out of turn, %s and %s are next", first, second)
	}
}
