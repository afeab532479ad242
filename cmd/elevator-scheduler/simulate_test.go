package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"elevator/internal/elevator/sim"
	"elevator/internal/elevator/stats"
	"elevator/internal/programtest"
)

// simulated runs simulate and returns its statistics.
func simulated(t *testing.T, args ...string) stats.Result {
	t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"simulate", "--format", "json"}, args...)
	if code := perform(t.Context(), args, streams{out: &out, err: &errs}); code != 0 {
		t.Fatalf("simulate %v: exit code %d: %s", args, code, errs.String())
	}
	var r stats.Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// The same building, traffic and seed give the same journal byte for byte.
func TestSimulateIsRepeatable(t *testing.T) {
	dir := t.TempDir()
	var journals [][]byte
	for i := range 3 {
		path := filepath.Join(dir, fmt.Sprint(i))
		simulated(t, "--traffic", "two-way:30%", "--duration", "30m", "--seed", "7", "--journal", path)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		journals = append(journals, data)
		programtest.Judge(t, path, 0).Whole(t)
	}
	if !bytes.Equal(journals[0], journals[1]) || !bytes.Equal(journals[0], journals[2]) {
		t.Error("three runs with the same inputs wrote different journals")
	}
	other := filepath.Join(dir, "other")
	simulated(t, "--traffic", "two-way:30%", "--duration", "30m", "--seed", "8", "--journal", other)
	if data, err := os.ReadFile(other); err != nil || bytes.Equal(data, journals[0]) {
		t.Errorf("another seed gives the same journal (%v)", err)
	}
}

// What is lost by running on a cluster instead of in virtual time is little:
// over three traces the mean waits agree. What is late counts from when it was
// said, so people are left behind only by a car that has closed its doors or
// passed their floor in the milliseconds a message takes.
func TestLiveAgreesWithSimulation(t *testing.T) {
	t.Parallel()
	const traces = 3
	var live, virtual [traces]float64
	t.Run("traces", func(t *testing.T) {
		for i := range traces {
			t.Run(fmt.Sprint(i+1), func(t *testing.T) {
				t.Parallel()
				live[i], virtual[i] = meanWaits(t, uint64(i))
			})
		}
	})
	got, want := 0.0, 0.0
	for i := range traces {
		t.Logf("trace %d: mean wait %.2f s live, %.2f s simulated", i+1, live[i], virtual[i])
		got, want = got+live[i]/traces, want+virtual[i]/traces
	}
	if tolerance := max(0.1*want, 1); math.Abs(got-want) > tolerance {
		t.Errorf("mean wait %.2f s live, %.2f s simulated, want at most %.2f s between them", got, want, tolerance)
	}
}

// meanWaits plays a trace on a cluster and in a simulation and returns the mean wait
// in each, in seconds.
func meanWaits(t *testing.T, seed uint64) (live, virtual float64) {
	dir := t.TempDir()
	trace := filepath.Join(dir, "trace.csv")
	writeTrace(t, trace, seed)
	want := simulated(t, "--traffic", trace)
	journal := filepath.Join(dir, "journal.ndjson")
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--state-dir", dir, "--journal", journal,
		"--speed", "10", "--traffic", trace)
	if code := p.Wait(120 * time.Second); code != 0 {
		t.Fatalf("exit code %d: %s", code, p.Stderr())
	}
	programtest.Judge(t, journal, 0).Whole(t)
	return waitOf(t, journal), want.WaitS.Mean
}

// writeTrace writes five minutes of people who go anywhere from anywhere, five at
// a time. The building comes to rest before the next five come: otherwise one
// person who is left behind by a moment is the beginning of another story, with
// other waits for everybody, as often shorter as longer.
func writeTrace(t *testing.T, path string, seed uint64) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	var b bytes.Buffer
	b.WriteString("time_s,from,to\n")
	for party := 0.0; party < 300; party += 55 {
		at := party
		for range 5 {
			at += random.ExpFloat64() * 2
			from := 1 + random.IntN(8)
			to := 1 + (from+random.IntN(7))%8
			fmt.Fprintf(&b, "%.3f,%d,%d\n", at, from, to)
		}
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// waitOf returns the mean wait that a journal tells of.
func waitOf(t *testing.T, path string) float64 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(map[int]float64)
	var sum float64
	var n int
	for line := range bytes.Lines(data) {
		var e struct {
			T         float64 `json:"t"`
			Event     string  `json:"event"`
			Passenger int     `json:"passenger"`
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		switch e.Event {
		case "passenger_arrived":
			arrived[e.Passenger] = e.T
		case "passenger_boarded":
			sum += e.T - arrived[e.Passenger]
			n++
		}
	}
	if n == 0 {
		t.Fatal("nobody boarded")
	}
	return sum / float64(n)
}

// An interrupt ends a simulation that takes long.
func TestSimulateIsInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var out, errs bytes.Buffer
	code := perform(ctx, []string{"simulate", "--duration", "24h"}, streams{out: &out, err: &errs})
	if code != exitFailed || out.Len() > 0 || !strings.Contains(errs.String(), "given up") {
		t.Errorf("exit code %d, output %q, errors %q; want 1 and a sentence", code, out.String(), errs.String())
	}
}

// A queue that grows has no mean wait, so none is printed.
func TestSimulateSaysSaturated(t *testing.T) {
	var out, errs bytes.Buffer
	if code := perform(t.Context(), []string{"simulate", "--traffic", "two-way:80%"}, streams{out: &out, err: &errs}); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for line := range strings.Lines(out.String()) {
		saturated := strings.HasPrefix(line, "wait ") || strings.HasPrefix(line, "time to destination ")
		if saturated != strings.Contains(line, "SATURATED") {
			t.Errorf("%s", line)
		}
	}
}

// Whoever has not been carried when a run ends has waited until then.
func TestSimulateCountsTheWaitOfThoseLeft(t *testing.T) {
	dir := t.TempDir()
	slow := filepath.Join(dir, "slow.yaml")
	err := os.WriteFile(slow, []byte(`floors: [{count: 3, height_m: 1000, first: 1, population: 40}]
cars: [{name: A, capacity_persons: 1}]
motion: {model: s-curve, speed_mps: 0.1}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(dir, "trace.csv")
	if err := os.WriteFile(trace, []byte("time_s,from,to\n10,3,1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := perform(t.Context(), []string{"simulate", "--building", slow, "--traffic", trace, "--format", "json"}, streams{out: &out, err: &errs})
	var r stats.Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if code != exitFailed || r.WaitS.Mean != sim.Grace.Seconds() || !strings.Contains(errs.String(), "1 passenger") {
		t.Errorf("exit code %d, mean wait %v s, errors %q; want 1, %v s and a sentence", code, r.WaitS.Mean, errs.String(), sim.Grace.Seconds())
	}
}
