package placement

import (
	"cmp"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// normalise returns the ranges in ascending order, apart from each other, and without what is no port.
func normalise(ranges []mesos.Value_Range) []mesos.Value_Range {
	sorted := slices.Clone(ranges)
	slices.SortFunc(sorted, func(x, y mesos.Value_Range) int { return cmp.Compare(x.Begin, y.Begin) })
	var out []mesos.Value_Range
	for _, r := range sorted {
		r.End = min(r.End, maxPort)
		if r.Begin > r.End {
			continue
		}
		if n := len(out); n > 0 && r.Begin <= out[n-1].End+1 {
			out[n-1].End = max(out[n-1].End, r.End)
			continue
		}
		out = append(out, r)
	}
	return out
}

// subtract returns the ports of the normal ranges that are not in the other normal ranges.
func subtract(ranges, others []mesos.Value_Range) []mesos.Value_Range {
	var out []mesos.Value_Range
	for _, r := range ranges {
		next := r.Begin
		for _, o := range others {
			if o.End < next || o.Begin > r.End {
				continue
			}
			if o.Begin > next {
				out = append(out, mesos.Value_Range{Begin: next, End: o.Begin - 1})
			}
			next = o.End + 1
		}
		if next <= r.End {
			out = append(out, mesos.Value_Range{Begin: next, End: r.End})
		}
	}
	return out
}

// countPorts counts the ports of normal ranges.
func countPorts(ranges []mesos.Value_Range) (n uint64) {
	for _, r := range ranges {
		n += r.End - r.Begin + 1
	}
	return n
}

// splitPorts divides normal ranges into their n lowest ports and the others.
func splitPorts(ranges []mesos.Value_Range, n uint64) (lowest, others []mesos.Value_Range) {
	for i, r := range ranges {
		if n == 0 {
			return lowest, ranges[i:]
		}
		size := r.End - r.Begin + 1
		if size > n {
			lowest = append(lowest, mesos.Value_Range{Begin: r.Begin, End: r.Begin + n - 1})
			rest := slices.Clone(ranges[i:])
			rest[0].Begin = r.Begin + n
			return lowest, rest
		}
		lowest = append(lowest, r)
		n -= size
	}
	return lowest, nil
}
