package sim

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/stats"
)

// Row is what one dispatcher made of a trial: means over the seeds with their
// 95 % intervals. Where at least half of the seeds saturated, there are no means of
// waits and times to destination, nor are other rows compared with them.
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
	Saturated  int            `json:"saturated"`                   // of how many seeds the queue grew
	Against    stats.Interval `json:"wait_against_baseline_s"`     // paired difference from the baseline's wait
	Relative   stats.Interval `json:"wait_against_baseline_ratio"` // the same as a share of the baseline's mean
}

// Published is a row of another's table, for comparison. What that table does
// not give is 0.
type Published struct {
	Name       string  `json:"name"`
	WaitS      float64 `json:"wait_s,omitempty"`
	WaitSquare float64 `json:"wait_square_s2,omitempty"`
	SystemS    float64 `json:"time_to_destination_s,omitempty"`
	P95S       float64 `json:"wait_p95_s,omitempty"`
	Over60     float64 `json:"over_60_ratio"`
}

// Table compares dispatchers over one trial.
type Table struct {
	Name         string      `json:"name"`
	About        string      `json:"about"`
	Replications int         `json:"replications"`
	Baseline     string      `json:"baseline"` // the dispatcher that the others are held against
	Rows         []Row       `json:"rows"`
	Published    []Published `json:"published,omitempty"`
	Pairwise     []Pair      `json:"pairwise,omitempty"` // every dispatcher against every other, where asked for
}

// Pair is the paired difference of the mean waits of two dispatchers, A - B; none
// where one of them saturated.
type Pair struct {
	A           string         `json:"a"`
	B           string         `json:"b"`
	DifferenceS stats.Interval `json:"wait_difference_s"`
}

// baseline is the dispatcher that others are held against where it takes part;
// else the first.
const baseline = "uncoordinated"

// replicateAll runs the trial with every dispatcher and fills in the table's
// baseline and rows. Where pairwise is set, every two are compared as well.
func (t *Table) replicateAll(ctx context.Context, trial Trial, dispatchers []dispatch.Entry, pairwise bool) error {
	t.Replications = trial.Replications
	results := make([][]stats.Result, len(dispatchers))
	base := max(0, slices.IndexFunc(dispatchers, func(d dispatch.Entry) bool { return d.Name == baseline }))
	for i, d := range dispatchers {
		trial.Building = signalled(trial.Building, d)
		var err error
		if results[i], err = Replicate(ctx, trial, d); err != nil {
			return fmt.Errorf("%s: %s: %w", t.Name, d.Name, err)
		}
	}
	for i, d := range dispatchers {
		t.Baseline = dispatchers[base].Name
		t.Rows = append(t.Rows, newRow(d.Name, results[i], results[base]))
		for j := range i {
			if pairwise {
				t.Pairwise = append(t.Pairwise, Pair{d.Name, dispatchers[j].Name, waitDifference(results[i], results[j])})
			}
		}
	}
	return nil
}

// signalled returns the building with the signalling that the dispatcher is made
// for.
func signalled(b *elevator.Building, d dispatch.Entry) *elevator.Building {
	same := *b
	same.Signalling = d.Signalling
	return &same
}

func each(results []stats.Result, figure func(*stats.Result) float64) []float64 {
	values := make([]float64, len(results))
	for i := range results {
		values[i] = figure(&results[i])
	}
	return values
}

func meanWait(r *stats.Result) float64 { return r.WaitS.Mean }

// saturated counts the seeds in which the queue grew.
func saturated(results []stats.Result) int {
	n := 0
	for i := range results {
		if results[i].Saturated {
			n++
		}
	}
	return n
}

// meaningless reports whether so many seeds saturated that there is no mean.
func meaningless(results []stats.Result) bool { return 2*saturated(results) >= len(results) }

// waitDifference is the paired difference of the mean waits, a - b, where both
// mean something.
func waitDifference(a, b []stats.Result) stats.Interval {
	if meaningless(a) || meaningless(b) {
		return stats.Interval{}
	}
	return stats.Difference(each(a, meanWait), each(b, meanWait))
}

// newRow summarizes the seeds of one dispatcher; base holds those of the
// baseline.
func newRow(name string, results, base []stats.Result) Row {
	estimate := func(figure func(*stats.Result) float64) stats.Interval {
		return stats.Estimate(each(results, figure))
	}
	row := Row{
		Dispatcher: name,
		Metres:     estimate(func(r *stats.Result) float64 { return r.Cars.Metres }),
		Starts:     estimate(func(r *stats.Result) float64 { return float64(r.Cars.Starts) }),
		Saturated:  saturated(results),
		Against:    waitDifference(results, base),
	}
	for i := range results {
		row.MaxS = max(row.MaxS, results[i].WaitS.Max)
	}
	if meaningless(results) {
		return row
	}
	row.WaitS = estimate(meanWait)
	row.WaitSquare = estimate(func(r *stats.Result) float64 { return r.WaitS.MeanSquare })
	row.SystemS = estimate(func(r *stats.Result) float64 { return r.TimeToDestinationS.Mean })
	row.P95S = estimate(func(r *stats.Result) float64 { return r.WaitS.P95 })
	row.Over30 = estimate(func(r *stats.Result) float64 { return r.WaitS.Over30Ratio })
	row.Over60 = estimate(func(r *stats.Result) float64 { return r.WaitS.Over60Ratio })
	if mean := stats.Estimate(each(base, meanWait)).Mean; mean > 0 {
		row.Relative = stats.Interval{Mean: row.Against.Mean / mean, HalfWidth: row.Against.HalfWidth / mean, N: row.Against.N}
	}
	return row
}

// WriteText writes the table for people to read. A row of which at least half
// the seeds saturated shows that instead of means; of how many of another's they
// did is told below.
func (t *Table) WriteText(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%s: %s (%d replications, means ± 95 %%)\n", t.Name, t.About, t.Replications); err != nil {
		return err
	}
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(tab, "dispatcher\twait s\tsquared\tsystem s\tp95\t>30 s %%\t>60 s %%\tmax\tkm\tstarts\twait against %s\t\t\n", t.Baseline)
	for i := range t.Rows {
		r := &t.Rows[i]
		if r.WaitS.N == 0 {
			fmt.Fprintf(tab, "%s\tSATURATED\t\t\t\t\t\t\t\t\t\t\t\n", r.Dispatcher)
			continue
		}
		fmt.Fprintf(tab, "%s\t%.2f ± %.2f\t%.0f ± %.0f\t%.2f ± %.2f\t%.1f\t%.1f\t%.2f\t%.0f\t%.1f\t%.0f\t%s\t\n",
			r.Dispatcher, r.WaitS.Mean, r.WaitS.HalfWidth, r.WaitSquare.Mean, r.WaitSquare.HalfWidth,
			r.SystemS.Mean, r.SystemS.HalfWidth, r.P95S.Mean, 100*r.Over30.Mean, 100*r.Over60.Mean, r.MaxS,
			r.Metres.Mean/1000, r.Starts.Mean, r.against())
	}
	for _, p := range t.Published {
		fmt.Fprintf(tab, "published %s\t%s\t%s\t%s\t%s\t\t%s\t\t\t\t\t\t\n", p.Name, given("%.1f", p.WaitS), given("%.0f", p.WaitSquare),
			given("%.1f", p.SystemS), given("%.1f", p.P95S), given("%.2f", 100*p.Over60))
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	for i := range t.Rows {
		if r := &t.Rows[i]; r.WaitS.N > 0 && r.Saturated > 0 {
			fmt.Fprintf(w, "%s: with %s the queues grew in %d of %d replications, so the means hang on how long they went on\n",
				t.Name, r.Dispatcher, r.Saturated, t.Replications)
		}
	}
	if len(t.Pairwise) > 0 {
		fmt.Fprintf(w, "%s, pairwise differences of the mean waits:\n", t.Name)
	}
	for _, p := range t.Pairwise {
		if p.DifferenceS.N == 0 {
			fmt.Fprintf(tab, "%s\t− %s\tSATURATED\t\n", p.A, p.B)
			continue
		}
		fmt.Fprintf(tab, "%s\t− %s\t%+.2f ± %.2f s\t\n", p.A, p.B, p.DifferenceS.Mean, p.DifferenceS.HalfWidth)
	}
	return tab.Flush()
}

// against is the row's two columns that compare it with the baseline.
func (r *Row) against() string {
	if r.Against.N == 0 {
		return "SATURATED\t"
	}
	return fmt.Sprintf("%+.2f ± %.2f s\t%+.1f %%", r.Against.Mean, r.Against.HalfWidth, 100*r.Relative.Mean)
}

// given formats a published figure, or nothing where there is none.
func given(format string, figure float64) string {
	if figure == 0 {
		return ""
	}
	return fmt.Sprintf(format, figure)
}
