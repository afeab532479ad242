package gotaskbench_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"elevator/internal/gotask/gotaskbench"
)

const childArgument = "gotaskbench-child"

// TestMain makes the test binary the cluster and the executors when it is started as such.
func TestMain(m *testing.M) {
	if len(os.Args) < 2 || os.Args[1] != childArgument {
		goleak.VerifyTestMain(m)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := gotaskbench.Child(ctx, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func config(t testing.TB) gotaskbench.Config {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return gotaskbench.Config{Child: []string{binary, childArgument}, Master: os.Getenv("ELEVATOR_TEST_MASTER")}
}

func run(t testing.TB, c gotaskbench.Config) gotaskbench.Result {
	t.Helper()
	r, err := gotaskbench.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	if err := r.WriteText(&table); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", &table)
	return r
}

func TestLaunchAndScale(t *testing.T) {
	c := config(t)
	c.Master = "" // the benchmark is for other masters
	c.Only, c.ScaleFor = []string{"launch", "scale"}, 200*time.Millisecond
	r := run(t, c)
	if r.Launch.Ratio <= 0 || r.HeapKiB <= 0 || r.HeapKiB > 16 {
		t.Errorf("launch %+v, %.1f KiB for a task", r.Launch, r.HeapKiB)
	}
	if len(r.Scale) != 1 || r.Scale[0].Sent != 4000 || r.Scale[0].P99 <= 0 || r.Scale[0].EnvelopesIn == 0 {
		t.Errorf("scale %+v", r.Scale)
	}
	if c := r.Scale[0].Cores; c.Scheduler <= 0 || c.Executors <= 0 || c.Cluster <= 0 || c.Machine < c.Scheduler || c.Of == 0 {
		t.Errorf("cores %+v", c)
	}
}

// TestScaleForAMinute needs the machine for itself.
func TestScaleForAMinute(t *testing.T) {
	if os.Getenv("ELEVATOR_SOAK") == "" || raceDetector {
		t.Skip("only in a soak, and without the race detector")
	}
	c := config(t)
	c.Master = ""
	c.Only, c.ScaleFor = []string{"scale"}, time.Minute
	if s := run(t, c).Scale[0]; s.P99 >= 100*time.Millisecond {
		t.Errorf("the 99th percentile is %v, want less than 100 ms", s.P99)
	}
}

func TestBadConfig(t *testing.T) {
	for want, c := range map[string]gotaskbench.Config{
		"Child is empty":      {},
		`measurement "speed"`: {Child: []string{"x"}, Only: []string{"speed"}},
	} {
		if _, err := gotaskbench.Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Run returned %v, want %q", err, want)
		}
	}
	if err := gotaskbench.Child(t.Context(), []string{"cluster"}); err == nil || !strings.Contains(err.Error(), "cluster AGENTS") {
		t.Errorf("Child returned %v", err)
	}
}

// BenchmarkGotask is the whole suite; GOTASKBENCH_ONLY chooses measurements.
func BenchmarkGotask(b *testing.B) {
	c := config(b)
	c.Knee = true
	if only := os.Getenv("GOTASKBENCH_ONLY"); only != "" {
		c.Only = strings.Split(only, ",")
	}
	if os.Getenv("ELEVATOR_SOAK") != "" {
		c.ScaleFor = time.Minute
	}
	for b.Loop() {
		r := run(b, c)
		b.ReportMetric(r.RoundTrip.Ratio, "roundtrip-ratio")
		b.ReportMetric(r.Throughput.Ratio, "throughput-ratio")
		b.ReportMetric(r.Launch.Ratio, "launch-ratio")
		b.ReportMetric(r.HeapKiB, "KiB/task")
	}
}
