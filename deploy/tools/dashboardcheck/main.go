// Command dashboardcheck reads dashboards by the schema that Grafana generates its
// own libraries from: an unknown key, a wrong type or a value that the schema does
// not have, in a dashboard, its variables, its panels or their queries, is an error
// and exit code 1. What is absent Grafana fills in.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/heatmap"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/statetimeline"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// panels are the kinds of panels that the dashboards use.
var panels = []variants.PanelcfgConfig{
	bargauge.VariantConfig(), heatmap.VariantConfig(), stat.VariantConfig(),
	statetimeline.VariantConfig(), table.VariantConfig(), timeseries.VariantConfig(),
}

func main() {
	runtime := cog.NewRuntime()
	for _, p := range panels {
		runtime.RegisterPanelcfgVariant(p)
	}
	runtime.RegisterDataqueryVariant(prometheus.VariantConfig())
	for _, path := range os.Args[1:] {
		if err := check(path); err != nil {
			fmt.Fprintf(os.Stderr, "dashboardcheck: %s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func check(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := withoutAbsent(new(dashboard.Dashboard).UnmarshalJSONStrict(data)); err != nil {
		return err
	}
	var d dashboard.Dashboard // of which the strict reading leaves out what lacks a field
	if err := json.Unmarshal(data, &d); err != nil {
		return err
	}
	for _, p := range d.Panels {
		if p.Panel != nil && !slices.ContainsFunc(panels, func(known variants.PanelcfgConfig) bool { return known.Identifier == p.Panel.Type }) {
			return fmt.Errorf("panel of type %q: none of those whose options are checked", p.Panel.Type)
		}
	}
	return d.Validate()
}

// withoutAbsent drops what the library says of fields that are absent.
func withoutAbsent(err error) error {
	var all cog.BuildErrors
	if !errors.As(err, &all) {
		return err
	}
	all = slices.DeleteFunc(all, func(e *cog.BuildError) bool { return strings.HasPrefix(e.Message, "required field is missing") })
	if len(all) == 0 {
		return nil
	}
	return all
}
