package deploy

import (
	"encoding/json"
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

func grafanaChecks() []check {
	const building = "grafana/dashboards/elevator-building.json"
	return []check{
		{
			name: "dashboards", tool: "Grafana's schema in its foundation SDK (module tools), the rules of its dashboard linter, promtool check rules for every query",
			files: []string{"grafana/dashboards/*.json", "tools/dashboardcheck/*.go"},
			run:   checkDashboards,
			mutants: append(dashboardMutants(), []mutant{
				{building, `"editable": false`, `"editable": true`, "editable"},
				{building, `"unit": "s"`, `"unit": ""`, "unit"},
				{building, `"uid": "${datasource}"`, `"uid": "prometheus"`, "${datasource}"},
				{building, `"title": "Wait"`, `"title": ""`, "title"},
				{building, `elevator_passengers_riding{job=~\"$job\",`, `elevator_passengers_riding{`, "$job"},
				{building, "[$__rate_interval]", "[5m]", "$__rate_interval"},
				{building, "elevator_passengers_waiting", "elevator_passengers_queueing", "elevator_passengers_queueing"},
				{building, `sum by (building) (elevator_passengers_waiting`, `sum by (building) elevator_passengers_waiting`, "parse error"},
				{building, `"refresh": 2`, `"refresh": 0`, "refresh"},
				{building, `"uid": "elevator-building"`, `"uid": "building"`, "uid"},
				{building, `"x": 8,`, `"x": 9,`, "overlap"},
				{building, `"reduceOptions"`, `"reduceOption"`, "unexpected field 'reduceOption'"},
				{building, `"type": "timeseries"`, `"type": "timeline"`, "timeline"},
				{"tools/dashboardcheck/main.go", "timeseries.VariantConfig(),", "", "timeseries"},
			}...),
		},
		{
			name: "grafana provisioning", tool: "strict decoding",
			files: []string{"grafana/provisioning/datasources/*.yml", "grafana/provisioning/dashboards/*.yml"},
			run:   checkProvisioning,
			mutants: []mutant{
				{"grafana/provisioning/datasources/prometheus.yml", "isDefault:", "default:", "field default not found"},
				{"grafana/provisioning/dashboards/elevator.yml", "path: /var/lib/grafana/dashboards/elevator", "path: /srv", "stack.yaml"},
			},
		},
	}
}

// dashboardMutants breaks the queries of every dashboard.
func dashboardMutants() []mutant {
	files, _ := filepath.Glob("grafana/dashboards/*.json") // the pattern is well-formed
	var list []mutant
	for _, file := range files {
		list = append(list, mutant{filepath.ToSlash(file), `"expr": "`, `"expr": "sum by (`, "parse error"})
	}
	return list
}

// dashboard is what the linter looks at in a dashboard's JSON.
type dashboard struct {
	UID        string   `json:"uid"`
	ID         *int     `json:"id"`
	Title      string   `json:"title"`
	Tags       []string `json:"tags"`
	Editable   bool     `json:"editable"`
	Panels     []panel  `json:"panels"`
	Templating struct {
		List []struct {
			Name       string          `json:"name"`
			Label      string          `json:"label"`
			Type       string          `json:"type"`
			Query      json.RawMessage `json:"query"`
			Multi      bool            `json:"multi"`
			IncludeAll bool            `json:"includeAll"`
			AllValue   string          `json:"allValue"`
			Refresh    int             `json:"refresh"`
			Datasource datasource      `json:"datasource"`
		} `json:"list"`
	} `json:"templating"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type panel struct {
	Type        string     `json:"type"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Datasource  datasource `json:"datasource"`
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
	Targets []struct {
		Datasource datasource `json:"datasource"`
		Expr       string     `json:"expr"`
		RefID      string     `json:"refId"`
	} `json:"targets"`
}

func readDashboards(root string) (map[string]*dashboard, error) {
	names, err := filepath.Glob(filepath.Join(root, "grafana/dashboards/*.json"))
	if err != nil {
		return nil, err
	}
	dashboards := make(map[string]*dashboard)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		d := new(dashboard)
		if err := json.Unmarshal(data, d); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		dashboards[filepath.Base(name)] = d
	}
	return dashboards, nil
}

func checkDashboards(t *testing.T, root string) error {
	dashboards, err := readDashboards(root)
	if err != nil {
		return err
	}
	var expressions []string
	for file, d := range dashboards {
		if err := lintDashboard(file, d); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				expressions = append(expressions, target.Expr)
			}
		}
	}
	if len(expressions) < 50 {
		return fmt.Errorf("found only %d queries", len(expressions))
	}
	if err := parseQueries(t, expressions); err != nil {
		return err
	}
	if err := checkQueries(root, nil, expressions); err != nil {
		return err
	}
	return checkSchema(t, root)
}

// checkSchema has Grafana's own library read the files.
func checkSchema(t *testing.T, root string) error {
	files, err := filepath.Glob(filepath.Join(mustAbs(root), "grafana/dashboards/*.json"))
	if err != nil {
		return err
	}
	checker, err := buildTool(t, root, "dashboardcheck")
	if err != nil {
		return err
	}
	_, err = tool(t, root, checker, files...)
	return err
}

// filled replaces Grafana's variables, so that promtool can parse a query.
var filled = strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h", "$job", ".+", "$instance", ".+")

// parseQueries has promtool parse the expressions as rules of a temporary file.
func parseQueries(t *testing.T, expressions []string) error {
	type recording struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	type group struct {
		Name  string      `yaml:"name"`
		Rules []recording `yaml:"rules"`
	}
	g := group{Name: "queries"}
	for i, expr := range expressions {
		g.Rules = append(g.Rules, recording{fmt.Sprintf("query:%d", i), filled.Replace(expr)})
	}
	data, err := yaml.Marshal(map[string][]group{"groups": {g}})
	if err != nil {
		return err
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "queries.yml"), data, 0o644); err != nil {
		return err
	}
	_, err = tool(t, dir, "promtool", "check", "rules", "queries.yml")
	return err
}

// lintDashboard applies the rules of Grafana's dashboard linter, and that
// panels do not overlap.
func lintDashboard(file string, d *dashboard) error {
	switch {
	case d.UID+".json" != file:
		return fmt.Errorf("uid %q: want the file's name, so that links to it stay", d.UID)
	case d.ID != nil:
		return errors.New("want no id: each Grafana gives its own")
	case d.Title == "" || !slices.Contains(d.Tags, "elevator"):
		return errors.New("want a title and the tag elevator")
	case d.Editable:
		return errors.New("editable: want false, the file is the original")
	}
	if err := lintVariables(d); err != nil {
		return err
	}
	grid := make(map[[2]int]string)
	for i := range d.Panels {
		p := &d.Panels[i]
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, taken := grid[[2]int{x, y}]; taken || x >= 24 {
					return fmt.Errorf("panels %q and %q overlap, or one is out of the grid", p.Title, other)
				}
				grid[[2]int{x, y}] = p.Title
			}
		}
		if err := lintPanel(p); err != nil {
			return fmt.Errorf("panel %q: %w", p.Title, err)
		}
	}
	return nil
}

func lintVariables(d *dashboard) error {
	want := []string{"datasource", "job", "instance"}
	for i, name := range want {
		if i >= len(d.Templating.List) || d.Templating.List[i].Name != name {
			return fmt.Errorf("want the variables %v, in this order", want)
		}
		v := &d.Templating.List[i]
		switch {
		case v.Label == "":
			return fmt.Errorf("variable %s: want a label", name)
		case name == "datasource":
			if v.Type != "datasource" || string(v.Query) != `"prometheus"` {
				return errors.New("variable datasource: want the type datasource and the query prometheus")
			}
		case v.Type != "query" || v.Datasource.UID != "${datasource}":
			return fmt.Errorf("variable %s: want a query to ${datasource}", name)
		case !v.Multi || !v.IncludeAll || v.AllValue != ".+":
			return fmt.Errorf("variable %s: want many values, and .+ for all", name)
		case v.Refresh != 2:
			return fmt.Errorf("variable %s: refresh %d: want 2, when the time range changes", name, v.Refresh)
		}
	}
	return nil
}

var fixedWindow = regexp.MustCompile(`(?:rate|increase)\([^\[]*\[([^\]]*)\]`)

func lintPanel(p *panel) error {
	switch {
	case p.Title == "":
		return errors.New("want a title")
	case p.Type == "row":
		return nil
	case p.Description == "":
		return errors.New("want a description")
	case p.FieldConfig.Defaults.Unit == "":
		return errors.New("want a unit")
	case p.Datasource.UID != "${datasource}":
		return errors.New("want the data source ${datasource}")
	case len(p.Targets) == 0 || len(p.Targets) > 5:
		return fmt.Errorf("%d queries: want 1 to 5", len(p.Targets))
	}
	for _, target := range p.Targets {
		if target.Datasource.UID != "${datasource}" {
			return errors.New("query: want the data source ${datasource}")
		}
		for _, m := range selector.FindAllStringSubmatch(target.Expr, -1) {
			for _, matcher := range []string{`job=~"$job"`, `instance=~"$instance"`} {
				if !strings.Contains(m[2], matcher) {
					return fmt.Errorf("%s: want %s among its labels", m[1], matcher)
				}
			}
		}
		for _, m := range fixedWindow.FindAllStringSubmatch(quoted.ReplaceAllString(target.Expr, `""`), -1) {
			if m[1] != "$__rate_interval" && m[1] != "$__range" {
				return fmt.Errorf("window of %s: want $__rate_interval, or $__range in a total", m[1])
			}
		}
	}
	return nil
}

func checkProvisioning(_ *testing.T, root string) error {
	var sources struct {
		APIVersion  int `yaml:"apiVersion"`
		Datasources []struct {
			Name      string         `yaml:"name"`
			UID       string         `yaml:"uid"`
			Type      string         `yaml:"type"`
			Access    string         `yaml:"access"`
			URL       string         `yaml:"url"`
			IsDefault bool           `yaml:"isDefault"`
			Editable  bool           `yaml:"editable"`
			JSONData  map[string]any `yaml:"jsonData"`
		} `yaml:"datasources"`
	}
	if err := readYAML(filepath.Join(root, "grafana/provisioning/datasources/prometheus.yml"), &sources); err != nil {
		return err
	}
	var providers struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Name                  string `yaml:"name"`
			Type                  string `yaml:"type"`
			Folder                string `yaml:"folder"`
			FolderUID             string `yaml:"folderUid"`
			DisableDeletion       bool   `yaml:"disableDeletion"`
			AllowUIUpdates        bool   `yaml:"allowUiUpdates"`
			UpdateIntervalSeconds int    `yaml:"updateIntervalSeconds"`
			Options               struct {
				Path string `yaml:"path"`
			} `yaml:"options"`
		} `yaml:"providers"`
	}
	if err := readYAML(filepath.Join(root, "grafana/provisioning/dashboards/elevator.yml"), &providers); err != nil {
		return err
	}
	if len(sources.Datasources) != 1 || sources.Datasources[0].Type != "prometheus" || len(providers.Providers) != 1 {
		return errors.New("want one data source of type prometheus and one provider")
	}
	stack, err := os.ReadFile(filepath.Join(root, "compose/stack.yaml"))
	if err != nil {
		return err
	}
	if where := providers.Providers[0].Options.Path; !strings.Contains(string(stack), "dashboards:"+where+":") {
		return fmt.Errorf("dashboards are read from %s, where compose/stack.yaml mounts none", where)
	}
	return nil
}
