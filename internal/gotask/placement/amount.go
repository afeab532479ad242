package placement

import (
	"math"
	"strconv"
	"strings"
)

// Amount is a quantity of a scalar resource in thousandths.
type Amount int64

// maxAmount keeps sums of amounts from overflowing.
const maxAmount = Amount(1) << 52

// AmountOf converts a scalar as Mesos does: to the nearest thousandth, halves away from zero. Values that are not a
// number become 0, huge ones are cut off.
func AmountOf(x float64) Amount {
	if math.IsNaN(x) {
		return 0
	}
	return Amount(math.Round(min(max(x*1000, -float64(maxAmount)), float64(maxAmount))))
}

// Float is the scalar that Mesos converts to this amount.
func (a Amount) Float() float64 { return float64(a) / 1000 }

// String prints the amount without needless zeros: 0.1, 32.
func (a Amount) String() string { return strconv.FormatFloat(a.Float(), 'f', -1, 64) }

// Resources is what a task or an executor needs.
type Resources struct {
	CPUs   Amount
	MemMB  Amount
	DiskMB Amount
	Ports  int // how many
}

// Plus returns the sum.
func (r Resources) Plus(other Resources) Resources {
	return Resources{r.CPUs + other.CPUs, r.MemMB + other.MemMB, r.DiskMB + other.DiskMB, r.Ports + other.Ports}
}

// kind is one kind of resource. The order is that of reports.
type kind int

const (
	cpus kind = iota
	mem
	disk
	ports
	kinds // how many
)

var kindNames = [kinds]string{cpus: "cpus", mem: "mem", disk: "disk", ports: "ports"}

// amounts returns the resources by kind, ports in whole numbers.
func (r Resources) amounts() [kinds]Amount {
	return [kinds]Amount{cpus: r.CPUs, mem: r.MemMB, disk: r.DiskMB, ports: Amount(r.Ports)}
}

// describe prints an amount of a kind: 0.1 cpus, 32 MB mem, 2 ports.
func (k kind) describe(a Amount) string {
	switch k {
	case cpus:
		return a.String() + " cpus"
	case ports:
		return strconv.Itoa(int(a)) + " ports"
	}
	return a.String() + " MB " + kindNames[k]
}

// describeAll prints the amounts of the given kinds: 0.1 cpus and 32 MB mem.
func describeAll(which []kind, amounts [kinds]Amount) string {
	var parts []string
	for _, k := range which {
		parts = append(parts, k.describe(amounts[k]))
	}
	return joinAnd(parts)
}

// joinAnd joins parts to a list in English.
func joinAnd(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}
