package deploy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func metricsChecks() []check {
	return []check{{
		name: "metrics", tool: "the pages of a running scheduler and executor, promtool check metrics",
		files: []string{"metrics.txt"},
		run:   checkMetrics,
		mutants: []mutant{
			{"metrics.txt", "elevator_car_floor{car} gauge scheduler\n", "", "lacks the line"},
			{"metrics.txt", "elevator_car_floor{car} gauge scheduler\n", "elevator_car_floor{car} gauge scheduler\nelevator_car_storey{car} gauge scheduler\n", "elevator_car_storey{car}"},
			{"metrics.txt", "elevator_car_floor{car} gauge", "elevator_car_floor{car} counter", "elevator_car_floor{car} gauge"},
			{"metrics.txt", "elevator_link_resends_total{} counter scheduler, executor", "elevator_link_resends_total{} counter scheduler", "executor"},
		},
	}}
}

// family is a line of metrics.txt: one metric, and the programs that show it.
type family struct {
	exported
	programs []string
}

func (f family) line(name string) string {
	slices.Sort(f.labels)
	slices.SortFunc(f.programs, func(a, b string) int { return strings.Compare(b, a) })
	return fmt.Sprintf("%s{%s} %s %s", name, strings.Join(f.labels, ","), f.kind, strings.Join(f.programs, ", "))
}

// families returns the project's own metrics as the pages show them.
func families(pages map[string]string) map[string]family {
	all := make(map[string]family)
	for program, page := range pages {
		for name, m := range parseMetrics(page) {
			if !strings.HasPrefix(name, "elevator_") {
				continue
			}
			if m.histogram {
				name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
				m.kind = "histogram"
				m.labels = slices.DeleteFunc(slices.Clone(m.labels), func(l string) bool { return l == "le" })
			}
			f := all[name]
			f.exported = m
			if !slices.Contains(f.programs, program) {
				f.programs = append(f.programs, program)
			}
			all[name] = f
		}
	}
	return all
}

// checkMetrics holds the public list of metrics, which rules, alerts and
// dashboards are written against, to what the programs show. A name may be
// added to it, and none may go.
func checkMetrics(t *testing.T, root string) error {
	p, err := built()
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(root, "metrics.txt"))
	if err != nil {
		return err
	}
	list := strings.Split(strings.TrimSpace(string(data)), "\n")
	var shown []string
	all := families(p.pages)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		shown = append(shown, all[name].line(name))
	}
	for _, line := range shown {
		if !slices.Contains(list, line) {
			return fmt.Errorf("metrics.txt lacks the line\n%s", line)
		}
	}
	for _, line := range list {
		if !slices.Contains(shown, line) {
			return fmt.Errorf("metrics.txt says %s, which is not shown", line)
		}
	}
	for program, page := range p.pages {
		if err := lintMetrics(t, page); err != nil {
			return fmt.Errorf("%s: %w", program, err)
		}
	}
	return nil
}

// lintMetrics has promtool read a page, with promlint's rules.
func lintMetrics(t *testing.T, page string) error {
	file := filepath.Join(t.TempDir(), "page.txt")
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		return err
	}
	_, err := tool(t, "", "sh", "-c", "promtool check metrics < "+file)
	return err
}

var listed = regexp.MustCompile(`(?m)^([a-z_]+)\{([a-z_,]*)\} (counter|gauge|histogram) [a-z, ]+$`)

// listedMetrics returns the metrics of metrics.txt by the names of their
// series.
func listedMetrics(root string) (map[string]exported, error) {
	data, err := os.ReadFile(filepath.Join(root, "metrics.txt"))
	if err != nil {
		return nil, err
	}
	known := make(map[string]exported)
	for _, m := range listed.FindAllStringSubmatch(string(data), -1) {
		e := exported{kind: m[3], labels: strings.Split(m[2], ",")}
		if e.kind != "histogram" {
			known[m[1]] = e
			continue
		}
		e.kind = "counter"
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			known[m[1]+suffix] = e
		}
	}
	return known, nil
}

// TestListOfMetricsIsUnderstood holds the reading of the list against its
// number of lines.
func TestListOfMetricsIsUnderstood(t *testing.T) {
	data, err := os.ReadFile("metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(listed.FindAllString(string(data), -1)), strings.Count(string(data), "\n"); got != want {
		t.Errorf("%d of %d lines are read", got, want)
	}
}
