package ui

import (
	"testing"
	"time"
)

// One frame of the fullest page, as drawn ten times a second.
func BenchmarkView(b *testing.B) {
	m := busy().show(5 * time.Second)
	b.ReportAllocs()
	for b.Loop() {
		view(m, 160, 50)
	}
}

// One frame of 16 moving cars.
func BenchmarkViewOfATower(b *testing.B) {
	m := tower().show(5 * time.Second)
	b.ReportAllocs()
	for b.Loop() {
		view(m, 160, 50)
	}
}

// Folding one event into all that the screens show.
func BenchmarkFold(b *testing.B) {
	events := long().sorted()
	s := &site{}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		s.fold(&events[i])
		if i++; i == len(events) {
			i = 0
		}
	}
}
