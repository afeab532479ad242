package sim

import (
	"fmt"
	"io"
	"text/tabwriter"

	"elevator/internal/elevator/stats"
)

// Row is what one dispatcher made of a trial: means over the seeds with their
// 95 % intervals.
type Row struct {
	Dispatcher string         `json:"dispatcher"`
	WaitS      stats.Interval `json:"wait_s"`
	WaitSquare stats.Interval `json:"wait_square_s2"`
	SystemS    stats.Interval `json:"time_to_destination_s"`
	P95S       stats.Interval `json:"wait_p95_s"`
	Over30     stats.Interval `json:"over_30_ratio"`
	Over60     stats.Interval `json:"over_60_ratio"`
	MaxS       float64        `json:"wait_max_s"` // over all seeds
	Metres     stats.Interval `json:"metres"`
	Starts     stats.Interval `json:"starts"`
	Saturated  int            `json:"saturated"`            // of how many seeds the queue grew
	Against    stats.Interval `json:"wait_against_first_s"` // paired difference from the first row's wait
}

// Published is a row of another's table, for comparison.
type Published struct {
	Name       string  `json:"name"`
	WaitS      float64 `json:"wait_s"`
	WaitSquare float64 `json:"wait_square_s2"`
	SystemS    float64 `json:"time_to_destination_s"`
	Over60     float64 `json:"over_60_ratio"`
}

// Table compares dispatchers over one trial.
type Table struct {
	Name         string      `json:"name"`
	About        string      `json:"about"`
	Replications int         `json:"replications"`
	Rows         []Row       `json:"rows"`
	Published    []Published `json:"published,omitempty"`
}

// newRow summarizes the seeds of one dispatcher; first holds those of the
// table's first row.
func newRow(name string, results, first []stats.Result) Row {
	each := func(results []stats.Result, figure func(*stats.Result) float64) []float64 {
		values := make([]float64, len(results))
		for i := range results {
			values[i] = figure(&results[i])
		}
		return values
	}
	estimate := func(figure func(*stats.Result) float64) stats.Interval {
		return stats.Estimate(each(results, figure))
	}
	wait := func(r *stats.Result) float64 { return r.WaitS.Mean }
	row := Row{
		Dispatcher: name,
		WaitS:      estimate(wait),
		WaitSquare: estimate(func(r *stats.Result) float64 { return r.WaitS.MeanSquare }),
		SystemS:    estimate(func(r *stats.Result) float64 { return r.TimeToDestinationS.Mean }),
		P95S:       estimate(func(r *stats.Result) float64 { return r.WaitS.P95 }),
		Over30:     estimate(func(r *stats.Result) float64 { return r.WaitS.Over30Ratio }),
		Over60:     estimate(func(r *stats.Result) float64 { return r.WaitS.Over60Ratio }),
		Metres:     estimate(func(r *stats.Result) float64 { return r.Cars.Metres }),
		Starts:     estimate(func(r *stats.Result) float64 { return float64(r.Cars.Starts) }),
		Against:    stats.Difference(each(results, wait), each(first, wait)),
	}
	for i := range results {
		row.MaxS = max(row.MaxS, results[i].WaitS.Max)
		if results[i].Saturated {
			row.Saturated++
		}
	}
	return row
}

// WriteText writes the table for people to read. A row of which at least half
// the seeds saturated shows that instead of means.
func (t *Table) WriteText(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%s: %s (%d replications, means ± 95 %%)\n", t.Name, t.About, t.Replications); err != nil {
		return err
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tab, "dispatcher\twait s\tsquared\tsystem s\tp95\t>30 s %\t>60 s %\tmax\tkm\tstarts\twait against first\t")
	for i := range t.Rows {
		r := &t.Rows[i]
		if 2*r.Saturated >= t.Replications {
			fmt.Fprintf(tab, "%s\tSATURATED\t\t\t\t\t\t\t\t\t\t\n", r.Dispatcher)
			continue
		}
		fmt.Fprintf(tab, "%s\t%.2f ± %.2f\t%.0f ± %.0f\t%.2f ± %.2f\t%.1f\t%.1f\t%.2f\t%.0f\t%.1f\t%.0f\t%+.2f ± %.2f\t\n",
			r.Dispatcher, r.WaitS.Mean, r.WaitS.HalfWidth, r.WaitSquare.Mean, r.WaitSquare.HalfWidth,
			r.SystemS.Mean, r.SystemS.HalfWidth, r.P95S.Mean, 100*r.Over30.Mean, 100*r.Over60.Mean, r.MaxS,
			r.Metres.Mean/1000, r.Starts.Mean, r.Against.Mean, r.Against.HalfWidth)
	}
	for _, p := range t.Published {
		fmt.Fprintf(tab, "published %s\t%.1f\t%.0f\t%.1f\t\t\t%.2f\t\t\t\t\t\n", p.Name, p.WaitS, p.WaitSquare, p.SystemS, 100*p.Over60)
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}
