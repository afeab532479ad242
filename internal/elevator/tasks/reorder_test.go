package tasks

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

// What is held leaves by time, and by arrival where times are equal: a stable
// sort of what came.
func TestReorderIsAStableSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "times")
		var r reorder
		var want []elevator.Event
		for i, at := range times {
			e := elevator.NewEvent(time.Duration(at), elevator.PassengerArrived)
			e.Passenger = elevator.PassengerID(i)
			want = append(want, e)
			r.add(e)
		}
		slices.SortStableFunc(want, func(a, b elevator.Event) int { return cmp.Compare(a.T, b.T) })
		for _, w := range want {
			if at, held := r.earliest(); !held || at != w.T {
				t.Fatalf("earliest is %v, %v; want %v", at, held, w.T)
			}
			if got := r.pop(); got != w {
				t.Fatalf("left %+v, want %+v", got, w)
			}
		}
		if _, held := r.earliest(); held {
			t.Fatal("something is still held")
		}
	})
}
