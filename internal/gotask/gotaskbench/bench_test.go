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

// BenchmarkGotask is the whole suite; GOTASKBENCH_ONLY chooses measurements, GOTASKBENCH_KNEE seeks the knee.
func BenchmarkGotask(b *testing.B) {
	c := config(b)
	c.Knee = os.Getenv("GOTASKBENCH_KNEE") != ""
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
