package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/stats"
)

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]Format{"a.svg": SVG, "/x/b.PNG": PNG, "a.png.svg": SVG} {
		if got, err := FormatOf(path); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", path, got, err, want)
		}
	}
	for _, path := range []string{"a.gif", "svg", "", "a.svg/", "a.svg.gz"} {
		if _, err := FormatOf(path); err == nil || !strings.Contains(err.Error(), ".svg or .png") {
			t.Errorf("%s: %v, want an error that names the formats", path, err)
		}
	}
}

// diagramOf draws a simulated run.
func diagramOf(t testing.TB, b *elevator.Building, spec string, lasts time.Duration) *Picture {
	t.Helper()
	r, collected := NewRecorder(b), stats.NewCollector(b)
	all := events(t, b, "eta", spec, 1, lasts)
	for i := range all {
		r.Apply(&all[i])
		collected.Apply(&all[i])
	}
	return r.StringDiagram(Caption{Dispatcher: "eta", Traffic: spec, Seed: 1}, collected)
}

// An SVG is well-formed XML whatever the names in it are.
func TestSVGIsWellFormed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := building.Builtin()
		b.Name = rapid.String().Draw(rt, "building")
		b.Cars[1].Name = rapid.String().Draw(rt, "car")
		b.Floors[2].Name = `<b>&"'` + string([]byte{0, 0xff})
		var out bytes.Buffer
		if err := diagramOf(t, b, "two-way:20%", 30*time.Second).Write(&out, SVG); err != nil {
			rt.Fatal(err)
		}
		for decoder := xml.NewDecoder(&out); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				rt.Fatal(err)
			}
		}
	})
}

// painted draws a picture as PNG and reads it back.
func painted(t testing.TB, p *Picture) image.Image {
	t.Helper()
	var out bytes.Buffer
	if err := p.Write(&out, PNG); err != nil {
		t.Fatal(err)
	}
	read, err := png.Decode(&out)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// inked returns which share of an image is no paper.
func inked(picture image.Image) float64 {
	n, bounds := 0, picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			if color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y < 0xff {
				n++
			}
		}
	}
	return float64(n) / float64(bounds.Dx()*bounds.Dy())
}

func TestPNGHasItsSizeAndInk(t *testing.T) {
	p := diagramOf(t, building.Builtin(), "two-way:20%", 5*time.Minute)
	picture := painted(t, p)
	want := image.Rect(0, 0, int(math.Ceil(p.Width*pngScale)), int(math.Ceil(p.Height*pngScale)))
	if picture.Bounds() != want {
		t.Errorf("bounds %v, want %v", picture.Bounds(), want)
	}
	if share := inked(picture); share < 0.02 || share > 0.3 {
		t.Errorf("%.1f %% of the picture is inked, want some but not most", 100*share)
	}
}

// A picture too large for memory is made with fewer pixels.
func TestPNGIsBounded(t *testing.T) {
	for _, p := range []*Picture{{Width: 10_000, Height: 10_000}, {Width: 1500, Height: 30_000}} {
		width, height, scale := p.pixels()
		if n := width * height; n > maxPixels*1.001 || scale > pngScale {
			t.Errorf("%v by %v is %d pixels at %v, want at most %.0f", p.Width, p.Height, n, scale, maxPixels)
		}
	}
}

// What the rasteriser covers of a shape adds up to the shape's area.
func TestRasterCoversTheArea(t *testing.T) {
	cases := []struct {
		name  string
		shape shape
		want  float64
	}{
		{"rectangle", &area{outline: box(3.25, 4.5, 20.75, 11)}, 17.5 * 6.5},
		{"triangle", &area{outline: []point{{2, 2}, {22, 2}, {2, 22}}}, 200},
		{"partly outside", &area{outline: box(-50, 10, 10, 90)}, 10 * 20},
		{"line", &line{parts: [][]point{{{4, 10}, {24, 10}}}, width: 3}, 60},
		{"slanted line", &line{parts: [][]point{{{4, 4}, {24, 24}}}, width: 3}, 3 * 20 * math.Sqrt2},
		{"hairline", &line{parts: [][]point{{{4, 10.5}, {24, 10.5}}}, width: 0.4}, 8},
		{"round ends", &line{parts: [][]point{{{10, 15}, {20, 15}}}, width: 6, round: true}, 60 + 9*math.Pi},
		{"dot", &line{parts: [][]point{{{15, 15}}}, width: 10, round: true}, 25 * math.Pi},
		{"no dot", &line{parts: [][]point{{{15, 15}}}, width: 10}, 0},
		{"dashes", &line{parts: [][]point{{{2, 10}, {26, 10}}}, width: 2, dash: []float64{4, 4}}, 24},
		{"there and back", &line{parts: [][]point{{{4, 10}, {24, 10}, {4, 10}}}, width: 2}, 40 + math.Pi/2},
	}
	for _, c := range cases {
		r := newRaster(30, 30, 1)
		r.paint(c.shape)
		sum := 0.0
		for i := 0; i < len(r.image.Pix); i += 4 {
			sum += 1 - float64(r.image.Pix[i])/255
		}
		if math.Abs(sum-c.want) > 0.04*c.want+0.5 {
			t.Errorf("%s: covers %.1f pixels, want %.1f", c.name, sum, c.want)
		}
	}
}

// Every character that the figures and usual names need has a glyph, and no two
// look the same.
func TestFontIsComplete(t *testing.T) {
	f := newFont()
	seen := make(map[string]rune)
	characters := []rune("·±×²°→…–äöüé")
	for c := '!'; c <= '~'; c++ {
		if c != '`' {
			characters = append(characters, c)
		}
	}
	for _, c := range characters {
		g, ok := f[c]
		if !ok {
			t.Errorf("no glyph for %q", c)
			continue
		}
		look := fmt.Sprint(g)
		if other, ok := seen[look]; ok && look != fmt.Sprint(f['l']) && look != fmt.Sprint(f['I']) {
			t.Errorf("%q and %q look the same", c, other)
		}
		seen[look] = c
		for _, stroke := range g.strokes {
			for _, q := range stroke {
				if q.x < 0 || q.x > g.width+1e-9 || q.y < -glyphBaseline || q.y > glyphCap+1 {
					t.Errorf("%q leaves its box at %v", c, q)
				}
			}
		}
	}
	if got := f.fit("a very long name", 11, 50); f.width(got, 11) > 50 || !strings.HasSuffix(got, "…") {
		t.Errorf("fit: %q is %.1f wide", got, f.width(got, 11))
	}
}

// Each of the 64 cars a group can have is drawn in its own way.
func TestPensDiffer(t *testing.T) {
	seen := make(map[string]int)
	for i := range elevator.MaxCars {
		c, dash := penOf(i)
		look := fmt.Sprint(c, dash)
		if other, ok := seen[look]; ok {
			t.Errorf("lines %d and %d look the same", other, i)
		}
		seen[look] = i
	}
}

// Thinning keeps the first and last point and all extremes, and at most four
// points in half a pixel.
func TestThin(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var points []point
		x := 0.0
		for range rapid.IntRange(1, 200).Draw(rt, "points") {
			x += rapid.Float64Range(0, 0.3).Draw(rt, "step")
			points = append(points, point{x, rapid.Float64Range(0, 100).Draw(rt, "y")})
		}
		got := thin(points)
		if got[0] != points[0] || got[len(got)-1] != points[len(points)-1] {
			rt.Fatalf("the ends are %v and %v", got[0], got[len(got)-1])
		}
		extremes := func(points []point) (low, high float64) {
			ys := make([]float64, len(points))
			for i, p := range points {
				ys[i] = p.y
			}
			return slices.Min(ys), slices.Max(ys)
		}
		low, high := extremes(points)
		if l, h := extremes(got); l != low || h != high {
			rt.Fatalf("extremes %v and %v, want %v and %v", l, h, low, high)
		}
		if most := 4 * (int(2*x) + 1); len(got) > most {
			rt.Fatalf("%d points over %.1f pixels, want at most %d", len(got), x, most)
		}
		if !slices.IsSortedFunc(got, func(a, b point) int { return int(math.Copysign(1, a.x-b.x)) }) {
			rt.Fatal("the order is lost")
		}
	})
}

func TestSteps(t *testing.T) {
	for over, want := range map[float64]float64{10: 2, 100: 20, 14: 2, 75: 10, 0.9: 0.2, 450: 100} {
		if got := step(over, 8); math.Abs(got-want) > 1e-9 {
			t.Errorf("step(%v) = %v, want %v", over, got, want)
		}
	}
	for least, want := range map[time.Duration]time.Duration{
		time.Millisecond: time.Second, 27 * time.Second: 30 * time.Second, 49 * time.Hour: 72 * time.Hour,
	} {
		if got := timeStep(least); got != want {
			t.Errorf("timeStep(%v) = %v, want %v", least, got, want)
		}
	}
	for _, c := range []struct {
		t     time.Duration
		hours bool
		want  string
	}{{90 * time.Second, false, "1:30"}, {90 * time.Minute, true, "1:30"}, {3661 * time.Second, true, "1:01:01"}, {90 * time.Minute, false, "90:00"}} {
		if got := clockTime(c.t, c.hours); got != c.want {
			t.Errorf("%v: %s, want %s", c.t, got, c.want)
		}
	}
}

// Labels that are moved apart stay in order and within their bounds.
func TestSpread(t *testing.T) {
	ys := []float64{10, 11, 12, 95, 99}
	spread(ys, 10, 100)
	want := []float64{10, 20, 30, 90, 100}
	if !slices.Equal(ys, want) {
		t.Errorf("%v, want %v", ys, want)
	}
}
