package deploy

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// oftenEmpty are queries that find nothing while all is well, or while nobody
// gives commands.
var oftenEmpty = regexp.MustCompile(`== 1$|> 0$|result="error"|elevator_api_commands_total|elevator_journal_`)

// TestDashboardsShowData has a real Prometheus scrape a real scheduler with the
// rules of this folder, and runs every query of every dashboard against it.
func TestDashboardsShowData(t *testing.T) {
	t.Parallel()
	scheduler := startScheduler(t)
	prometheus := startPrometheus(t, scheduler, "prometheus/rules")
	dashboards, err := readDashboards(".")
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(map[string]string) // by query: which panel
	for file, d := range dashboards {
		for _, panel := range d.Panels {
			for _, target := range panel.Targets {
				expr := strings.NewReplacer("$__rate_interval", "20s", "$__range", "1m", "$job", ".+", "$instance", ".+").Replace(target.Expr)
				if !oftenEmpty.MatchString(target.Expr) {
					waiting[expr] = file + ": " + panel.Title
				}
			}
		}
	}
	deadline := time.After(90 * time.Second)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for len(waiting) > 0 {
		for expr := range waiting {
			found, err := prometheus.query(expr)
			if err != nil {
				t.Fatalf("%s\n%s: %v", waiting[expr], expr, err)
			}
			if len(found) > 0 {
				delete(waiting, expr)
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			for expr, where := range waiting {
				t.Errorf("%s shows nothing of a running building:\n%s", where, expr)
			}
			return
		}
	}
	checkRulesHealthy(t, prometheus)
}

// checkRulesHealthy wants every rule to be evaluated without error, and no
// critical alert to fire for a building in which all is well.
func checkRulesHealthy(t *testing.T, prometheus *prometheusServer) {
	t.Helper()
	var answer struct {
		Data struct {
			Groups []struct {
				Rules []struct {
					Name      string            `json:"name"`
					Health    string            `json:"health"`
					LastError string            `json:"lastError"`
					State     string            `json:"state"`
					Labels    map[string]string `json:"labels"`
				} `json:"rules"`
			} `json:"groups"`
		} `json:"data"`
	}
	if err := prometheus.ask("/api/v1/rules", &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Data.Groups) < 5 {
		t.Fatalf("Prometheus has %d groups of rules", len(answer.Data.Groups))
	}
	for _, g := range answer.Data.Groups {
		for _, r := range g.Rules {
			if r.Health != "ok" {
				t.Errorf("rule %s: %s %s", r.Name, r.Health, r.LastError)
			}
			if r.State == "firing" && r.Labels["severity"] == "critical" {
				t.Errorf("alert %s fires for a building in which all is well", r.Name)
			}
		}
	}
}
