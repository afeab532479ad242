package stats

import (
	"encoding/json"
	"math"
	"testing"
)

// What looks like a mean in the JSON is one.
func TestJSONHasNoMeansOfASaturatedRun(t *testing.T) {
	r := Result{
		Passengers: 9, Carried: 4, Saturated: true,
		WaitS:    Wait{Mean: 100, P50: 90, P90: 300, P95: 350, Max: 400, MeanSquare: 20000, Over30Ratio: 0.9, Over60Ratio: 0.8},
		TransitS: Transit{Mean: 20, P95: 40}, TimeToDestinationS: Destination{Mean: 120, P95: 400, Max: 430},
		Cars: Cars{Starts: 3, Metres: 30.5}, SimulatedS: 1800, ElapsedS: 0.5,
	}
	const want = `{"passengers":9,"carried":4,"saturated":true,"transit_s":{"mean":20,"p95":40},` +
		`"cars":{"starts":3,"metres":30.5},"simulated_s":1800,"elapsed_s":0.5,` +
		`"wait_s":{"mean":null,"p50":null,"p90":null,"p95":null,"max":400,"mean_square":null,"over_30_ratio":null,"over_60_ratio":null},` +
		`"time_to_destination_s":{"mean":null,"p95":null,"max":430}}`
	for _, v := range []any{r, &r, struct{ Result }{r}} {
		got, err := json.Marshal(v)
		if err != nil || string(got) != want {
			t.Errorf("%s, %v\nwant %s", got, err, want)
		}
	}
	var back Result
	if err := json.Unmarshal([]byte(want), &back); err != nil || back.WaitS.Max != 400 || !math.IsNaN(back.WaitS.Mean) || !math.IsNaN(back.TimeToDestinationS.P95) {
		t.Errorf("read back as %+v, %v; want the longest wait and no mean", back, err)
	}
	if again, err := json.Marshal(back); err != nil || string(again) != want {
		t.Errorf("written again as %s, %v\nwant %s", again, err, want)
	}
}

func TestJSONOfNoEstimate(t *testing.T) {
	for _, tc := range []struct {
		interval Interval
		want     string
	}{
		{Interval{}, "null"},
		{Interval{Mean: 4, HalfWidth: 12.5, N: 2}, `{"mean":4,"half_width":12.5,"n":2}`},
	} {
		if got, err := json.Marshal(tc.interval); err != nil || string(got) != tc.want {
			t.Errorf("%+v: %s, %v; want %s", tc.interval, got, err, tc.want)
		}
	}
}
