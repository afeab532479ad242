package sim

import (
	"os"
	"testing"
)

// In drawn buildings under drawn traffic eta makes people wait a seventh less
// than the better of two simpler dispatchers, and is worse in no class of cases.
func TestETABeatsSimplerDispatchersInRandomBuildings(t *testing.T) {
	contests, err := Random(t.Context(), Seeds{RandomHeldOut, 200}, entries(t, "eta"))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Verbose() {
		if err := contests.WriteText(os.Stdout); err != nil {
			t.Fatal(err)
		}
	}
	for i := range contests {
		c := &contests[i]
		if c.Worse() {
			t.Errorf("%s: wait %+.1f %%, time to destination %+.1f %%", c.Class, 100*c.Wait.Mean, 100*c.System.Mean)
		}
		if c.Class == "all" && (c.Wait.Mean > -0.15 || c.System.Mean > -0.05) {
			t.Errorf("all cases: wait %+.1f %%, want −15 %%; time to destination %+.1f %%, want −5 %%", 100*c.Wait.Mean, 100*c.System.Mean)
		}
	}
}
