package plot

import (
	"strings"
	"testing"

	"elevator/internal/elevator/stats"
)

// The caption of a run whose queues grew names no mean.
func TestCaptionOfASaturatedRun(t *testing.T) {
	r := stats.Result{Passengers: 90, Carried: 40, Saturated: true, WaitS: stats.Wait{Mean: 100, Max: 400}}
	text := strings.Join(statistics(&r), "\n")
	if strings.Contains(text, "mean") || !strings.Contains(text, "longest wait 400.0 s") {
		t.Errorf("%q; want the longest wait and no mean", text)
	}
	r.Saturated = false
	if text := strings.Join(statistics(&r), "\n"); !strings.Contains(text, "wait mean 100.0 s") {
		t.Errorf("%q; want the mean", text)
	}
}
