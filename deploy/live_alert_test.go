package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"elevator/internal/operator"
	"elevator/internal/programtest"
)

// TestPrometheusSeesStuckCar has a real Prometheus scrape a running building:
// its targets are up, its cars move, its waits are plausible; a car whose task
// is frozen with somebody inside raises the alarm, which is over when the task
// goes on. The rules are those of this folder with all durations a thirtieth.
func TestPrometheusSeesStuckCar(t *testing.T) {
	t.Parallel()
	scheduler := startScheduler(t)
	prometheus := startPrometheus(t, scheduler, hurriedRules(t))
	const patience = 60 * time.Second

	holds := func(what, expr string, want int) {
		t.Helper()
		programtest.Eventually(t, patience, what+": "+expr, func() bool { return len(ask(t, prometheus, expr)) == want })
	}
	holds("the scheduler and two executors are up", `up{job=~"elevator.*"} == 1`, 3)
	holds("four cars move", `max_over_time(elevator_car_position_meters[10s]) - min_over_time(elevator_car_position_meters[10s]) > 3.6`, 4)
	for _, histogram := range []string{"elevator_wait_seconds", "elevator_transit_seconds", "elevator_time_to_destination_seconds"} {
		checkQuantiles(t, prometheus, histogram)
	}
	if stuck := ask(t, prometheus, `ALERTS{alertname="ElevatorCarStuck",alertstate="firing"}`); len(stuck) > 0 {
		t.Fatalf("an alarm although all is well: %v", stuck)
	}

	executor, cars := freezeBusyCar(t, scheduler)
	firing := fmt.Sprintf(`ALERTS{alertname="ElevatorCarStuck",alertstate="firing",severity="critical",car=~%q}`, strings.Join(cars, "|"))
	programtest.Eventually(t, patience, "the alarm: "+firing, func() bool { return len(ask(t, prometheus, firing)) > 0 })
	if others := ask(t, prometheus, strings.Replace(firing, "car=~", "car!~", 1)); len(others) > 0 {
		t.Errorf("only the cars %v are frozen, but an alarm says %v", cars, others)
	}
	if err := executor.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	holds("the alarm is over", `ALERTS{alertname="ElevatorCarStuck"}`, 0)
	programtest.Eventually(t, patience, "the group is ready again", func() bool { return scheduler.Ready() == nil })
}

func ask(t *testing.T, prometheus *prometheusServer, expr string) []sample {
	t.Helper()
	found, err := prometheus.query(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return found
}

var duration = regexp.MustCompile(`\[(\d+)m\]|for: (\d+)m\b`)

// hurriedRules returns a directory with copies of the rules in which minutes
// are two seconds, and nothing else differs.
func hurriedRules(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"alerts.yml", "recording.yml"} {
		rules, err := os.ReadFile(filepath.Join("prometheus/rules", name))
		if err != nil {
			t.Fatal(err)
		}
		hurried := duration.ReplaceAllStringFunc(string(rules), func(text string) string {
			m := duration.FindStringSubmatch(text)
			minutes, err := strconv.Atoi(m[1] + m[2])
			if err != nil {
				t.Fatal(err)
			}
			return strings.Replace(text, fmt.Sprintf("%dm", minutes), fmt.Sprintf("%ds", 2*minutes), 1)
		})
		if err := os.WriteFile(filepath.Join(dir, name), []byte(hurried), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// checkQuantiles wants the median and the 95th percentile of a histogram above
// zero, in this order, and below the last bound of its buckets.
func checkQuantiles(t *testing.T, prometheus *prometheusServer, histogram string) {
	t.Helper()
	recent := fmt.Sprintf("rate(%s_bucket[20s])", histogram)
	programtest.Eventually(t, time.Minute, histogram+" has grown", func() bool {
		return len(ask(t, prometheus, fmt.Sprintf("increase(%s_count[20s]) > 20", histogram))) == 1
	})
	quantile := func(q string) float64 {
		found := ask(t, prometheus, fmt.Sprintf("histogram_quantile(%s, %s)", q, recent))
		if len(found) != 1 {
			t.Fatalf("quantile %s of %s: %d series, want one", q, histogram, len(found))
		}
		return found[0].value
	}
	// With everything in the bucket +Inf, a quantile is the last bound.
	last := 0.0
	for _, bucket := range ask(t, prometheus, histogram+`_bucket{le!="+Inf"}`) {
		bound, err := strconv.ParseFloat(bucket.labels["le"], 64)
		if err != nil {
			t.Fatal(err)
		}
		last = max(last, bound)
	}
	p50, p95 := quantile("0.5"), quantile("0.95")
	if p50 <= 0 || p50 > p95 || p95 >= last {
		t.Errorf("%s: median %.1f s, 95th percentile %.1f s, last bound %.0f s", histogram, p50, p95, last)
	}
	t.Logf("%s: median %.1f s, 95th percentile %.1f s", histogram, p50, p95)
}

// freezeBusyCar stops the executor of a car in which several car calls are lit,
// and returns it with the names of all cars in it.
func freezeBusyCar(t *testing.T, scheduler *programtest.Program) (programtest.Executor, []string) {
	t.Helper()
	desk, err := operator.NewClient(scheduler.API())
	if err != nil {
		t.Fatal(err)
	}
	defer desk.Close()
	busy := -1
	programtest.Eventually(t, time.Minute, "a car has three car calls", func() bool {
		group, err := desk.Group(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		busy = slices.IndexFunc(group.Cars, func(c operator.CarState) bool { return len(c.CarCalls) >= 3 })
		return busy >= 0
	})
	status, err := scheduler.Status()
	if err != nil {
		t.Fatal(err)
	}
	agentOf := make(map[string]string) // by task
	for _, task := range status.Tasks {
		agentOf[task.Name] = task.Agent.ID
	}
	agent := agentOf[fmt.Sprintf("car-%d", busy)]
	for _, executor := range programtest.Executors(t, scheduler.TempDir) {
		if !strings.Contains(executor.Sandbox, agent) {
			continue
		}
		if err := executor.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = executor.Signal(syscall.SIGCONT) })
		var cars []string
		for i, name := range []string{"A", "B", "C", "D"} {
			if agentOf[fmt.Sprintf("car-%d", i)] == agent {
				cars = append(cars, name)
			}
		}
		return executor, cars
	}
	t.Fatalf("no executor below %s is of agent %s", scheduler.TempDir, agent)
	return programtest.Executor{}, nil
}
