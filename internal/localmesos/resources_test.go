package localmesos

import (
	"slices"
	"testing"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"pgregory.net/rapid"
)

// drawBundle draws small bundles, so that they often touch.
func drawBundle(t *rapid.T, label string) bundle {
	r := Resources{
		CPUs:  float64(rapid.IntRange(0, 40).Draw(t, label+" cpus")) / 10,
		MemMB: float64(rapid.IntRange(0, 4).Draw(t, label+" mem")),
	}
	for range rapid.IntRange(0, 3).Draw(t, label+" ranges") {
		begin := rapid.Uint64Range(1, 20).Draw(t, label+" begin")
		r.Ports = append(r.Ports, PortRange{begin, begin + rapid.Uint64Range(0, 5).Draw(t, label+" length")})
	}
	return r.bundle()
}

// ports is the obviously right form of ranges: the set.
func ports(b bundle) map[uint64]bool {
	set := make(map[uint64]bool)
	for _, r := range b.get("ports").ranges {
		for p := r.Begin; p <= r.End; p++ {
			set[p] = true
		}
	}
	return set
}

func TestBundleArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := drawBundle(t, "x"), drawBundle(t, "y")
		sum, px, py := x.plus(y), ports(x), ports(y)
		for p := range uint64(30) {
			if ports(sum)[p] != (px[p] || py[p]) {
				t.Fatalf("port %d of %v + %v = %v", p, x, y, sum)
			}
			if ports(x.minus(y))[p] != (px[p] && !py[p]) {
				t.Fatalf("port %d of %v - %v", p, x, y)
			}
		}
		if got := sum.get("cpus").milli; got != x.get("cpus").milli+y.get("cpus").milli {
			t.Fatalf("cpus of the sum: %d", got)
		}
		if !sum.contains(x) || !sum.contains(y) {
			t.Fatalf("%v does not contain %v and %v", sum, x, y)
		}
		contained := x.get("cpus").milli >= y.get("cpus").milli && x.get("mem").milli >= y.get("mem").milli
		for p := range py {
			contained = contained && px[p]
		}
		if x.contains(y) != contained {
			t.Fatalf("%v contains %v: %v", x, y, !contained)
		}
		if again := bundleOf(x.proto("")); !again.contains(x) || !x.contains(again) {
			t.Fatalf("%v became %v", x, again)
		}
	})
}

func TestFixedPoint(t *testing.T) {
	var sum bundle
	for range 10 {
		sum = sum.plus(bundleOf([]mesos.Resource{scalar("cpus", 0.1)}))
	}
	if whole := (Resources{CPUs: 1}).bundle(); !whole.contains(sum) || len(whole.minus(sum)) != 0 {
		t.Errorf("ten times 0.1 is %v", sum)
	}
	for value, want := range map[float64]string{0.0004: "0", 0.0006: "0.001", 7.7: "7.7", 4096: "4096"} {
		if got := milliText(toMilli(value)); got != want {
			t.Errorf("%v is %s, want %s", value, got, want)
		}
	}
	if got := normalize([]PortRange{{5, 6}, {1, 2}, {3, 3}}); !slices.Equal(got, []PortRange{{1, 3}, {5, 6}}) {
		t.Errorf("ranges %v", got)
	}
}
