package stats

import (
	"encoding/json"
	"math"
)

// saturatedWait and saturatedDestination are written in place of Wait and
// Destination where there is no such mean: the same fields, all null but the
// longest.
type saturatedWait struct {
	Mean        *float64 `json:"mean"`
	P50         *float64 `json:"p50"`
	P90         *float64 `json:"p90"`
	P95         *float64 `json:"p95"`
	Max         float64  `json:"max"`
	MeanSquare  *float64 `json:"mean_square"`
	Over30Ratio *float64 `json:"over_30_ratio"`
	Over60Ratio *float64 `json:"over_60_ratio"`
}

type saturatedDestination struct {
	Mean *float64 `json:"mean"`
	P95  *float64 `json:"p95"`
	Max  float64  `json:"max"`
}

// MarshalJSON writes no figure that would look like a valid mean and is none.
func (r Result) MarshalJSON() ([]byte, error) {
	type valid Result
	if !r.Saturated {
		return json.Marshal(valid(r))
	}
	return json.Marshal(struct {
		valid
		WaitS              saturatedWait        `json:"wait_s"`
		TimeToDestinationS saturatedDestination `json:"time_to_destination_s"`
	}{
		valid(r), saturatedWait{Max: r.WaitS.Max}, saturatedDestination{Max: r.TimeToDestinationS.Max},
	})
}

// UnmarshalJSON reads what MarshalJSON writes. A mean that is not there becomes NaN.
func (r *Result) UnmarshalJSON(data []byte) error {
	type valid Result
	var read valid
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	if read.Saturated {
		nan := math.NaN()
		read.WaitS = Wait{Mean: nan, P50: nan, P90: nan, P95: nan, Max: read.WaitS.Max, MeanSquare: nan, Over30Ratio: nan, Over60Ratio: nan}
		read.TimeToDestinationS = Destination{Mean: nan, P95: nan, Max: read.TimeToDestinationS.Max}
	}
	*r = Result(read)
	return nil
}
