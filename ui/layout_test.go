package ui

import "testing"

func TestLayoutOfTheGroupPage(t *testing.T) {
	kinds := map[groupKind]string{byShafts: "shafts", byLines: "lines", byCells: "cells"}
	for _, test := range []struct {
		w, h, floors, cars int // of the terminal
		kind               string
		beside             bool
		table              bool
	}{
		{160, 50, 8, 4, "shafts", true, true},
		{160, 50, 14, 6, "shafts", true, true},
		{120, 40, 14, 6, "shafts", true, true},
		{80, 24, 8, 4, "shafts", true, true},
		{80, 24, 14, 6, "shafts", false, false},
		{80, 24, 14, 8, "shafts", false, false},
		{80, 24, 30, 6, "lines", false, true},
		{80, 24, 8, 12, "lines", false, true},
		{60, 16, 8, 4, "shafts", false, false},
		{60, 16, 14, 6, "lines", false, true},
		{40, 10, 8, 4, "lines", false, true},
		{40, 10, 8, 5, "cells", false, true},
		{80, 24, 60, 24, "cells", false, true},
	} {
		l := layoutGroup(test.w, test.h-3, groupSize{test.floors, test.cars, 5, 1}, bestView)
		if got := kinds[l.kind]; got != test.kind || l.beside != test.beside || l.cars.n > 0 != test.table {
			t.Errorf("%dx%d, %d floors, %d cars: %s, beside %v, cars %d; want %s, %v, %v", test.w, test.h, test.floors,
				test.cars, got, l.beside, l.cars.n, test.kind, test.beside, test.table)
		}
	}
}

// No two parts of the page share a row or column, and all are on the terminal,
// whatever the operator wants to see.
func TestLayoutPartsDoNotOverlap(t *testing.T) {
	for w := leastWidth; w < 200; w += 3 {
		for h := leastHeight - 3; h < 70; h++ {
			for _, size := range []groupSize{{2, 1, 5, 1}, {8, 4, 5, 1}, {14, 6, 8, 4}, {40, 8, 5, 1}, {60, 16, 5, 1}, {100, 64, 5, 2}} {
				for wanted := range groupViews {
					l := layoutGroup(w, h, size, wanted)
					rows := []span{l.shafts, l.cars, l.calls, l.tasks, l.events}
					if !l.beside {
						rows = append(rows, l.averages)
					}
					used := make([]int, h)
					for _, part := range rows {
						for y := part.from; y < part.from+part.n; y++ {
							if y < 0 || y >= h {
								t.Fatalf("%dx%d %v: row %d of %+v", w, h, size, y, l)
							}
							if used[y]++; used[y] > 1 {
								t.Fatalf("%dx%d %v: row %d is used twice: %+v", w, h, size, y, l)
							}
						}
					}
					if l.shafts.n > 0 && (l.left+l.shown*l.column > w || l.shown == 0 || l.floors < 1) {
						t.Fatalf("%dx%d %v: the shafts are wider than the page: %+v", w, h, size, l)
					}
				}
			}
		}
	}
}

func TestFit(t *testing.T) {
	for _, test := range []struct {
		text string
		w    int
		want string
	}{
		{"lobby", 5, "lobby"},
		{"lobby", 4, "lob~"},
		{"lobby", 1, "~"},
		{"", 3, ""},
		{"ロビー", 6, "ロビー"},
		{"ロビー", 5, "ロビ~"},
		{"ロビー", 4, "ロ~"},
	} {
		if got := fit(test.text, test.w); got != test.want {
			t.Errorf("fit(%q, %d) = %q, want %q", test.text, test.w, got, test.want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, test := range []struct {
		name string
		w    int
		want string
	}{
		{"Lobby", 8, "Lobby"},
		{"Parking -2", 8, "Parki~-2"},
		{"Parking -1", 8, "Parki~-1"},
		{"Service", 4, "Ser~"},
		{"ロビー階", 6, "ロ~階"},
		{"ab", 1, "~"},
	} {
		if got := shorten(test.name, test.w); got != test.want || width(got) > test.w {
			t.Errorf("shorten(%q, %d) = %q, want %q", test.name, test.w, got, test.want)
		}
	}
}

// Whatever a name holds, it stays in its place and sends no commands to the
// terminal.
func TestNamesCannotControlTheTerminal(t *testing.T) {
	f := newFrame(10, 1)
	f.all().put(0, 0, plain, "a\x1b[2J\tロe\u0301")
	if got := f.text(); got != "a [2J ロe\u0301\n" {
		t.Errorf("%q", got)
	}
	f = newFrame(10, 1)
	f.ascii = true
	f.all().put(0, 0, plain, "Zürich")
	if got := f.text(); got != "Z?rich\n" {
		t.Errorf("%q", got)
	}
}
