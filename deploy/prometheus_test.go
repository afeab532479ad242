package deploy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func prometheusChecks() []check {
	return []check{
		{
			name: "prometheus configuration", tool: "promtool check config",
			files: []string{"prometheus/prometheus.yml", "prometheus/one-scheduler.yml", "compose/prometheus.yml"},
			run: func(t *testing.T, root string) error {
				_, err := tool(t, root, "promtool", "check", "config", "prometheus/prometheus.yml", "prometheus/one-scheduler.yml", "compose/prometheus.yml")
				return err
			},
			mutants: []mutant{
				{"prometheus/prometheus.yml", "marathon_sd_configs:", "marathon_sd_config:", "marathon_sd_config not found"},
				{"prometheus/prometheus.yml", "action: keep", "action: hold", "unknown relabel action"},
				{"prometheus/prometheus.yml", "rules/*.yml", "rules/none.yml", "none.yml"},
				{"prometheus/one-scheduler.yml", "http_sd_configs", "http_sd_config", "http_sd_config not found"},
				{"compose/prometheus.yml", "scrape_interval: 15s", "scrape_interval: 15", "not a valid duration"},
			},
		},
		{
			name: "rules", tool: "promtool check rules, house rules of names and annotations",
			files: []string{"prometheus/rules/*.yml"},
			run:   checkRules,
			mutants: []mutant{
				{"prometheus/rules/alerts.yml", "min_over_time(elevator_car_calls_pending[5m])", "min_over_time(elevator_car_calls_pending)", "expected type range vector"},
				{"prometheus/rules/alerts.yml", "labels: {severity: critical}", "labels: {severity: terrible}", "severity"},
				{"prometheus/rules/alerts.yml", "elevator/ElevatorLongWaits", "elevator/ElevatorWaits", "runbooks/ElevatorWaits.md"},
				{"prometheus/rules/recording.yml", "record: instance:elevator_cars:count", "record: elevator_cars_count", "level:metric:operations"},
				{"prometheus/rules/alerts.yml", "max_over_time(elevator_mesos_subscribed[1m])", "max_over_time(elevator_subscribed[1m])", "elevator_subscribed"},
				{"prometheus/rules/alerts.yml", `elevator_car_fault{fault!=`, `elevator_car_fault{kind!=`, "no label kind"},
			},
		},
		{
			name: "rule tests", tool: "promtool test rules",
			files: []string{"prometheus/tests/*.yml"},
			run:   checkRuleTests,
			mutants: []mutant{
				{"prometheus/rules/alerts.yml", "> 300", "> 3000", "ElevatorCallsUnanswered"},
				{"prometheus/rules/alerts.yml", "min_over_time(elevator_tasks_silent", "max_over_time(elevator_tasks_silent", "ElevatorTasksSilent"},
				{"prometheus/rules/alerts.yml", "_bucket[10m])) > 0.3", "_bucket[10m])) > 3", "ElevatorJournalSlow"},
				{"prometheus/rules/alerts.yml", `unless ignoring (mode)`, `or ignoring (mode)`, "ElevatorCarStuck"},
				{"prometheus/rules/recording.yml", `le=~"60(\\.0)?"`, `le="60"`, "openmetrics"},
				{"prometheus/tests/recording_test.yml", "exp_samples", "exp_sample", "exp_sample"},
				{"prometheus/tests/alerts_test.yml", "alertname: ElevatorCarFault", "alertname: ElevatorLongWaits", "ElevatorCarFault"},
			},
		},
		{
			name: "alertmanager", tool: "amtool check-config, amtool config routes test",
			files: []string{"alertmanager/alertmanager.yml", "alertmanager/templates/*.tmpl", "compose/alertmanager.yml"},
			run:   checkAlertmanager,
			mutants: []mutant{
				{"alertmanager/alertmanager.yml", "receiver: on-call", "receiver: nobody", "undefined receiver"},
				{"alertmanager/alertmanager.yml", `matchers: [severity="critical"]`, `matchers: [severity="grave"]`, "critical"},
				{"alertmanager/alertmanager.yml", "ElevatorNotSubscribed", "ElevatorUnsubscribed", "ElevatorUnsubscribed"},
				{"alertmanager/alertmanager.yml", "ElevatorJournalSlow", "ElevatorDiskSlow", "ElevatorDiskSlow"},
				{"alertmanager/templates/elevator.tmpl", "{{ end -}}", "{{ -}}", "elevator.tmpl"},
				{"compose/alertmanager.yml", "receivers:", "recipients:", "recipients not found"},
			},
		},
	}
}

// rule is one rule of Prometheus, recording or alerting.
type rule struct {
	Record      string            `yaml:"record"`
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func readRules(root string) ([]rule, error) {
	var rules []rule
	names, err := filepath.Glob(filepath.Join(root, "prometheus/rules/*.yml"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		var file struct {
			Groups []struct {
				Name  string `yaml:"name"`
				Rules []rule `yaml:"rules"`
			} `yaml:"groups"`
		}
		if err := readYAML(name, &file); err != nil {
			return nil, err
		}
		for _, g := range file.Groups {
			rules = append(rules, g.Rules...)
		}
	}
	return rules, nil
}

// readYAML decodes a file into v, strictly.
func readYAML(name string, v any) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

var (
	recordName = regexp.MustCompile(`^(instance|building):[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$`)
	alertName  = regexp.MustCompile(`^Elevator[A-Z][A-Za-z]+$`)
)

func checkRules(t *testing.T, root string) error {
	out, err := tool(t, root, "promtool", "check", "rules", "--lint=all", "--lint-fatal",
		"prometheus/rules/alerts.yml", "prometheus/rules/recording.yml")
	if err != nil {
		return err
	}
	if strings.Contains(out, "duplicate") {
		return errors.New(out)
	}
	rules, err := readRules(root)
	if err != nil {
		return err
	}
	for _, r := range rules {
		if err := checkRule(root, &r); err != nil {
			return fmt.Errorf("%s%s: %w", r.Alert, r.Record, err)
		}
	}
	return checkQueries(root, rules, ruleExpressions(rules))
}

func checkRule(root string, r *rule) error {
	if r.Record != "" {
		if !recordName.MatchString(r.Record) {
			return errors.New("want a name of the form level:metric:operations")
		}
		return nil
	}
	if !alertName.MatchString(r.Alert) {
		return errors.New("want a name like ElevatorLongWaits")
	}
	if s := r.Labels["severity"]; s != "critical" && s != "warning" {
		return fmt.Errorf("severity %q: want critical or warning", s)
	}
	if r.For == "" {
		return errors.New("want a for: of two scrapes or more")
	}
	if r.Annotations["summary"] == "" || strings.Contains(r.Annotations["summary"], "{{") {
		return errors.New("want a summary that is the same for all alerts of the name")
	}
	if r.Annotations["description"] == "" {
		return errors.New("want a description")
	}
	page := "runbooks/" + filepath.Base(r.Annotations["runbook_url"]) + ".md"
	if _, err := os.Stat(filepath.Join(root, page)); err != nil {
		return fmt.Errorf("want the page %s: %w", page, err)
	}
	return nil
}

func ruleExpressions(rules []rule) []string {
	var list []string
	for _, r := range rules {
		list = append(list, r.Expr)
	}
	return list
}

// checkRuleTests runs the tests of the rules, and wants one for every alert
// that sees it fire.
func checkRuleTests(t *testing.T, root string) error {
	if _, err := tool(t, filepath.Join(root, "prometheus/tests"), "promtool", "test", "rules", "alerts_test.yml", "recording_test.yml"); err != nil {
		return err
	}
	tests, err := os.ReadFile(filepath.Join(root, "prometheus/tests/alerts_test.yml"))
	if err != nil {
		return err
	}
	rules, err := readRules(root)
	if err != nil {
		return err
	}
	for _, r := range rules {
		fires := "alertname: " + r.Alert + "\n        exp_alerts:\n          - exp_labels:"
		if r.Alert != "" && !strings.Contains(string(tests), fires) {
			return fmt.Errorf("no test sees %s fire", r.Alert)
		}
	}
	return nil
}

func checkAlertmanager(t *testing.T, root string) error {
	if _, err := tool(t, root, "amtool", "check-config", "alertmanager/alertmanager.yml", "compose/alertmanager.yml"); err != nil {
		return err
	}
	for severity, receiver := range map[string]string{"critical": "on-call", "warning": "operators"} {
		_, err := tool(t, root, "amtool", "config", "routes", "test",
			"--config.file=alertmanager/alertmanager.yml", "--verify.receivers="+receiver, "severity="+severity)
		if err != nil {
			return err
		}
	}
	text, err := os.ReadFile(filepath.Join(root, "alertmanager/alertmanager.yml"))
	if err != nil {
		return err
	}
	rules, err := readRules(root)
	if err != nil {
		return err
	}
	for _, name := range regexp.MustCompile(`Elevator[A-Z]\w+`).FindAllString(string(text), -1) {
		if !slices.ContainsFunc(rules, func(r rule) bool { return r.Alert == name }) {
			return fmt.Errorf("alertmanager.yml names %s, which is no alert", name)
		}
	}
	return nil
}
