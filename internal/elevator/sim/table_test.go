package sim

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"elevator/internal/elevator/stats"
)

// Of four seeds the queues grew in none, in one, and in two.
func TestTableShowsNoMeanOfASaturatedRow(t *testing.T) {
	seeds := func(saturated int, wait float64) []stats.Result {
		results := make([]stats.Result, 4)
		for i := range results {
			results[i].Saturated = i < saturated
			results[i].WaitS = stats.Wait{Mean: wait + float64(i), MeanSquare: 2 * wait, Max: 3 * wait}
		}
		return results
	}
	base := seeds(0, 20)
	table := Table{Name: "office", About: "lunch", Replications: 4, Baseline: "calm", Rows: []Row{
		newRow("calm", base, base), newRow("busy", seeds(1, 30), base), newRow("swamped", seeds(2, 400), base),
		newRow("held against the swamped", base, seeds(2, 400)),
	}}
	table.Pairwise = []Pair{{"busy", "calm", waitDifference(seeds(1, 30), base)}, {"swamped", "calm", waitDifference(seeds(2, 400), base)}}
	var text strings.Builder
	if err := table.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	const want = `office: lunch (4 replications, means ± 95 %)
                dispatcher        wait s  squared     system s  p95  >30 s %  >60 s %  max   km  starts  wait against calm
                      calm  21.50 ± 2.05   40 ± 0  0.00 ± 0.00  0.0      0.0     0.00   60  0.0       0     +0.00 ± 0.00 s   +0.0 %
                      busy  31.50 ± 2.05   60 ± 0  0.00 ± 0.00  0.0      0.0     0.00   90  0.0       0    +10.00 ± 0.00 s  +46.5 %
                   swamped     SATURATED
  held against the swamped  21.50 ± 2.05   40 ± 0  0.00 ± 0.00  0.0      0.0     0.00   60  0.0       0          SATURATED
office: with busy the queues grew in 1 of 4 replications, so the means hang on how long they went on
office, pairwise differences of the mean waits:
     busy  − calm  +10.00 ± 0.00 s
  swamped  − calm        SATURATED
`
	got := regexp.MustCompile(` +\n`).ReplaceAllString(text.String(), "\n")
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	row, err := json.Marshal(table.Rows[2])
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"wait_s":null`, `"time_to_destination_s":null`, `"over_60_ratio":null`, `"wait_against_baseline_s":null`, `"saturated":2`, `"wait_max_s":1200`} {
		if !strings.Contains(string(row), part) {
			t.Errorf("%s\nwant %s in it", row, part)
		}
	}
}
