package chaos

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"elevator/internal/localmesos/clustertest"
	"elevator/internal/programtest"
)

// footprint is what processes hold, sampled again and again.
type footprint struct {
	mu     sync.Mutex
	series map[series][]float64
}

// series is one quantity of one process.
type series struct {
	process string // "scheduler 123", "executor 456"
	what    string
}

// watch samples the site's scheduler and executors until the test ends or stop
// is called, which waits for it.
func watch(s *site, every time.Duration) (f *footprint, stop func()) {
	f = &footprint{series: make(map[series][]float64)}
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f.sample(s)
			case <-done:
				return
			}
		}
	})
	stop = sync.OnceFunc(func() {
		close(done)
		watching.Wait()
	})
	s.t.Cleanup(stop)
	return f, stop
}

func (f *footprint) sample(s *site) {
	p := s.watched.Load()
	scheduler := fmt.Sprintf("scheduler %d", p.PID())
	if values, err := p.Metrics(); err == nil {
		f.add(scheduler, "goroutines", values["go_goroutines"])
		f.add(scheduler, "live heap, MiB", values["go_memstats_next_gc_bytes"]/2/(1<<20)) // what the last collection left
	}
	f.process(scheduler, p.PID())
	for _, e := range clustertest.Executors(s.t, s.framework) {
		f.process(fmt.Sprintf("executor %d", e.PID), e.PID)
	}
}

// process samples what the kernel knows of a process, if it still lives.
func (f *footprint) process(name string, pid int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return
	}
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		if len(fields) == 0 {
			continue
		}
		n, err := strconv.ParseFloat(fields[0], 64)
		switch {
		case err != nil:
		case key == "VmRSS":
			f.add(name, "resident, MiB", n/1024)
		case key == "Threads":
			f.add(name, "threads", n)
		}
	}
	if open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)); err == nil {
		f.add(name, "descriptors", float64(len(open)))
	}
}

func (f *footprint) add(process, what string, value float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := series{process, what}
	f.series[key] = append(f.series[key], value)
}

const (
	fewestSamples = 120  // of a process whose trend is judged
	parts         = 12   // of a series; the least of each part is its floor
	warmUp        = 3    // parts at the beginning that are not judged
	mostGrowth    = 0.05 // of what is there, and a little, are no growth
)

// little is how much of something may always come or go: a connection that is
// just open, a page of a heap.
var little = map[string]float64{"goroutines": 6, "descriptors": 6, "threads": 6, "live heap, MiB": 1, "resident, MiB": 4}

// trend fits a line to the floors of the parts of a series, which are what a
// garbage collector leaves: how much it grows from the first part judged to the
// last, and the standard error of that.
func trend(values []float64) (first, growth, uncertain float64) {
	var floors []float64
	for part := range parts {
		floors = append(floors, slices.Min(values[part*len(values)/parts:(part+1)*len(values)/parts]))
	}
	floors = floors[warmUp:]
	n := float64(len(floors))
	meanX, meanY := (n-1)/2, 0.0
	for _, y := range floors {
		meanY += y / n
	}
	var xx, xy float64
	for i, y := range floors {
		x := float64(i) - meanX
		xx += x * x
		xy += x * (y - meanY)
	}
	slope := xy / xx
	var residual float64
	for i, y := range floors {
		off := y - meanY - slope*(float64(i)-meanX)
		residual += off * off
	}
	return floors[0], slope * (n - 1), math.Sqrt(residual/(n-2)/xx) * (n - 1)
}

// keptEvent is about what a scheduler holds of an event for its desks, in MiB.
// It holds the last 65,536, so a younger one grows by that.
const keptEvent = 350.0 / (1 << 20)

// flat fails the test where something grows while a process handles so many
// events: by more than twice the standard error, more than a twentieth, and more
// than a little.
func (f *footprint) flat(t testing.TB, events int) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	keys := slices.SortedFunc(func(yield func(series) bool) {
		for key := range f.series {
			if !yield(key) {
				return
			}
		}
	}, func(a, b series) int { return strings.Compare(a.process+a.what, b.process+b.what) })
	for _, key := range keys {
		values := f.series[key]
		if len(values) < fewestSamples {
			continue
		}
		first, growth, uncertain := trend(values)
		t.Logf("%-16s %-14s %6d samples: %7.1f %+6.2f ± %.2f", key.process, key.what, len(values), first, growth, uncertain)
		allowed := max(2*uncertain, mostGrowth*first, little[key.what])
		if strings.HasPrefix(key.process, "scheduler") {
			// The collector lets the heap grow to twice what lives.
			allowed += map[string]float64{"live heap, MiB": 1, "resident, MiB": 2}[key.what] * keptEvent * float64(events)
		}
		if growth > allowed {
			t.Errorf("%s: %s grow from %.1f by %.2f ± %.2f", key.process, key.what, first, growth, uncertain)
		}
	}
}

func TestTrend(t *testing.T) {
	values := make([]float64, 1200)
	for i := range values {
		values[i] = 10 + float64(i%7) // a heap between two collections
	}
	if _, growth, _ := trend(values); math.Abs(growth) > 0.01 {
		t.Errorf("a saw grows by %v", growth)
	}
	for i := range values {
		values[i] += 3 * float64(i) / float64(len(values))
	}
	if _, growth, uncertain := trend(values); math.Abs(growth-2) > 0.2 || uncertain > 0.2 {
		t.Errorf("a quarter of a leak of 3 is a warm-up, the rest is %v ± %v", growth, uncertain)
	}
}

// leftovers fails the test where the run left a file that nobody needs: in the
// temporary directories of its programs, beside the journal, in a sandbox.
func (s *site) leftovers(work string, temporary []string) {
	s.t.Helper()
	for _, dir := range temporary {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			s.t.Errorf("temporary files left: %v, %v", left, err)
		}
	}
	entries, err := os.ReadDir(s.state)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		journal := strings.HasPrefix(name, "journal") && strings.HasSuffix(name, ".ndjson")
		if !journal && !slices.Contains([]string{"framework.json", "settings.json", "lock"}, name) {
			s.t.Errorf("left in the state directory: %s", name)
		}
	}
	sandboxes, err := filepath.Glob(filepath.Join(work, "agent-*/slaves/*/frameworks/*/executors/*/runs/*/*"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, path := range sandboxes {
		if !slices.Contains([]string{"stdout", "stderr", "elevator-executor"}, filepath.Base(path)) {
			s.t.Errorf("left in a sandbox: %s", path)
		}
	}
	programtest.Eventually(s.t, 30*time.Second, "the agents have removed all sandboxes", func() bool {
		frameworks, err := filepath.Glob(filepath.Join(work, "agent-*/slaves/*/frameworks/*"))
		return err == nil && len(frameworks) == 0
	})
}
