package sim

import (
	"math"
	"os"
	"testing"

	"elevator/internal/elevator/dispatch"
)

func entries(t testing.TB, names ...string) []dispatch.Entry {
	t.Helper()
	var list []dispatch.Entry
	for _, name := range names {
		entry, ok := dispatch.ByName(name)
		if !ok {
			t.Fatalf("no dispatcher %q", name)
		}
		list = append(list, entry)
	}
	return list
}

// The model is the one of the literature when cars without a group control do
// as well as those that were published.
func TestCritesBartoGate(t *testing.T) {
	tables, err := CritesBarto(t.Context(), 30, entries(t, "uncoordinated", "eta"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range tables {
		if testing.Verbose() {
			if err := tables[i].WriteText(os.Stdout); err != nil {
				t.Fatal(err)
			}
		}
	}
	row := tables[0].Rows[0]
	if math.Abs(row.WaitS.Mean/19.9-1) > 0.05 {
		t.Errorf("uncoordinated: wait %.2f s, want 19.9 s ± 5 %%", row.WaitS.Mean)
	}
	if math.Abs(row.SystemS.Mean/47.2-1) > 0.05 {
		t.Errorf("uncoordinated: system time %.2f s, want 47.2 s ± 5 %%", row.SystemS.Mean)
	}
}
