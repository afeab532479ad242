package sim

import (
	"testing"
)

// One run is 30 minutes of lunch traffic in lunch20.
func BenchmarkEngine(b *testing.B) {
	for _, d := range entries(b, "uncoordinated", "eta") {
		b.Run(d.Name, func(b *testing.B) {
			configs, err := engineRuns()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				c := configs[i%len(configs)]
				c.Dispatcher = d
				if _, err := Run(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
