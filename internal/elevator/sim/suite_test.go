package sim

import (
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

func entries(t testing.TB, names ...string) []dispatch.Entry {
	t.Helper()
	var list []dispatch.Entry
	for _, name := range names {
		all := slices.Concat(dispatch.All, dispatch.Variants)
		i := slices.IndexFunc(all, func(d dispatch.Entry) bool { return d.Name == name })
		if i < 0 {
			t.Fatalf("no dispatcher %q", name)
		}
		list = append(list, all[i])
	}
	return list
}

// The model is the one of the literature when cars without a group control do
// as well as those that were published. In it eta beats every published row in
// every figure.
func TestCritesBartoGate(t *testing.T) {
	tables, err := CritesBarto(t.Context(), Seeds{1001, 30}, entries(t, "uncoordinated", "eta"))
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
	for _, table := range tables {
		eta := table.Rows[1]
		for _, p := range table.Published {
			if eta.WaitS.Mean >= p.WaitS || eta.WaitSquare.Mean >= p.WaitSquare || eta.SystemS.Mean >= p.SystemS {
				t.Errorf("%s: eta %.2f s, %.0f s², %.2f s; published %s: %.1f, %.0f, %.1f", table.Name,
					eta.WaitS.Mean, eta.WaitSquare.Mean, eta.SystemS.Mean, p.Name, p.WaitS, p.WaitSquare, p.SystemS)
			}
		}
	}
}

// A conventional group that fills its cars to 13 people carries what the round
// trip calculation says, 15.07 % of the population in five minutes, to a tenth;
// passengers who name their floor at the landing let it carry 1.6 times as much,
// and 1.4 times as much while they wait no longer than half a minute.
func TestHandlingCapacityOfOffice14(t *testing.T) {
	var percent [2]float64
	for i, d := range entries(t, "eta", "destination") {
		b, err := office14For(d)
		if err != nil {
			t.Fatal(err)
		}
		c, err := HandlingCapacity(t.Context(), b, d, Seeds{1, 4})
		if err != nil {
			t.Fatal(err)
		}
		percent[i] = c.Percent
		t.Logf("%s: %.2f %% (%.2f to %.2f)", d.Name, c.Percent, c.Low, c.High)
	}
	if math.Abs(percent[0]/15.07-1) > 0.10 {
		t.Errorf("conventional: %.2f %%, want 15.07 %% ± a tenth", percent[0])
	}
	if percent[1] < 1.6*percent[0] {
		t.Errorf("destination: %.2f %%, want 1.6 times the conventional %.2f %% at least", percent[1], percent[0])
	}
	d := entries(t, "destination")[0]
	b, err := office14For(d)
	if err != nil {
		t.Fatal(err)
	}
	results, err := Replicate(t.Context(), Trial{
		Building: b, Duration: time.Hour, From: capacityFrom, Seeds: Seeds{1, 8},
		Traffic: traffic.Spec{Profile: "up-peak", RatePercent: 1.4 * percent[0], Mix: &traffic.Mix{In: 1}},
	}, d)
	if err != nil {
		t.Fatal(err)
	}
	wait := stats.Estimate(each(results, meanWait))
	t.Logf("destination at %.2f %%: wait %.1f ± %.1f s", 1.4*percent[0], wait.Mean, wait.HalfWidth)
	if wait.Mean > 30 {
		t.Errorf("destination at 1.4 times the conventional capacity: wait %.1f s, want 30 s at most", wait.Mean)
	}
}
