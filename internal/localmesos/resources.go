package localmesos

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// amount is so much of one resource: a scalar in thousandths, or ranges.
type amount struct {
	name   string
	milli  int64       // of a scalar
	ranges []PortRange // sorted, disjoint; nil for a scalar
	isList bool        // the resource is of type RANGES
}

// bundle is a set of unreserved resources in the order they were first named.
// Invariant: each name occurs once. The methods do not change their receiver.
type bundle []amount

// toMilli is Mesos' fixed point: three decimals, rounded to the nearest.
func toMilli(value float64) int64 { return int64(math.RoundToEven(value * 1000)) }

func (r Resources) bundle() bundle {
	b := bundle{
		{name: "ports", ranges: normalize(slices.Clone(r.Ports)), isList: true},
		{name: "cpus", milli: toMilli(r.CPUs)},
		{name: "mem", milli: toMilli(r.MemMB)},
		{name: "disk", milli: toMilli(r.DiskMB)},
		{name: "gpus", milli: toMilli(r.GPUs)},
	}
	return b.withoutEmpty()
}

// bundleOf sums up the resources of a message. Resources of other types than
// SCALAR and RANGES do not exist here and are ignored.
func bundleOf(resources []mesos.Resource) bundle {
	var b bundle
	for _, r := range resources {
		switch {
		case r.GetScalar() != nil:
			b = b.plus(bundle{{name: r.Name, milli: toMilli(r.Scalar.Value)}})
		case r.GetRanges() != nil:
			a := amount{name: r.Name, isList: true}
			for _, span := range r.Ranges.Range {
				a.ranges = append(a.ranges, PortRange{span.Begin, span.End})
			}
			a.ranges = normalize(a.ranges)
			b = b.plus(bundle{a})
		}
	}
	return b.withoutEmpty()
}

// validateResources finds the first resource that no task may ask for.
func validateResources(resources []mesos.Resource) error {
	for _, r := range resources {
		if problem := resourceProblem(r); problem != "" {
			return fmt.Errorf("Resource '%s' is invalid: %s", resourceText(r), problem)
		}
	}
	return nil
}

func resourceProblem(r mesos.Resource) string {
	switch {
	case r.Name == "":
		return "Empty resource name"
	case r.GetType() == mesos.SCALAR && r.Scalar == nil:
		return "Invalid scalar resource"
	case r.GetType() == mesos.SCALAR && r.Scalar.Value != 0 && toMilli(r.Scalar.Value) <= 0:
		return "Invalid scalar resource: value <= 0"
	case r.GetType() == mesos.RANGES && r.Ranges == nil:
		return "Invalid ranges resource"
	case r.GetType() == mesos.RANGES:
		for _, span := range r.Ranges.Range {
			if span.Begin > span.End {
				return "Invalid ranges resource: begin > end"
			}
		}
	}
	return ""
}

func resourceText(r mesos.Resource) string {
	if r.GetRanges() != nil {
		var spans []string
		for _, span := range r.Ranges.Range {
			spans = append(spans, fmt.Sprintf("%d-%d", span.Begin, span.End))
		}
		return r.Name + ":[" + strings.Join(spans, ", ") + "]"
	}
	return r.Name + ":" + milliText(toMilli(r.GetScalar().GetValue()))
}

func (b bundle) get(name string) amount {
	for _, a := range b {
		if a.name == name {
			return a
		}
	}
	return amount{name: name}
}

func (b bundle) plus(other bundle) bundle {
	sum := slices.Clone(b)
	for _, a := range other {
		i := slices.IndexFunc(sum, func(s amount) bool { return s.name == a.name })
		if i < 0 {
			sum = append(sum, a)
			continue
		}
		sum[i].milli += a.milli
		sum[i].isList = sum[i].isList || a.isList
		sum[i].ranges = normalize(slices.Concat(sum[i].ranges, a.ranges))
	}
	return sum
}

func (b bundle) minus(other bundle) bundle {
	rest := slices.Clone(b)
	for i := range rest {
		a := other.get(rest[i].name)
		rest[i].milli -= a.milli
		rest[i].ranges = subtract(rest[i].ranges, a.ranges)
	}
	return rest.withoutEmpty()
}

func (b bundle) withoutEmpty() bundle {
	return slices.DeleteFunc(b, func(a amount) bool { return a.milli == 0 && len(a.ranges) == 0 })
}

// contains says whether other can be taken out of b.
func (b bundle) contains(other bundle) bool {
	for _, a := range other {
		have := b.get(a.name)
		if a.milli > have.milli || len(subtract(a.ranges, have.ranges)) > 0 {
			return false
		}
	}
	return true
}

// proto is the bundle as it is offered; a role other than "" is shown as the
// allocation's.
func (b bundle) proto(role string) []mesos.Resource {
	var resources []mesos.Resource
	for _, a := range b {
		star := "*"
		r := mesos.Resource{Name: a.name, Role: &star}
		if a.isList {
			r.Type = mesos.RANGES.Enum()
			r.Ranges = &mesos.Value_Ranges{}
			for _, span := range a.ranges {
				r.Ranges.Range = append(r.Ranges.Range, mesos.Value_Range{Begin: span.Begin, End: span.End})
			}
		} else {
			r.Type = mesos.SCALAR.Enum()
			r.Scalar = &mesos.Value_Scalar{Value: float64(a.milli) / 1000}
		}
		if role != "" {
			r.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &role}
		}
		resources = append(resources, r)
	}
	return resources
}

// text is the bundle as Mesos prints it, allocated to the role.
func (b bundle) text(role string) string {
	var parts []string
	for _, a := range b {
		value := milliText(a.milli)
		if a.isList {
			var spans []string
			for _, span := range a.ranges {
				spans = append(spans, fmt.Sprintf("%d-%d", span.Begin, span.End))
			}
			value = "[" + strings.Join(spans, ", ") + "]"
		}
		parts = append(parts, fmt.Sprintf("%s(allocated: %s):%s", a.name, role, value))
	}
	return strings.Join(parts, "; ")
}

func milliText(milli int64) string {
	return strconv.FormatFloat(float64(milli)/1000, 'f', -1, 64)
}

// normalize sorts the ranges and joins those that touch.
func normalize(ranges []PortRange) []PortRange {
	slices.SortFunc(ranges, func(a, b PortRange) int { return cmp.Compare(a.Begin, b.Begin) })
	var joined []PortRange
	for _, r := range ranges {
		if last := len(joined) - 1; last >= 0 && r.Begin <= joined[last].End+1 {
			joined[last].End = max(joined[last].End, r.End)
			continue
		}
		joined = append(joined, r)
	}
	return joined
}

// subtract takes the second ranges out of the first; both are normalized.
func subtract(ranges, taken []PortRange) []PortRange {
	for _, t := range taken {
		var rest []PortRange
		for _, r := range ranges {
			if t.End < r.Begin || t.Begin > r.End {
				rest = append(rest, r)
				continue
			}
			if r.Begin < t.Begin {
				rest = append(rest, PortRange{r.Begin, t.Begin - 1})
			}
			if r.End > t.End {
				rest = append(rest, PortRange{t.End + 1, r.End})
			}
		}
		ranges = rest
	}
	return ranges
}
