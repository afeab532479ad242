package plot

import (
	"strings"
	"unicode/utf8"
)

// The stroke font: a glyph is a few strokes of one pen, so it can be drawn at
// any size and direction by whatever draws lines. In the table a line is a
// character, its width, and its strokes. A stroke is a list of points of two
// digits each, x from the left and y from below, on a grid on which 0 is the
// lowest descender, 3 the baseline, 9 the top of small letters and c (12) that
// of capitals. A stroke that begins with ~ is a quadratic B-spline with those
// control points, one that begins with @ a closed one.
const glyphTable = `
A 6 033c63 1656
B 6 030c ~0c3c5c583808 ~083868633303 03330333 08380838 0c3c
C 6 ~6a6c0c036365
D 6 030c ~0c2c6c632303
E 5 5c0c0353 0848
F 5 5c0c03 0848
G 6 ~6a6c0c036367 6737
H 6 030c 636c 0868
I 0 030c
J 4 ~4c46430306
K 6 030c 6c07 2963
L 5 0c0353
M 8 030c458c83
N 6 030c636c
O 7 @0c7c7303
P 6 030c ~0c3c6c673707
Q 7 @0c7c7303 4672
R 6 030c ~0c3c6c673707 3763
S 6 ~6a6c0c0867630305
T 6 0c6c 3c33
U 6 ~0c060363666c
V 6 0c336c
W 8 0c234a638c
X 6 036c 0c63
Y 6 0c376c 3733
Z 6 0c6c0363
a 5 ~0809595653 ~5606035355
b 5 0c03 @09595303
c 5 ~585909035354
d 5 5c53 @09595303
e 5 0656 ~565909035354
f 3 ~3c1c1a13 0939
g 5 @09595303 5953 ~5953500001
h 5 0c03 ~0609595653
i 0 0903 0b0c
j 1 ~19111000 1b1c
k 5 0c03 4905 2753
l 0 0c03
m 8 0903 ~0609494643 ~4649898683
n 5 0903 ~0609595653
o 5 @09595303
p 5 0900 @09595303
q 5 5950 @09595303
r 3 0903 ~060939
s 4 ~4849090646430304
t 3 ~1c141333 0939
u 5 ~0906035356 5953
v 4 092349
w 8 0923486389
x 4 0943 0349
y 4 0923 4910
z 4 09490343
0 5 @0c5c5303
1 5 1a3c33
2 5 ~0a0c5c5803 0353
3 5 ~0a0c5c5828 ~2858530305
4 5 434c0656
5 5 5c1c08 ~082959530304
6 5 ~5b5c0c0605 @09595303
7 5 0c5c23
8 5 @0c5c5808 @08585303
9 5 @0c5c5606 ~5a59530304
. 0 0304
, 1 1402
: 0 0304 0809
; 1 1402 1809
! 0 0c06 0304
? 5 ~0a0c5c582826 2324
- 3 0737
– 5 0757
— 9 0797
+ 4 0747 2529
= 4 0848 0646
/ 4 024c
\ 4 0c42
( 2 ~2d0b0422
) 2 ~0d2b2402
[ 2 2d0d0222
] 2 0d2d2202
{ 3 3d1d1907151131
} 3 0d2d2937252101
< 4 490745
> 4 094705
% 7 136c @0c2c2909 @56767353
* 4 2b27 0a48 084a
# 6 1324 132c 435c 0969 0666
$ 6 ~6a6c0c0867630305 3d32
& 7 731a ~1a1c4c4a0703 ~0603436376
@ 8 @28686444 ~6865858c0c032363
' 0 0c0a
" 2 0c0a 2c2a
^ 4 0a2c4a
_ 5 0151
| 0 0d01
~ 5 ~0709265759
· 0 0708
± 4 0848 2a26 0444
× 4 0549 0945
² 3 ~0b0d3d3a07 0737
° 2 @0c2c2a0a
→ 6 0767 496745
… 6 0304 3334 6364
ä 5 ~0809595653 ~5606035355 1b1c 4b4c
ö 5 @09595303 1b1c 4b4c
ü 5 ~0906035356 5953 1b1c 4b4c
é 5 0656 ~565909035354 2b4d
è 5 0656 ~565909035354 1d3b
`

const (
	glyphBaseline = 3
	glyphCap      = 9     // grid units from the baseline to the top of capitals
	capShare      = 0.716 // of the font size, as in Helvetica
	glyphGap      = 2.2   // between two glyphs
	spaceWidth    = 1.6
)

// glyph is one character's strokes on the grid, curves made polylines.
type glyph struct {
	width   float64
	strokes [][]point
}

// font holds glyphs by character. Characters it has not are drawn as a box.
type font map[rune]glyph

func newFont() font {
	f := font{' ': {width: spaceWidth}}
	for row := range strings.Lines(glyphTable) {
		fields := strings.Fields(row)
		if len(fields) < 3 {
			continue
		}
		char, _ := utf8.DecodeRuneInString(fields[0])
		g := glyph{width: grid(fields[1][0])}
		for _, stroke := range fields[2:] {
			g.strokes = append(g.strokes, strokePoints(stroke))
		}
		f[char] = g
	}
	return f
}

// grid reads one digit of the table: 0 to 9, a to d.
func grid(digit byte) float64 {
	if digit >= 'a' {
		return float64(digit-'a') + 10
	}
	return float64(digit - '0')
}

func strokePoints(stroke string) []point {
	kind := stroke[0]
	if kind == '~' || kind == '@' {
		stroke = stroke[1:]
	}
	var points []point
	for i := 0; i+1 < len(stroke); i += 2 {
		points = append(points, point{grid(stroke[i]), grid(stroke[i+1]) - glyphBaseline})
	}
	switch kind {
	case '~':
		return spline(points)
	case '@':
		n := len(points)
		first := between(points[n-1], points[0])
		closed := append([]point{first}, points...)
		return spline(append(closed, first))
	}
	return points
}

func between(a, b point) point { return point{(a.x + b.x) / 2, (a.y + b.y) / 2} }

// spline returns the quadratic B-spline of control points, of which it touches
// the first and the last, as a polyline.
func spline(control []point) []point {
	const steps = 6
	out := []point{control[0]}
	from := control[0]
	for i := 1; i+1 < len(control); i++ {
		to := between(control[i], control[i+1])
		if i+2 == len(control) {
			to = control[i+1]
		}
		for k := 1; k <= steps; k++ {
			t := float64(k) / steps
			a, b, c := (1-t)*(1-t), 2*t*(1-t), t*t
			out = append(out, point{a*from.x + b*control[i].x + c*to.x, a*from.y + b*control[i].y + c*to.y})
		}
		from = to
	}
	return out
}

func (f font) glyph(char rune) glyph {
	if g, ok := f[char]; ok {
		return g
	}
	return glyph{5, [][]point{{{0, 0}, {0, 9}, {5, 9}, {5, 0}, {0, 0}}}}
}

// width returns how wide a text is at a font size, in pixels.
func (f font) width(body string, size float64) float64 {
	units := 0.0
	for _, char := range body {
		units += f.glyph(char).width + glyphGap
	}
	return units * size * capShare / glyphCap
}

// fit cuts a text so that it is no wider than it may be.
func (f font) fit(body string, size, width float64) string {
	if f.width(body, size) <= width {
		return body
	}
	runes := []rune(body)
	for len(runes) > 0 && f.width(string(runes)+"…", size) > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// strokes returns the text as polylines and the pen's width.
func (f font) strokes(t *words) (parts [][]point, width float64) {
	scale := t.size * capShare / glyphCap
	x := [...]float64{0, -f.width(t.body, t.size) / 2, -f.width(t.body, t.size)}[t.anchor]
	for _, char := range t.body {
		g := f.glyph(char)
		for _, stroke := range g.strokes {
			part := make([]point, len(stroke))
			for i, q := range stroke {
				right, up := x+(q.x+glyphGap/2)*scale, q.y*scale
				part[i] = point{t.at.x + right, t.at.y - up}
				if t.upward {
					part[i] = point{t.at.x - up, t.at.y - right}
				}
			}
			parts = append(parts, part)
		}
		x += (g.width + glyphGap) * scale
	}
	if t.bold {
		return parts, 0.125 * t.size
	}
	return parts, 0.085 * t.size
}
