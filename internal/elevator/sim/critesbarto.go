package sim

import (
	"context"
	"fmt"
	"time"

	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/stats"
	"elevator/internal/elevator/traffic"
)

// critesBartoTables are the three experiments of R. Crites and A. Barto,
// "Improving Elevator Performance Using Reinforcement Learning" (NIPS 8, 1996),
// with the results they print (Machine Learning 33, 1998).
var critesBartoTables = []struct {
	name, about, profile string
	published            []Published
}{
	{"down", "down-peak, down traffic only", "crites-barto", []Published{
		{"SECTOR", 21.4, 674, 47.7, 0.0112}, {"DLB", 19.4, 658, 53.2, 0.0274}, {"BASIC HUFF", 19.9, 580, 47.2, 0.0076},
		{"LQF", 19.1, 534, 46.6, 0.0089}, {"HUFF", 16.8, 396, 48.6, 0.0016}, {"FIM", 16.0, 359, 47.9, 0.0011},
		{"ESA/nq", 15.8, 358, 47.7, 0.0012}, {"ESA", 15.1, 338, 47.1, 0.0025}, {"RLd", 14.7, 313, 41.7, 0.0007},
		{"RLp", 14.8, 320, 41.8, 0.0009},
	}},
	{"up2", "down-peak with 2 passengers a minute going up", "crites-barto-up2", []Published{
		{"SECTOR", 27.3, 1252, 54.8, 0.0924}, {"DLB", 21.7, 826, 54.4, 0.0474}, {"BASIC HUFF", 22.0, 756, 51.1, 0.0346},
		{"LQF", 21.9, 732, 50.7, 0.0287}, {"HUFF", 19.6, 608, 50.5, 0.0199}, {"ESA", 18.0, 524, 50.0, 0.0156},
		{"FIM", 17.9, 476, 48.9, 0.0050}, {"RLp", 16.9, 476, 42.7, 0.0153}, {"RLd", 16.9, 468, 42.7, 0.0140},
	}},
	{"up4", "down-peak with 4 passengers a minute going up", "crites-barto-up4", []Published{
		{"SECTOR", 30.3, 1643, 59.5, 0.1350}, {"HUFF", 22.8, 884, 55.3, 0.0510}, {"DLB", 22.6, 880, 55.8, 0.0518},
		{"LQF", 23.5, 877, 53.5, 0.0492}, {"BASIC HUFF", 23.2, 875, 54.7, 0.0494}, {"FIM", 20.8, 685, 53.4, 0.0310},
		{"ESA", 20.1, 667, 52.3, 0.0312}, {"RLd", 18.8, 593, 45.4, 0.0240}, {"RLp", 18.6, 585, 45.7, 0.0249},
	}},
}

// CritesBarto runs the benchmark crites-barto: every dispatcher over an hour of
// each of the three traffics, then until everybody has arrived. A last table
// repeats the first with stops that cost their 7.19 s on top of the floor times,
// to show how much hangs on that reading.
func CritesBarto(ctx context.Context, replications int, dispatchers []dispatch.Entry) ([]Table, error) {
	var tables []Table
	for _, t := range critesBartoTables {
		table, err := compare(ctx, "crites-barto", t.profile, replications, dispatchers)
		if err != nil {
			return nil, err
		}
		table.Name, table.About, table.Published = t.name, t.about, t.published
		tables = append(tables, table)
	}
	additive, err := compare(ctx, "crites-barto-additive", "crites-barto", replications, dispatchers)
	if err != nil {
		return nil, err
	}
	additive.Name, additive.About = "down-additive", "down-peak, a stop costs 7.19 s on top of the floor times"
	return append(tables, additive), nil
}

func compare(ctx context.Context, buildingName, profile string, replications int, dispatchers []dispatch.Entry) (Table, error) {
	b, err := building.Named(buildingName)
	if err != nil {
		return Table{}, err
	}
	t := Trial{
		Building: b, Traffic: traffic.Spec{Profile: profile}, Duration: time.Hour,
		FirstSeed: 1001, Replications: replications,
	}
	table := Table{Replications: replications}
	var first []stats.Result
	for _, d := range dispatchers {
		results, err := Replicate(ctx, t, d)
		if err != nil {
			return Table{}, fmt.Errorf("%s in %s: %w", d.Name, buildingName, err)
		}
		if first == nil {
			first = results
		}
		table.Rows = append(table.Rows, newRow(d.Name, results, first))
	}
	return table, nil
}
