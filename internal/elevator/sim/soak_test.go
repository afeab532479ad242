package sim

import (
	"os"
	"testing"
	"time"

	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

// lookahead keeps the record: in down-peak 12.7 s, 240 s² and 40.4 s at most, and
// 13.3 s and 13.9 s where people also go up; and knowing the future is better
// still.
func TestLookaheadKeepsTheRecord(t *testing.T) {
	if os.Getenv("ELEVATOR_SOAK") == "" {
		t.Skip("ELEVATOR_SOAK is not set")
	}
	tables, err := CritesBarto(t.Context(), Seeds{1001, 30}, entries(t, "lookahead", "lookahead-clairvoyant"))
	if err != nil {
		t.Fatal(err)
	}
	for i, waitS := range []float64{12.7, 13.3, 13.9} {
		row, bound := &tables[i].Rows[0], &tables[i].Rows[1]
		t.Logf("%s: %.2f s, %.0f s², %.2f s", tables[i].Name, row.WaitS.Mean, row.WaitSquare.Mean, row.SystemS.Mean)
		if row.WaitS.Mean > waitS || row.WaitS.Mean < bound.WaitS.Mean {
			t.Errorf("%s: wait %.2f s, want %.1f s at most and no less than the clairvoyant's %.2f s",
				tables[i].Name, row.WaitS.Mean, waitS, bound.WaitS.Mean)
		}
	}
	if down := &tables[0].Rows[0]; down.WaitSquare.Mean > 240 || down.SystemS.Mean > 40.4 {
		t.Errorf("down: %.0f s² and %.2f s, want 240 s² and 40.4 s at most", down.WaitSquare.Mean, down.SystemS.Mean)
	}
}

// Below its handling capacity the destination dispatcher carries three hours of
// up-peak without falling behind: the queue at the terminal has no trend, and
// the third hour's people wait no longer than the second's by more than a
// quarter.
func TestDestinationHoldsForThreeHours(t *testing.T) {
	if os.Getenv("ELEVATOR_SOAK") == "" {
		t.Skip("ELEVATOR_SOAK is not set")
	}
	d := entries(t, "destination")[0]
	b, err := office14For(d)
	if err != nil {
		t.Fatal(err)
	}
	const percent, replications = 24, 16
	trial := Trial{
		Building: b, Duration: 3 * time.Hour, Seeds: Seeds{First: 1, Replications: replications},
		Traffic: traffic.Spec{Profile: "up-peak", RatePercent: percent, Mix: &traffic.Mix{In: 1}},
	}
	type hours struct{ slope, second, third float64 }
	measured, err := Repeat(t.Context(), trial, d, func(c *stats.Collector) hours {
		slope, _ := c.QueueTrend(b.MainTerminal(), capacityFrom, 3*time.Hour)
		return hours{
			slope, c.Between(time.Hour, 2*time.Hour).WaitS.Mean, c.Between(2*time.Hour, 3*time.Hour).WaitS.Mean,
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	var mean hours
	for _, m := range measured {
		mean.slope += m.slope / replications
		mean.second += m.second / replications
		mean.third += m.third / replications
	}
	t.Logf("at %d %%: slope %.3f a minute, wait %.1f s in the second hour, %.1f s in the third", percent, mean.slope, mean.second, mean.third)
	if mean.slope > 0.05 || mean.third > 1.25*mean.second {
		t.Errorf("the queue grows by %.3f a minute; wait %.1f s in the second hour, %.1f s in the third", mean.slope, mean.second, mean.third)
	}
}
