package chaos

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// table counts strikes, and how long it took after each until all was normal
// again. It may be used by several rounds at once.
type table struct {
	mu      sync.Mutex
	names   []string // of faults, as they came first
	most    map[string]time.Duration
	took    map[string][]time.Duration
	carried int
	events  int
}

func newTable() *table {
	return &table{most: make(map[string]time.Duration), took: make(map[string][]time.Duration)}
}

func (t *table) strike(f fault, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.took[f.name]; !known {
		t.names = append(t.names, f.name)
	}
	t.most[f.name] = f.most
	t.took[f.name] = append(t.took[f.name], took)
}

func (t *table) judged(j *programtest.Judgement) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.carried += j.Carried
	t.events += j.Events
}

// enough is how many strikes say something about a fault: a single one also
// measures what else the machine has to do.
const enough = 5

// check holds the median recovery of each fault against what is allowed.
func (t *table) check(tb testing.TB) {
	tb.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, took := range t.took {
		if len(took) < enough {
			continue
		}
		if median := slices.Sorted(slices.Values(took))[len(took)/2]; median > t.most[name] {
			tb.Errorf("%s: the median recovery takes %v, allowed are %v", name, median, t.most[name])
		}
	}
}

// String is the table in Markdown.
func (t *table) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var b strings.Builder
	strikes := 0
	fmt.Fprintf(&b, "| fault | strikes | recovery, median | worst | allowed |\n| --- | --- | --- | --- | --- |\n")
	for _, name := range t.names {
		took := slices.Sorted(slices.Values(t.took[name]))
		strikes += len(took)
		fmt.Fprintf(&b, "| %s | %d | %.2f s | %.2f s | %.0f s |\n", name, len(took),
			took[len(took)/2].Seconds(), took[len(took)-1].Seconds(), t.most[name].Seconds())
	}
	fmt.Fprintf(&b, "%d strikes, %d passengers carried, %d events judged\n", strikes, t.carried, t.events)
	return b.String()
}
