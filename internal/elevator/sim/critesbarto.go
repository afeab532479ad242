package sim

import (
	"context"
	"time"

	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
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
		printed("SECTOR", 21.4, 674, 47.7, 0.0112),
		printed("DLB", 19.4, 658, 53.2, 0.0274),
		printed("BASIC HUFF", 19.9, 580, 47.2, 0.0076),
		printed("LQF", 19.1, 534, 46.6, 0.0089),
		printed("HUFF", 16.8, 396, 48.6, 0.0016),
		printed("FIM", 16.0, 359, 47.9, 0.0011),
		printed("ESA/nq", 15.8, 358, 47.7, 0.0012),
		printed("ESA", 15.1, 338, 47.1, 0.0025),
		printed("RLd", 14.7, 313, 41.7, 0.0007),
		printed("RLp", 14.8, 320, 41.8, 0.0009),
	}},
	{"up2", "down-peak with 2 passengers a minute going up", "crites-barto-up2", []Published{
		printed("SECTOR", 27.3, 1252, 54.8, 0.0924),
		printed("DLB", 21.7, 826, 54.4, 0.0474),
		printed("BASIC HUFF", 22.0, 756, 51.1, 0.0346),
		printed("LQF", 21.9, 732, 50.7, 0.0287),
		printed("HUFF", 19.6, 608, 50.5, 0.0199),
		printed("ESA", 18.0, 524, 50.0, 0.0156),
		printed("FIM", 17.9, 476, 48.9, 0.0050),
		printed("RLp", 16.9, 476, 42.7, 0.0153),
		printed("RLd", 16.9, 468, 42.7, 0.0140),
	}},
	{"up4", "down-peak with 4 passengers a minute going up", "crites-barto-up4", []Published{
		printed("SECTOR", 30.3, 1643, 59.5, 0.1350),
		printed("HUFF", 22.8, 884, 55.3, 0.0510),
		printed("DLB", 22.6, 880, 55.8, 0.0518),
		printed("LQF", 23.5, 877, 53.5, 0.0492),
		printed("BASIC HUFF", 23.2, 875, 54.7, 0.0494),
		printed("FIM", 20.8, 685, 53.4, 0.0310),
		printed("ESA", 20.1, 667, 52.3, 0.0312),
		printed("RLd", 18.8, 593, 45.4, 0.0240),
		printed("RLp", 18.6, 585, 45.7, 0.0249),
	}},
}

// printed is a row as the papers print it.
func printed(name string, waitS, waitSquare, systemS, over60 float64) Published {
	return Published{Name: name, WaitS: waitS, WaitSquare: waitSquare, SystemS: systemS, Over60: over60}
}

// CritesBarto runs the benchmark crites-barto: every dispatcher over an hour of
// each of the three traffics, then until everybody has arrived. A last table
// repeats the first with stops that cost their 7.19 s on top of the floor times,
// to show how much hangs on that reading.
func CritesBarto(ctx context.Context, seeds Seeds, dispatchers []dispatch.Entry) ([]Table, error) {
	var tables []Table
	run := func(buildingName, profile string, table Table) error {
		b, err := building.Named(buildingName)
		if err != nil {
			return err
		}
		trial := Trial{Building: b, Traffic: traffic.Spec{Profile: profile}, Duration: time.Hour, Seeds: seeds}
		if err := table.replicateAll(ctx, trial, dispatchers, false); err != nil {
			return err
		}
		tables = append(tables, table)
		return nil
	}
	for _, t := range critesBartoTables {
		if err := run("crites-barto", t.profile, Table{Name: t.name, About: t.about, Published: t.published}); err != nil {
			return nil, err
		}
	}
	err := run("crites-barto-additive", "crites-barto", Table{
		Name: "down-additive", About: "down-peak, a stop costs 7.19 s on top of the floor times",
	})
	return tables, err
}
